"""Conversations as trees of messages made of typed parts."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field, replace
from enum import StrEnum

from studio.core.capabilities import Capability
from studio.core.errors import StoredError


class Role(StrEnum):
    """Who speaks. The system prompt belongs to the conversation and is no message."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    """How far a message has come; everything but STREAMING is final."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"  # the user pressed Stop
    INTERRUPTED = "interrupted"  # the stream ended before the finish mark, or the program died
    FAILED = "failed"  # refused or failed before anything came


class ChatProtocol(StrEnum):
    """Which of the service's two chat interfaces a conversation uses."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True, slots=True)
class TextPart:
    """Markdown as written by the user or the model."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What the model thought before it answered: aloud, or `redacted` by the service.

    `signature` and `redacted` are opaque: they go back unchanged to the same model.
    """

    text: str
    seconds: float | None = None
    signature: str = ""
    redacted: str = ""


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture of a message: a file of ours (`sha256`), or an address that the service fetches.

    Width, height (pixels) and `byte_size` are those of what is really sent; 0 for a `url`.
    """

    sha256: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0
    byte_size: int = 0
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A call that the model asked for; kept so that nothing it said is lost."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What a called tool answered."""

    call_id: str
    text: str


Part = TextPart | ReasoningPart | ImagePart | ToolCallPart | ToolResultPart


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the service counted them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from sending to the first token and to the end; None while unknown."""

    first_token: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sampling parameters; None means: not sent, the model's own default holds."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    thinking: bool | None = None
    stop: tuple[str, ...] = ()


def new_id() -> str:
    """An id that no other device or conversation has: 32 hexadecimal digits."""
    return os.urandom(16).hex()


@dataclass(frozen=True, slots=True)
class Message:
    """One node of a conversation's tree; versions of a message share their `parent_id`."""

    conversation_id: str
    role: Role
    parts: tuple[Part, ...]
    parent_id: str | None = None
    status: MessageStatus = MessageStatus.COMPLETE
    model: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    timing: Timing = Timing()
    error: StoredError | None = None
    request_id: str = ""
    created_at: float = field(default_factory=time.time)  # seconds since the epoch, UTC
    id: str = field(default_factory=new_id)

    @property
    def text(self) -> str:
        """The visible text alone, without reasoning."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """The reasoning alone; empty when there was none."""
        return "".join(part.text for part in self.parts if isinstance(part, ReasoningPart))

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it that a person could read or look at."""
        written = (TextPart, ReasoningPart)
        other = any(not isinstance(part, written) for part in self.parts)
        return not (other or self.text.strip() or self.reasoning.strip())

    @property
    def images(self) -> tuple[ImagePart, ...]:
        """The pictures of the message, in order."""
        return tuple(part for part in self.parts if isinstance(part, ImagePart))


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a conversation is apart from its messages; `head_id` is the leaf that is shown."""

    kind: Capability = Capability.CHAT
    title: str = ""
    model: str = ""
    protocol: ChatProtocol = field(default=ChatProtocol.OPENAI, metadata={"stored_as": "door"})
    system_prompt: str = ""
    parameters: Parameters = Parameters()
    head_id: str | None = None
    pinned: bool = False
    created_at: float = field(default_factory=time.time)
    updated_at: float = field(default_factory=time.time)
    id: str = field(default_factory=new_id)


TITLE_LENGTH = 60
_NUMBER = re.compile(r"(?<=.) \(\d{1,3}\)$")


def title_from(text: str) -> str:
    """The first line of what was asked, shortened to a title; empty for empty text."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def titled(
    conversation: Conversation, question: Message, instead_of: Message | None = None
) -> Conversation:
    """The conversation, with a title from its first question where it has none yet.

    A title that came from the question that this one is asked `instead_of` counts as none, also
    with the number that a copy has; one that was given otherwise stays.
    """
    title = conversation.title
    other = "" if instead_of is None else _title_of(instead_of)
    if title and other not in (title, title_without_number(title)):
        return conversation
    return replace(conversation, title=_title_of(question))


def _title_of(question: Message) -> str:
    name = question.images[0].name if question.images else ""
    return title_from(question.text) or name


def title_without_number(title: str) -> str:
    """The title of what a conversation is a copy of: without (2)."""
    return _NUMBER.sub("", title)


def append_delta(
    parts: tuple[Part, ...],
    delta: str,
    *,
    reasoning: bool,
    signature: str = "",
    redacted: str = "",
) -> tuple[Part, ...]:
    """Add streamed text to the last part of its kind, or begin a new part.

    A thought that bears its signature is over, and a redacted one is whole: others follow it.
    """
    last = parts[-1] if parts else None
    if redacted:
        return (*parts, ReasoningPart("", redacted=redacted))
    if reasoning and isinstance(last, ReasoningPart) and not _is_over(last, delta):
        grown = replace(last, text=last.text + delta, signature=last.signature + signature)
        return (*parts[:-1], grown)
    if reasoning:
        return (*parts, ReasoningPart(delta, signature=signature))
    if isinstance(last, TextPart):
        return (*parts[:-1], TextPart(last.text + delta))
    return (*parts, TextPart(delta))


def _is_over(thought: ReasoningPart, delta: str) -> bool:
    return bool(thought.redacted) or bool(thought.signature and delta)
