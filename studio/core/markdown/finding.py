"""How often words stand in what is read of a message, without laying it out.

Where that can be told from the source it is: reading Markdown costs a hundred times as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.core.folding import fold, spans_of
from studio.core.markdown.formulas import block_parts, body_of
from studio.core.markdown.incremental import Outline
from studio.core.markdown.leaves import Leaf, LeafKind, leaf_runs, leaf_text
from studio.core.markdown.runs import Face

_STEP = 4_000  # characters that are read between two looks at the clock
_COVER = "\uffff"  # stands for a sign that is not drawn
# Words that are spelled one way only: Latin letters, digits, Han.
_ONE_WAY = re.compile("[a-z0-9\u4e00-\u9fff]+")
_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
# Bytes that begin no letter which folds to another one; UTF-8's others tell where to look closer.
_PLAIN = bytes({*range(0xC0), *range(0xE0, 0xF5)} - {0xE1, 0xEA, 0xEB, 0xEC, 0xED, 0xF0})
# One pattern each: those that begin with one byte are found ten times as fast.
_FOLDED = (
    re.compile(rb"\xe2(?:\x80[\xa4-\xa6]|[\x81-\x93\xb0-\xbf])"),
    re.compile(rb"\xef(?:[\xa4-\xac\xbe]|\xbc[\x90-\x99\xa1-\xba]|\xbd[\x81-\xbf])"),
)
_ADDRESS = re.compile(rb"\]\([^()\s]*\)")
_UNSURE_MARKS = (b"](", b"][", b"]:", b"[x]")
_ENTITY, _TAG = re.compile(rb"&[a-z#]"), re.compile(rb"</?(?:br|u|su[bp]|kbd|mark)\b")


def counted(source: str, needle: str, *, case: bool, literal: bool) -> Iterator[int]:
    """How often `needle` is read, as numbers to be summed up; between two others have a turn."""
    found = None if case else _count_in_source(source, fold(needle))
    if found is not None:
        yield found
        return
    outline = Outline(literal=literal)
    for end in range(_STEP, len(source) + _STEP, _STEP):
        outline.feed(source, end)
        yield 0
    outline.finish(source)
    for section in outline.sections:
        for leaf in outline.leaves(source, section):
            yield len(spans_of(drawn_text(leaf, outline.environment), needle, case=case))


def drawn_text(leaf: Leaf, environment: dict[str, object] | None = None) -> str:
    """The text of a leaf as `leaf_text` has it, but for the marks of formulas: nobody sees them."""
    if leaf.kind is LeafKind.FORMULA:
        body, tail = block_parts(leaf.content)
        return _covered(leaf.content, body, tail)
    text = leaf_text(leaf, environment)
    if leaf.kind not in (LeafKind.PARAGRAPH, LeafKind.HEADING) or not ("$" in text or "\\" in text):
        return text
    return "".join(
        _covered(run.text, body_of(run.text)) if run.face & Face.FORMULA else run.text
        for run in leaf_runs(leaf, environment)
    )


def _covered(source: str, body: str, tail: str = "") -> str:
    at = source.find(body)
    if at < 0:
        return source
    behind = len(source) - at - len(body) - len(tail)
    return f"{_COVER * at}{body}{_COVER * behind}{tail}"


def _count_in_source(source: str, needle: str) -> int | None:
    """The number where the source tells it; None where it has to be read."""
    if not _ONE_WAY.fullmatch(needle):
        return None
    wanted = needle.encode()
    text = source.encode("utf-8", "surrogatepass").lower()
    if not source.isascii() and (
        text.translate(None, _PLAIN) or any(each.search(text) for each in _FOLDED)
    ):
        text = fold(source).encode("utf-8", "surrogatepass")
    if b"](" in text:
        text = _ADDRESS.sub(b"]", text)
    # Whatever stands between the letters of a word, they stand together here.
    together = text.translate(None, _SIGNS).count(wanted)
    if _is_unsure(text):
        split = all(letter in text for letter in wanted)
        return None if together or split else 0
    if together and (needle[0].isdigit() or _is_language(wanted, text)):
        return None  # the number of an item is no text of it
    return together if not together or together == text.count(wanted) else None


def _is_unsure(text: bytes) -> bool:
    """Whether something may be hidden, or stand for something else."""
    # One byte is found much faster than two.
    return (
        (b"]" in text and any(mark in text for mark in _UNSURE_MARKS))
        or (b"&" in text and _ENTITY.search(text) is not None)
        or (b"<" in text and _TAG.search(text) is not None)
    )


def _is_language(wanted: bytes, text: bytes) -> bool:
    """Whether a fence names it as the language of its code, which is no text of it."""
    return any(
        wanted in piece.partition(b"\n")[0]
        for mark in (b"`" * 3, b"~" * 3)
        if mark[:1] in text
        for piece in text.split(mark)[1:]
    )
