"""Conversations as files to be read: safe pages, plain Markdown, names that stay where they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from studio.core.messages import Conversation, Message, MessageStatus, ReasoningPart, Role, TextPart
from studio.core.transfer.common import ConversationFormat, different_stems, file_stem, is_file_name
from studio.core.transfer.html_page import html_of
from studio.core.transfer.markdown_text import closed, markdown_of
from studio.core.transfer.page import Page
from studio.storage.history import conversations, messages
from studio.storage.transfer.export import export_conversations, page_of
from tests.unit.storage.transfer_parts import House, small_picture

HOSTILE = """# Words <b>and</b> tags
<script>alert(1)</script> <img src=x onerror=alert(1)> <svg onload=alert(1)>
<style>body{display:none}</style><iframe src="https://evil.example"></iframe>
<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="//evil.example">
[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](file:///etc/passwd)
[e](vbscript:x) [f](https://good.example/?a=1&b="2"<3>) ![g](https://evil.example/t.png)
![h](file:///etc/passwd) ![i](//evil.example/x) ![j](data:image/svg+xml;base64,AAAA)
![k][ref] <https://good.example/<script>> [l](#x "onclick=alert(1)")

[ref]: https://evil.example/ref.png "title\\" onload=alert(1)"

| a | <script>b</script> |
|---|---|
| `<x>` | 2 |

```"><script>alert(1)</script>
</code></pre><script>alert(1)</script>
```
$a<b$ and $$<script>alert(1)</script>$$ [^1]

[^1]: <script>note</script>
"""


class Tags(HTMLParser):
    """Collects what a browser would see: tags with their attributes, and the text between."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


KNOWN = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "article",
        "div",
        "p",
        "br",
        "hr",
    ),
    *("h1", "h2", "h3", "h4", "h5", "h6", "details", "summary", "figure", "figcaption", "img", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "em", "strong", "s", "sup"),
    *("code", "pre", "blockquote", "hr"),
}


def page(*messages_of: Message, title: str = HOSTILE) -> Page:
    conversation = Conversation(title=title, model=HOSTILE, system_prompt=HOSTILE)
    return Page(conversation, messages_of, words=lambda text: text + "<i>")


def both(text: str) -> list[Message]:
    parts = (ReasoningPart(text), TextPart(text))
    return [
        Message("c", Role.USER, (TextPart(text),)),
        Message("c", Role.ASSISTANT, parts, status=MessageStatus.STOPPED, model=text),
    ]


def test_a_page_holds_no_tag_but_ours_and_loads_nothing() -> None:
    text = html_of(page(*both(HOSTILE)))
    seen = Tags(text)
    assert {tag for tag, _ in seen.found} <= KNOWN
    assert seen.open == []
    for tag, attributes in seen.found:
        assert not any(name.startswith("on") for name in attributes), tag
        assert set(attributes) <= {
            *("charset", "http-equiv", "content", "name", "class", "href", "rel", "title"),
            *("src", "alt", "width", "height", "start", "style"),
        }
        if tag == "a" and "href" in attributes:
            assert str(attributes["href"]).startswith("https://")
            assert attributes["rel"] == "noreferrer noopener"
        if "style" in attributes:
            assert str(attributes["style"]).startswith("text-align:")
    assert [tag for tag, _ in seen.found].count("img") == 0
    assert "alert(1)" in "".join(seen.words)  # nothing was swallowed either
    policies = [a["content"] for _, a in seen.found if a.get("http-equiv")]
    assert len(policies) == 1
    assert "default-src 'none'" in str(policies[0])


def test_the_policy_allows_exactly_the_style_of_the_page() -> None:
    import base64
    import hashlib

    text = html_of(page())
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text


def test_code_and_tables_are_shown_as_such() -> None:
    answer = "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n```python\nprint('<x>')\n```\n\n**fett** ~~weg~~"
    text = html_of(page(Message("c", Role.ASSISTANT, (TextPart(answer),))))
    assert '<th style="text-align:left">a</th>' in text
    assert "<code class=\"language-python\">print('&lt;x&gt;')\n</code>" in text
    assert "<strong>fett</strong>" in text
    assert "<s>weg</s>" in text


def test_a_question_is_shown_as_it_was_typed() -> None:
    text = html_of(page(Message("c", Role.USER, (TextPart("a *b*\n  # c\n- d"),))))
    assert "a *b*\n  # c\n- d" in text


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    yield made
    made.close()


def test_a_page_has_its_pictures_inside(house: House, tmp_path: Path) -> None:
    talk = house.talk("with a picture", "look", "I see", picture=small_picture(7))
    written = export_conversations(
        house.source, [talk.id], tmp_path / "x.html", ConversationFormat.HTML
    )
    text = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert (written.path, written.conversations) == (tmp_path / "x.html", 1)
    images = [each for tag, each in Tags(text).found if tag == "img"]
    assert len(images) == 1
    assert str(images[0]["src"]).startswith("data:image/png;base64,")
    assert text == page_of(house.source, talk.id)
    assert page_of(house.source, "unknown") == ""


def test_markdown_has_its_pictures_beside(house: House, tmp_path: Path) -> None:
    picture = small_picture(7)
    talk = house.talk("with a picture", "look", "I see", picture=picture)
    target = tmp_path / "外 出 (1).md"
    export_conversations(house.source, [talk.id], target, ConversationFormat.MARKDOWN)
    text = target.read_text(encoding="utf-8")
    linked = re.findall(r"!\[.*?\]\(<(.*?)>\)", text)
    assert len(linked) == 1
    from urllib.parse import unquote

    assert (tmp_path / unquote(linked[0])).read_bytes() == picture


def test_a_picture_that_is_gone_is_said(house: House, tmp_path: Path) -> None:
    talk = house.talk("with a picture", "look", picture=small_picture(7))
    for each in house.folder.glob("attachments/*/*"):
        each.unlink()
    for kind in (ConversationFormat.MARKDOWN, ConversationFormat.HTML):
        target = tmp_path / f"x.{kind.value}"
        written = export_conversations(house.source, [talk.id], target, kind)
        assert written.missing_pictures == 1
        assert "The file of this picture is missing." in target.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [ConversationFormat.MARKDOWN, ConversationFormat.HTML])
