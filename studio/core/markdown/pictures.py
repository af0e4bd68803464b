"""Pictures that stand in the text itself, as `data:` addresses: never shown as their letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.core.markdown.runs import Face, Run

_SCHEME = "data:image/"
_DATA = re.compile(
    r"data:image/(?P<kind>[A-Za-z0-9.+-]{1,40})(?:;[A-Za-z0-9=._-]{1,60})*,[^\s)>\"'`\]]*",
)
_MARKUP = re.compile(
    rf"!\[(?P<words>[^\]\n]{{0,300}})\]\(\s?<?(?P<data>{_DATA.pattern})>?"
    r"(?:[ \t]+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?\s?(?:\)|\Z)"
)
_IMAGE = re.compile(
    rf"<img\s[^<>]{{0,300}}?src\s*=\s*[\"']?(?P<data>{_DATA.pattern})(?:[\"']?[^<>]{{0,300}}>|\Z)",
    re.IGNORECASE,
)
_ALT = re.compile(r"alt\s*=\s*[\"']([^\"'<>]*)", re.IGNORECASE)
_SHORT = 120  # characters: an address that is spoken of, and no picture
_STAND_IN = "picture-in-text:"


def holds_data(text: str) -> bool:
    """Whether pictures may stand in the text."""
    return _SCHEME in text


def length_without_data(text: str) -> int:
    """How long the text is without its pictures."""
    if not holds_data(text):
        return len(text)
    return len(text) - sum(len(found[0]) for found in _DATA.finditer(text))


def with_stand_ins(content: str) -> tuple[str, list[str]]:
    """The text with a short address in place of each picture, and the pictures' own addresses."""
    found: list[str] = []

    def stand_in(data: str, words: str) -> str:
        found.append(data)
        return f"![{words}]({_STAND_IN}{len(found) - 1})"

    content = _MARKUP.sub(lambda match: stand_in(match["data"], match["words"]), content)
    content = _IMAGE.sub(lambda match: stand_in(match["data"], _alt_of(match[0])), content)

    def bare(match: re.Match[str]) -> str:
        return match[0] if len(match[0]) < _SHORT else stand_in(match[0], "")

    return _DATA.sub(bare, content), found


def _alt_of(tag: str) -> str:
    found = _ALT.search(tag[:300]) or _ALT.search(tag[-300:])
    return re.sub(r"[\[\]\\`*_]", " ", found[1]) if found else ""


def picture_of(source: str, words: str, face: int, pictures: Sequence[str]) -> Run | None:
    """The run of a picture that stands in the text; None when `source` is another address."""
    number = source.removeprefix(_STAND_IN)
    if number == source or not number.isdigit() or int(number) >= len(pictures):
        return None
    data = pictures[int(number)]
    described = _DATA.match(data)
    kind = described["kind"].split("+")[0].upper() if described else ""
    lead = f"{words} " if words else ""
    label = f"{lead}({kind}, {_size_of(data)})"
    return Run(label, face | Face.PICTURE | Face.EMBEDDED, data)


def _size_of(data: str) -> str:
    head, _, body = data.partition(",")
    size = len(body) * 3 // 4 if head.endswith(";base64") else len(body)
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
