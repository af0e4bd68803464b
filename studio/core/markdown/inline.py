"""Words, emphasis, code, links and formulas within a paragraph, as styled runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from studio.core.markdown.fast_inline import read_simple
from studio.core.markdown.links import host_of, linked
from studio.core.markdown.pictures import holds_data, picture_of, with_stand_ins
from studio.core.markdown.rules import answer_parser
from studio.core.markdown.runs import Face, Run
from studio.core.markdown.tags import drawn_tags

if TYPE_CHECKING:
    from markdown_it.token import Token

# Longer text is shown as it was written; 10,000 characters of prose cost 10 ms.
MAX_INLINE = 10_000
# So many marks in one paragraph are no prose; some of the parser's rules go back for each.
MAX_MARKS = 600


def plain(styled: Iterable[Run]) -> str:
    """The text of runs."""
    return "".join(run.text for run in styled)


_MARKS = re.compile(r"[*_~`\[\]<>!&$\\]")


def is_too_dense(content: str) -> bool:
    """Whether `content` is longer, or fuller of marks, than anything that is meant as prose."""
    if len(content) > MAX_INLINE:
        return True
    return len(content) > MAX_MARKS and len(_MARKS.findall(content)) > MAX_MARKS


def runs(
    content: str, environment: dict[str, Any] | None = None, *, cell: bool = False
) -> list[Run]:
    """Inline Markdown as runs; `environment` holds the link references and footnotes.

    In a `cell` of a table every `<br>` is a line break: there is no other way to write one.
    """
    if not content:
        return []
    pictures: list[str] = []
    if holds_data(content):
        content, pictures = with_stand_ins(content)
    if is_too_dense(content):
        return [Run(content)]
    simple, rest = read_simple(content)
    if rest < len(content):
        tokens: list[Token] = []
        parser = answer_parser()
        given = environment if environment is not None else {}
        parser.inline.parse(content[rest:], parser, given, tokens)
        simple += _styled(tokens, pictures, cell=cell)
    return linked(_joined(simple))


_FACES = {"strong": Face.BOLD, "em": Face.ITALIC, "s": Face.STRIKE}
_FACED_TOKENS = {"code_inline": Face.CODE, "footnote_ref": Face.NOTE, "formula": Face.FORMULA}
_INLINE_MARKS = ("$", "\\(")


def _styled(
    tokens: list[Token], pictures: Sequence[str] = (), *, cell: bool = False
) -> Iterable[Run]:
    depth: dict[int, int] = {Face.BOLD: 0, Face.ITALIC: 0, Face.STRIKE: 0}
    face, href, worded = 0, "", True
    tags = drawn_tags(tokens, cell=cell)
    for index, token in enumerate(tokens):
        worded = worded or token.tag != "a"
        if index in tags:
            tag = tags[index]
            face = (face | tag.face) & ~tag.ended
            yield Run(tag.text, face, href)
        elif token.tag in _FACES:
            which = _FACES[token.tag]
            depth[which] += token.nesting
            face = (face | which) if depth[which] else (face & ~which)
        elif token.tag == "a":
            if href and not worded:
                yield Run(href, face, href)  # a link without words shows its address
            opens = token.nesting > 0
            href, worded = str(token.attrs.get("href", "")) if opens else "", not opens
        elif token.type == "image":
            yield from _picture(token, face, href, pictures)
        else:
            yield Run(*_shown(token, face), href)


def _shown(token: Token, face: int) -> tuple[str, int]:
    """The text and the face of a token that is neither a mark nor a link."""
    kind = token.type
    if kind in ("softbreak", "hardbreak"):
        # CommonMark leaves soft breaks to the renderer. Models write poems and addresses
        # line by line and do not wrap prose, so a line of the source is a line on screen.
        return "\n", face
    if kind == "formula" and token.markup not in _INLINE_MARKS:
        return token.content, face | Face.FORMULA | Face.DISPLAY
    return token.content, face | _FACED_TOKENS.get(kind, Face.PLAIN)


def _picture(token: Token, face: int, href: str, pictures: Sequence[str]) -> Iterable[Run]:
    """A picture is never loaded: its words and the host it would come from stand for it."""
    source = str(token.attrs.get("src", ""))
    words = _picture_words(token)
    embedded = picture_of(source, words, face, pictures)
    if embedded is not None:
        yield embedded
        return
    if words:
        yield Run(words, face | Face.PICTURE, href or source)
    host = host_of(source) or source
    if host:
        lead = " (" if words else "("
        yield Run(f"{lead}{host})", face | Face.PICTURE | Face.FAINT, href or source)


def _picture_words(token: Token) -> str:
    """The words that describe a picture; a picture within them gives its own."""
    children = token.children or []
    return "".join(
        _picture_words(child) if child.type == "image" else plain(_styled([child]))
        for child in children
    )


_APART = Face.FORMULA | Face.NOTE | Face.EMBEDDED


def _joined(styled: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in styled:
        if not run.text:
            continue
        last = joined[-1] if joined else None
        same = last is not None and last.face == run.face and last.href == run.href
        if last is not None and same and not run.face & _APART:
            joined[-1] = Run(last.text + run.text, run.face, run.href)
        else:
            joined.append(run)
    return joined


# Ends where Chinese text goes on: an address in the middle of it is followed by no space.
class GrowingRuns:
    """The runs of a paragraph that grows at its end, re-reading only what can still change.

    Text before a space is done once no mark in it waits for a partner: whatever follows, it
    reads the same.
    """

    def __init__(self) -> None:
        self._done = 0
        self._done_runs: list[Run] = []
        self._content = ""

    def read(self, content: str, environment: dict[str, Any] | None = None) -> list[Run]:
        """The runs of `content`; call with the grown content each time."""
        if not content.startswith(self._content[: self._done]):
            self._done, self._done_runs = 0, []
        self._content = content
        if len(content) > MAX_INLINE:
            return runs(content, environment)
        rest = content[self._done :]
        tail = runs(rest, environment)
        whole = _joined([*self._done_runs, *tail]) if self._done_runs else tail
        self._settle(rest, tail)
        return whole

    def _settle(self, rest: str, tail: list[Run]) -> None:
        cut = rest.rfind(" ") + 1
        if cut <= 1 or not tail or _MARKS.search(rest, cut) or rest[cut - 2] in " \n\\":
            return
        last = tail[-1]
        kept = len(last.text) - (len(rest) - cut)
        if kept < 0 or last.href or last.face or "://" in rest[cut:]:
            return
        if any(_MARKS.search(run.text) for run in tail if not _is_settled_face(run)):
            return
        if "\\(" in rest or "\\[" in rest or "\\begin{" in rest:
            return  # an escaped bracket now, a formula once its partner has come
        self._done += cut
        settled = [*tail[:-1], last._replace(text=last.text[:kept])]
        self._done_runs = _joined([*self._done_runs, *settled])


def _is_settled_face(run: Run) -> bool:
    """Whether marks in the run's text are its own and wait for no partner."""
    return bool(run.face & (Face.CODE | Face.FORMULA | Face.PICTURE))
