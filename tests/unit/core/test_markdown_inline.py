"""Words, marks, links, formulas and pictures within a paragraph."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.markdown.inline import (  # the parser's way, to compare with
    GrowingRuns,
    _joined,
    _styled,
    plain,
    runs,
)
from studio.core.markdown.links import host_of, linked, safe_link
from studio.core.markdown.pictures import with_stand_ins
from studio.core.markdown.rules import answer_parser
from studio.core.markdown.runs import Face, Run

PIECES = [
    *(
        "a",
        "b1",
        " ",
        "  ",
        "\n",
        "**",
        "*",
        "***",
        "`",
        "``",
        "_",
        "__",
        "~",
        "~~",
        "!",
        "![",
        "<",
    ),
    *("**b**", "*i*", "`c`", "**B:**", "snake_case", "[x](https://a.b/c)", "[x y](http://q)", "["),
    *("](", ")", "(", "]", "<b>", "&", "&amp;", "$", "\\", "中", "文，", '"', ".", ":", "é", "-"),
    *("\\(", "\\)", "\\[", "\\]"),
    *("**结论：**", "“", "”", "（", "）", "。", "~~旧~~", "$ x $", "$5", "$HOME/", "$a_1$", "¥"),
    *(
        "<u>",
        "</u>",
        "<sub>2</sub>",
        "<br>",
        "<br/>",
        "<kbd>",
        "\\begin{a}",
        "\\end{a}",
        "한",
        "か",
    ),
    *("https://a.b/中", "?q=中", "![p](data:image/png;base64,iVBOR", "iVBORw0KGgo" * 12),
    *("😀", "$x^2$", "http://a.b/c", "\\(y\\)", "[r]", "![p](http://h/i.png)"),
]
contents = st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map("".join).map(str.strip)
REFERENCES: dict[str, Any] = {"references": {"R": {"href": "/ref", "title": ""}}}


def _parsed(content: str) -> list[Run]:
    tokens: list[Any] = []
    parser = answer_parser()
    content, pictures = with_stand_ins(content)
    parser.inline.parse(content, parser, REFERENCES, tokens)
    return linked(_joined(_styled(tokens, pictures)))


@given(contents)
@settings(max_examples=1500, deadline=None)
def test_the_quick_reader_reads_as_the_parser_does(content: str) -> None:
    """What it does not know it leaves to the parser, from where nothing before matters."""
    assert runs(content, REFERENCES) == (_parsed(content) if content else [])


@given(contents)
@settings(max_examples=300, deadline=None)
def test_a_growing_paragraph_reads_as_if_it_came_at_once(content: str) -> None:
    """Its beginning is not read again once nothing can change it."""
    growing = GrowingRuns()
    for end in range(1, len(content) + 1):
        grown = content[:end].rstrip()
        assert growing.read(grown, REFERENCES) == runs(grown, REFERENCES)


@pytest.mark.parametrize(
    ("content", "formulas"),
    [
        ("costs $5 and $10", []),
        ("between $5-$10 or 3$ more", []),
        ("from 5$ to 10$", []),
        ("$5, or $6 today", []),
        ("a$b$c", []),
        ("US$5 and US$6", []),
        ("价格从 $5 降到 $3", []),
        ("only 5 and $ alone $", []),
        ("energy $E=mc^2$ holds", ["$E=mc^2$"]),
        ("for $x$, and $y_1$.", ["$x$", "$y_1$"]),
        ("平均 $n\\log n$ 次", ["$n\\log n$"]),
        ("\\(a+b\\) and \\[c\\]", ["\\(a+b\\)", "\\[c\\]"]),
        ("inline $$\\sum x$$ too", ["$$\\sum x$$"]),
        ("`$x$` is code", []),
        ("open $x + y", []),
        ("\\$x\\$", []),
        ("$a\\$b$", ["$a\\$b$"]),
    ],
)
def test_formulas_are_found_and_prices_are_not(content: str, formulas: list[str]) -> None:
    """Only with both marks, and with the marks in the text."""
    assert [run.text for run in runs(content) if run.face & Face.FORMULA] == formulas


@pytest.mark.parametrize(
    ("content", "href"),
    [
        ("见https://x.com/a，然后", "https://x.com/a"),
        ("(see https://x.com/a_(b))", "https://x.com/a_(b)"),
        ("https://x.com/a.", "https://x.com/a"),
        ("go to www.example.com now", "https://www.example.com"),
        ("**https://x.com**", "https://x.com"),
        ("[words](https://x.com)", "https://x.com"),
        ("<https://x.com/?a=1&b=2>", "https://x.com/?a=1&b=2"),
    ],
)
def test_addresses_are_links(content: str, href: str) -> None:
    """Bare ones end where Chinese or punctuation goes on."""
    assert [run.href for run in runs(content) if run.href] == [href]


@pytest.mark.parametrize("content", ["main.py", "a@b.com", "http://", "x.https", "`http://a.b`"])
def test_what_only_looks_like_an_address_is_text(content: str) -> None:
    """No guess at file names and mail addresses."""
    assert not any(run.href for run in runs(content))


def test_a_picture_is_its_words_and_its_host() -> None:
    """Never its content."""
    content = "![a chart](https://cdn.example.com/c.png?chat=secret) ![](file:///etc/passwd)"
    assert plain(runs(content)) == "a chart (cdn.example.com) ![](file:///etc/passwd)"


def test_raw_html_stays_visible() -> None:
    """Nothing between angle brackets is swallowed."""
    content = 'Use the `<div class="a">`tag`</div>` or <br> and <img src=x onerror=alert(1)>'
    shown = plain(runs(content))
    assert shown == 'Use the <div class="a">tag</div> or <br> and <img src=x onerror=alert(1)>'


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "vbscript:x"),
        *("file:///etc/passwd", "FILE:///etc/passwd", "smb://host/share", "//host/share"),
        *("\\\\host\\share", "ms-msdt:/id", "vscode://x", "data:text/html,<b>", "mailto:a@b.c"),
        *("http://", "https:///x", "http://a b.com", "https://a.com\n.evil.com", "/relative"),
        *("https://user:pass@evil.com", "https://good.com@evil.com/", "https://a.com\u202e/x"),
        *("https://a.com/\x00", "http:\\\\evil.com", "", "https://[::1", "https://a:99999999/"),
    ],
)
def test_only_plain_http_links_may_be_opened(address: str) -> None:
    """Everything else is shown but leads nowhere."""
    assert safe_link(address) == ""


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://example.com/a?b=c", "example.com"),
        ("HTTP://Example.COM", "example.com"),
        ("https://例え.jp/", "xn--r8jz45g.jp"),
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),
        ("http://localhost:8000/x", "localhost:8000"),
    ],
)
def test_the_true_host_is_shown(address: str, host: str) -> None:
    """Look-alike letters are spelt out."""
    assert safe_link(address) == address
    assert host_of(address) == host
