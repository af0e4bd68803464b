"""Reads the Markdown that we export ourselves: one branch of a conversation, as it was shown."""

from __future__ import annotations

import re

from studio.core.messages import ReasoningPart, Role, TextPart
from studio.core.transfer.clients.conversation import ForeignConversation, Picture, Piece, Said
from studio.core.transfer.clients.values import moment

# As the user and an unnamed answer are called in the languages that we speak.
YOU = ("You", "你", "我")
ANSWER = ("Answer", "回答")
_HEAD = re.compile(r"\A\ufeff?\s*# (.*)\n\n(\d{4}-\d\d-\d\d \d\d:\d\d)?(?: · )?(.*)\n")
_SPEAKER = re.compile(r"^---\n\n## (.+)\n", re.MULTILINE)
_LITERAL = re.compile(r"\\([\\`*_\[\]<>#&|~$])")
_PROMPT = re.compile(r"\*\*[^*\n]+\*\*\n\n((?:>.*\n?)+)")
_THOUGHT = re.compile(r"\A> \*\*[^*\n]+\*\*\n>\n((?:>.*\n?)+)")
_PICTURE = re.compile(r"^!\[(.*)\]\(<(.+)>\)$", re.MULTILINE)


def is_markdown(words: str) -> bool:
    """Whether it is a conversation that we wrote."""
    head = _HEAD.match(words)
    return head is not None and any(True for _ in _speakers(words, head))


def read_markdown(words: str) -> ForeignConversation:
    """The conversation; pictures are named by their files."""
    head = _HEAD.match(words)
    if head is None:
        return ForeignConversation("markdown")
    foreign = ForeignConversation(
        "markdown",
        title=_plain(head[1]),
        model=_plain(head[3]),
        begun=moment((head[2] or "").replace("-", "/") + ":00"),
    )
    marks = list(_speakers(words, head))
    prompt = _PROMPT.search(words[head.end() : marks[0].start()] if marks else "")
    foreign.prompt = _unquoted(prompt[1]) if prompt else ""
    for mark, end in zip(marks, [*(each.start() for each in marks[1:]), len(words)], strict=True):
        speaker = _plain(mark[1])
        role = Role.USER if speaker in YOU else Role.ASSISTANT
        model = "" if role is Role.USER or speaker in ANSWER else speaker
        foreign.add(Said(role, _pieces(words[mark.end() : end].strip("\n")), model=model))
    return foreign


def _speakers(words: str, head: re.Match[str]) -> list[re.Match[str]]:
    """Where a message begins: a heading of an answer may stand below a line as well."""
    models = (*YOU, *ANSWER, _plain(head[3]))
    found = list(_SPEAKER.finditer(words, head.end()))
    return [each for each in found if (name := _plain(each[1])) in models or _is_model(name)]


def _is_model(name: str) -> bool:
    return "/" in name and " " not in name


def _pieces(words: str) -> list[Piece]:
    pieces: list[Piece] = []
    if thought := _THOUGHT.match(words):
        pieces.append(ReasoningPart(_unquoted(thought[1])))
        words = words[thought.end() :].strip("\n")
    at = 0
    for match in _PICTURE.finditer(words):
        pieces += _said(words[at : match.start()])
        pieces.append(Picture((match[2], match[2].rpartition("/")[2]), name=_plain(match[1])))
        at = match.end()
    return [*pieces, *_said(words[at:])]


def _said(words: str) -> list[Piece]:
    return [TextPart(words.strip("\n"))] if words.strip() else []


def _plain(words: str) -> str:
    return _LITERAL.sub(r"\1", words).strip()


def _unquoted(words: str) -> str:
    return "\n".join(each.removeprefix(">").removeprefix(" ") for each in words.strip().split("\n"))