def test_several_conversations_become_a_folder(
    house: House, tmp_path: Path, kind: ConversationFormat
) -> None:
    titles = ["../../x", "a/b", "CON", "x" * 300, "\u202egnp.exe", "same", "Same", "", "诗" * 200]
    for title in titles:
        house.talk(title, "question", "answer", picture=small_picture(3))
    outside = {each for each in tmp_path.rglob("*") if house.folder not in each.parents}
    written = export_conversations(house.source, None, tmp_path / "out", kind)
    assert written.conversations == len(titles)
    made = {each for each in tmp_path.rglob("*") if house.folder not in each.parents} - outside
    assert all(each.is_relative_to(tmp_path / "out") for each in made)
    files = [each for each in (tmp_path / "out").iterdir() if each.suffix == f".{kind.value}"]
    assert len({each.name.casefold() for each in files}) == len(titles)
    assert all(is_file_name(each.name) for each in files)
    again = export_conversations(house.source, None, tmp_path / "out", kind)
    assert again.path == tmp_path / "out-2"


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("../../x", "x"),
        ("a/b", "a b"),
        ("a\\b:c*d?e", "a b c d e"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("COM¹", "_COM¹"),
        ("x" * 300, "x" * 80),
        ("诗" * 300, "诗" * 60),
        ("\u202eabc\u2066", "abc"),
        ("مرحبا بالعالم", "مرحبا بالعالم"),
        ("  . .", "Conversation"),
        ("", "Conversation"),
        ("a\x00\n\tb\ud83d", "a b"),
        ("end. ", "end"),
        ("e\u0301", "é"),
    ],
)
def test_a_title_becomes_a_safe_name(title: str, stem: str) -> None:
    assert file_stem(title) == stem
    assert is_file_name(f"{stem}.md")


def test_titles_that_are_alike_become_different_files() -> None:
    stems = different_stems(["A", "a", "A 2", "A", "é", "e\u0301"])
    assert len({each.casefold() for each in stems}) == 6
    assert stems[0] == "A"


def test_a_code_block_left_open_ends_with_its_message() -> None:
    assert closed("a\n```\nb") == "a\n```\nb\n```"
    assert closed("a\n````\n```\nb") == "a\n````\n```\nb\n````"
    assert closed("```\na\n```") == "```\na\n```"
    assert closed("~~~\n```") == "~~~\n```\n~~~"
    assert closed("```a`b") == "```a`b"
    text = markdown_of(Page(Conversation(title="x"), tuple(both("```\nopen"))))
    assert text.count("```\nopen\n```\n") == 2
    assert "> ```\n> open\n> ```\n" in text


def test_what_is_shown_is_the_branch_that_is_chosen(house: House, tmp_path: Path) -> None:
    talk = house.talk("branches", "question", "first answer")
    (question, _) = house.database.call_sync(messages.load_all, talk.id)
    second = Message(talk.id, Role.ASSISTANT, (TextPart("second answer"),), question.id)
    house.database.call_sync(messages.save_message, second)
    for head, shown in ((second.id, "second"), (talk.head_id, "first")):
        assert head is not None
        house.database.call_sync(conversations.set_head, talk.id, head)
        text = page_of(house.source, talk.id)
        assert f"{shown} answer" in text
        assert len(re.findall("(?:first|second) answer", text)) == 1


def test_words_are_those_of_the_user(house: House) -> None:
    talk = house.talk("", "question", "answer")
    text = page_of(house.source, talk.id, words=lambda each: f"‹{each}›")
    assert "‹You›" in text
    assert "‹Conversation›" in text
