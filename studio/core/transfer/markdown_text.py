"""Writes a conversation as one Markdown text that reads the same in any program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.core.messages import (
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from studio.core.transfer.page import (
    PICTURE,
    PICTURE_GONE,
    REASONING,
    SYSTEM_PROMPT,
    TOOL_RESULT,
    Page,
    moment,
)

_FENCE = re.compile(r"(?: {0,3})(`{3,}|~{3,})([^\n]*)$")
_MARKS = re.compile(r"([\\`*_\[\]<>#&|~$])")


def markdown_of(page: Page) -> str:
    """The shown branch of a conversation, its messages apart by lines."""
    return "\n\n".join(_blocks(page)) + "\n"


def _blocks(page: Page) -> Iterator[str]:
    yield f"# {_literal(page.title)}"
    known = (moment(page.conversation.created_at), page.conversation.model)
    yield _literal(" · ".join(each for each in known if each))
    if page.conversation.system_prompt:
        yield f"**{page.words(SYSTEM_PROMPT)}**"
        yield _quoted(page.conversation.system_prompt)
    for message in page.messages:
        yield "---"
        yield f"## {_literal(page.speaker(message))}"
        yield from _message(page, message)


def _message(page: Page, message: Message) -> Iterator[str]:
    for part in message.parts:
        block = _part(page, part)
        if block.strip():
            yield block
    end = page.end(message)
    if end:
        yield f"*{_literal(end)}*"


def _part(page: Page, part: Part) -> str:
    match part:
        case TextPart(text):
            return closed(text.strip("\n"))
        case ReasoningPart(text):
            return _quoted(f"**{page.words(REASONING)}**\n\n{text}") if text.strip() else ""
        case ImagePart():
            return _picture(page, part)
        case ToolCallPart(_, name, arguments):
            return f"{_literal(page.call(name))}\n\n{_fenced(arguments)}"
        case ToolResultPart(_, text):
            return f"{_literal(page.words(TOOL_RESULT))}\n\n{_fenced(text)}"


def _picture(page: Page, part: ImagePart) -> str:
    name = _literal(part.name or page.words(PICTURE))
    if part.url:
        # As words: a picture that loads from the net tells its host who reads this.
        return f"{name}: {_fence_inline(part.url)}"
    where = page.picture(part)
    return f"![{name}](<{where}>)" if where else f"{name}: {page.words(PICTURE_GONE)}"


def closed(text: str) -> str:
    """`text` with the code block ended that it leaves open, so that what follows is not in it."""
    open_mark = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match is None:
            continue
        mark, rest = match.groups()
        if not open_mark:
            open_mark = "" if mark[0] == "`" and "`" in rest else mark
        elif mark[0] == open_mark[0] and len(mark) >= len(open_mark) and not rest.strip():
            open_mark = ""
    return f"{text}\n{open_mark}" if open_mark else text


def _literal(text: str) -> str:
    """One line that is shown as it is written."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in closed(text.strip("\n")).split("\n"))


def _fenced(text: str) -> str:
    longest = max((len(each) for each in re.findall(r"`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}\n{text}\n{mark}"


def _fence_inline(text: str) -> str:
    text = " ".join(text.split())
    longest = max((len(each) for each in re.findall(r"`+", text)), default=0)
    mark = "`" * (longest + 1)
    return f"{mark} {text} {mark}" if longest else f"`{text}`"
