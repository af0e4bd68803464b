"""An exported page shows what the screen shows: small tags, notes, other HTML as text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from markdown_it.token import Token

from studio.core.markdown.tags import Tag, drawn_tags
from studio.core.transfer import html_page
from studio.core.transfer.html_page import _rendered


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("H<sub>2</sub>O", "<p>H<sub>2</sub>O</p>"),
        ("x<SUP>**2**</sup >", "<p>x<sup><strong>2</strong></sup></p>"),
        ("<kbd>Ctrl</kbd> <u>u</u> <mark>m</mark>",
         "<p><kbd>Ctrl</kbd> <u>u</u> <mark>m</mark></p>"),
        ("a </u> <sub>b", "<p>a &lt;/u&gt; &lt;sub&gt;b</p>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("a <sub onclick=x>b</sub>", "<p>a &lt;sub onclick=x&gt;b&lt;/sub&gt;</p>"),
        ("`<sub>`", "<p><code>&lt;sub&gt;</code></p>"),
        ("<script>x</script>", "<pre><code>&lt;script&gt;x&lt;/script&gt;</code></pre>"),
        ("> [!NOTE]\n> hi **b**",
         "<blockquote>\n<p><strong>Note</strong></p>\n<p>hi <strong>b</strong></p>\n</blockquote>"),
        ("> [!warning] hi",
         "<blockquote>\n<p><strong>Warning</strong></p>\n<p>hi</p>\n</blockquote>"),
        ("> [!OTHER]\n> hi", "<blockquote>\n<p>[!OTHER]\nhi</p>\n</blockquote>"),
    ],
)  # fmt: skip
def test_what_is_read_on_the_screen_is_read_on_the_page(source: str, shown: str) -> None:
    assert _rendered(source, asked=False).strip() == shown


def test_small_tags_in_a_table_are_drawn() -> None:
    made = _rendered("| a |\n|---|\n| H<sub>2</sub><br>O <i>x</i> |", asked=False)
    assert "<td>H<sub>2</sub><br>\nO &lt;i&gt;x&lt;/i&gt;</td>" in made


def test_what_the_user_wrote_stays_as_it_was_written() -> None:
    made = _rendered("H<sub>2</sub>O", asked=True)
    assert "H&lt;sub&gt;2&lt;/sub&gt;O" in made


def test_a_page_full_of_tags_is_paired_once_a_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(tokens: Sequence[Token], *, cell: bool) -> dict[int, Tag]:
        calls.append(len(tokens))
        return drawn_tags(tokens, cell=cell)

    monkeypatch.setattr(html_page, "drawn_tags", counted)
    made = _rendered("<u>a</u> " * 500 + "\n\n<u>b</u>", asked=False)
    assert made.count("<u>") == 501
    assert len(calls) == 2
