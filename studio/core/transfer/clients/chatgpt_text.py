"""The marks in ChatGPT's texts: citations become links or go, canvases become their documents."""

from __future__ import annotations

import json
import re
from typing import Any

from studio.core.transfer.clients.values import first, obj, objects, text

# Marks stand between U+E200 and U+E201, their fields apart by U+E202; U+E203 and U+E204 span text.
_MARK = re.compile("[ \t]*\ue200([^\ue200\ue201]*)\ue201")
_OLD_MARK = re.compile(r"[ \t]*【\d+(?::\d+)?†[^】\n]{0,300}】")
_LEFT = re.compile("[\ue200-\ue206]")
_SIGNS = ("\ue200", "【")
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]]+")


def cleaned(said: str, metadata: dict[str, Any]) -> str:
    """A text with its citations as links; marks that lead nowhere go."""
    if not any(sign in said for sign in _SIGNS) and not _LEFT.search(said):
        return said
    original = said
    for each in objects(metadata.get("content_references")):
        matched = text(each.get("matched_text"))
        shown = _reference(each) if any(sign in matched for sign in _SIGNS) else None
        said = said if shown is None else said.replace(matched, shown)
    for each in objects(metadata.get("citations")):
        said = _cited(said, original, each)
    said = _MARK.sub(_marked, said)
    said = _OLD_MARK.sub("", said)
    return "\n".join(each.rstrip(" ") for each in _LEFT.sub("", said).split("\n"))


def _reference(reference: dict[str, Any]) -> str | None:
    """What a reference shows: its links, else the words that stand for it; None if it has none."""
    found = [*objects(reference.get("items")), *objects(reference.get("sources")), reference]
    links = [_link(each.get("title"), each.get("url")) for each in found]
    unique = list(dict.fromkeys(each for each in links if each))
    if unique:
        return f"({', '.join(unique)})"
    return _LEFT.sub("", first(reference.get("alt"), reference.get("name"))) or None


def _cited(said: str, original: str, citation: dict[str, Any]) -> str:
    """Citations of earlier years name a mark by its place in the text as it was."""
    metadata, start, end = (citation.get(name) for name in ("metadata", "start_ix", "end_ix"))
    link = _link(obj(metadata).get("title"), obj(metadata).get("url"))
    if not link or not isinstance(start, int) or not isinstance(end, int) or start < 0:
        return said
    mark = original[start:end]
    return said.replace(mark, f" ({link})") if _OLD_MARK.fullmatch(mark) else said


def _marked(match: re.Match[str]) -> str:
    kind, *fields = match[1].split("\ue202")
    gap = match[0][: len(match[0]) - len(match[0].lstrip(" \t"))]
    if kind == "entity":
        return gap + _entity(fields)
    if kind == "url" and len(fields) > 1:
        return gap + (_link(fields[0], fields[1]) or fields[0])
    return ""


def _entity(fields: list[str]) -> str:
    """The name in `["people","N. N.",0]`."""
    try:
        named = json.loads(fields[0]) if fields else None
    except (ValueError, RecursionError):
        return fields[-1] if fields else ""
    if isinstance(named, list):
        return text(named[1]) if len(named) > 1 else ""
    return first(obj(named).get("name"), obj(named).get("text"))


def _link(title: Any, url: Any) -> str:
    address = text(url).strip()
    if not _ADDRESS.fullmatch(address):
        return ""
    words = " ".join(re.sub(r"[\[\]]", "", text(title)).split())
    return f"[{words or address.split('/')[2]}]({address})"


def canvas(called: str, arguments: str) -> str | None:
    """The document that a call writes into a canvas, as Markdown; None when it is no such call."""
    if not called.startswith("canmore."):
        return None
    try:
        given = obj(json.loads(arguments, strict=False))
    except (ValueError, RecursionError):
        return None
    name, kind = first(given.get("name"), given.get("title")), text(given.get("type"))
    content = text(given.get("content"))
    updates = [text(each.get("replacement")) for each in objects(given.get("updates"))]
    content = content or "\n\n".join(each for each in updates if each.strip())
    if not content.strip():
        return None
    if kind.startswith("code"):
        language = re.sub(r"\W", "", kind.partition("/")[2])
        content = fenced(content, language)
    return f"**{name}**\n\n{content}" if name else content


def fenced(code: str, language: str = "") -> str:
    """A block of code that nothing in it can end."""
    longest = max((len(each) for each in re.findall(r"`+", code)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{language}\n{code}\n{mark}"
