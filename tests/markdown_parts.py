"""Two independent readings of Markdown to compare: ours in chunks, and the parser's HTML."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from studio.core.markdown.incremental import Outline
from studio.core.markdown.inline import runs
from studio.core.markdown.leaves import Leaf, LeafKind, leaf_runs, leaf_text
from studio.core.markdown.links import host_of
from studio.core.markdown.runs import Face, Run

DATA = Path(__file__).parent / "data" / "markdown"


class Shown(NamedTuple):
    """A leaf as a reader sees it."""

    kind: str
    level: int
    language: str
    around: str  # one letter for each container: q quote, i item
    markers: tuple[str, ...]
    text: str
    links: tuple[str, ...] = ()


def examples() -> list[dict[str, Any]]:
    """The examples of the CommonMark specification."""
    loaded: list[dict[str, Any]] = json.loads(
        (DATA / "commonmark-0.31.2.json").read_text(encoding="utf-8")
    )
    return loaded


def answers() -> dict[str, str]:
    """Answers as models write them, by name."""
    paths = sorted((DATA / "answers").glob("*.md"))
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def fed(text: str, ends: Iterable[int] = (), *, literal: bool = False) -> Outline:
    """An outline that was given the text up to each of `ends`, and then whole."""
    outline = Outline(literal=literal)
    for end in ends:
        outline.feed(text, end)
    outline.feed(text)
    outline.finish(text)
    return outline


def leaves(outline: Outline, text: str) -> Iterator[Leaf]:
    """All leaves of an outline."""
    for section in outline.sections:
        for number, leaf in enumerate(outline.leaves(text, section)):
            spaced = section.spaced if number == 0 and leaf.markers else leaf.spaced
            yield leaf._replace(spaced=spaced, growing=False)


def shown(outline: Outline, text: str) -> list[Shown]:
    """What a reader sees of an outline."""
    return [_shown(leaf, outline.environment) for leaf in leaves(outline, text)]


def _shown(leaf: Leaf, environment: dict[str, Any]) -> Shown:
    around = "".join("q" if container.quote else "i" for container in leaf.containers)
    # HTML does not tell `1)` from `1.`.
    markers = tuple(marker.replace(")", ".") for _, marker in leaf.markers)
    content = leaf_text(leaf, environment)
    return Shown(
        leaf.kind, leaf.level, leaf.language, around, markers, content, _links(leaf, environment)
    )


def _links(leaf: Leaf, environment: dict[str, Any]) -> tuple[str, ...]:
    styled: list[Run] = []
    if leaf.kind is LeafKind.TABLE:
        styled = [run for row in leaf.rows for cell in row for run in runs(cell, environment)]
    elif leaf.kind in (LeafKind.PARAGRAPH, LeafKind.HEADING):
        styled = leaf_runs(leaf, environment)
    found = [run.href for run in styled if run.href and not run.face & Face.PICTURE]
    return tuple(dict.fromkeys(found))


# -- the reference ---------------------------------------------------------


def reference(text: str) -> list[Shown]:
    """What the parser's own HTML shows, its raw HTML as text."""
    parser = MarkdownIt("commonmark")
    parser.add_render_rule("html_inline", _as_text)
    parser.add_render_rule("html_block", _as_block)
    reader = _Page()
    reader.feed(parser.render(text))
    reader.close()
    return reader.leaves


def _as_text(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    return html.escape(tokens[index].content)


def _as_block(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    content = html.escape(tokens[index].content.removesuffix("\n"))
    return f"<section>{content}</section>"


class _Page(HTMLParser):
    """Reads HTML into leaves."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.leaves: list[Shown] = []
        self._around: list[str] = []
        self._numbers: list[int | None] = []
        self._pending: list[str] = []
        self._kind = ""
        self._level = 0
        self._language = ""
        self._text: list[str] = []
        self._links: list[str] = []
        self._href, self._said, self._pictured = "", 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("ul", "ol"):
            self._flush()
            self._numbers.append(int(given.get("start") or 1) if tag == "ol" else None)
        elif tag == "li":
            self._open_item()
        elif tag == "blockquote":
            self._flush()
            self._around.append("q")
        elif tag in ("p", "pre", "section") or (tag[0] == "h" and tag[1:].isdigit()):
            self._flush()
            self._kind = {"p": "paragraph", "pre": "code", "section": "html"}.get(tag, "heading")
            self._level = int(tag[1]) if self._kind == "heading" else 0
        elif tag == "hr":
            self._flush()
            self._kind = "rule"
            self._flush()
        elif tag == "br":
            self._text.append("\0")
        elif tag == "img":
            self._text.append(_picture(given.get("alt") or "", given.get("src") or ""))
            self._pictured = True
        elif tag == "a":
            self._href, self._said, self._pictured = given.get("href") or "", len(self._text), False
        elif tag == "code" and self._kind == "code":
            self._language = (given.get("class") or "").removeprefix("language-")

    def _open_item(self) -> None:
        self._flush()
        number = self._numbers[-1]
        self._pending.append("•" if number is None else f"{number}.")
        if number is not None:
            self._numbers[-1] = number + 1
        self._around.append("i")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "pre", "section", "li") or (tag[0] == "h" and tag[1:].isdigit()):
            if tag == "li" and len(self._pending) and not self._kind and not self._text:
                self._kind = "paragraph"  # an empty item
            self._flush()
        if tag == "a":
            if len(self._text) == self._said:
                self._text.append(self._href)  # a link without words shows its address
            if not self._pictured:
                self._links.append(self._href)
        elif tag == "li":
            self._around.pop()
        elif tag == "blockquote":
            self._flush()
            self._around.pop()
        elif tag in ("ul", "ol"):
            self._flush()
            self._numbers.pop()

    def handle_data(self, data: str) -> None:
        if self._kind or data.strip("\n"):
            # Text that stands in an item without a paragraph: a tight list.
            self._kind = self._kind or "paragraph"
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._flush()

    def _flush(self) -> None:
        if not self._kind:
            self._text.clear()
            return
        text = "".join(self._text).replace("\0\n", "\n").replace("\0", "\n")
        if self._kind == "code":
            text = text.removesuffix("\n")
        elif self._kind == "paragraph":
            text = text.strip("\n")
        self.leaves.append(
            Shown(
                self._kind,
                self._level,
                self._language,
                "".join(self._around),
                tuple(self._pending),
                text,
                tuple(dict.fromkeys(link for link in self._links if link)),
            )
        )
        self._kind, self._level, self._language = "", 0, ""
        self._pending, self._text, self._links = [], [], []


def _picture(words: str, source: str) -> str:
    host = host_of(source) or source
    if words and host:
        return f"{words} ({host})"
    return words or (f"({host})" if host else "")
