"""What a provider yields while an answer streams, and what it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.lessons import Fact
from studio.core.messages import Parameters, Role


@dataclass(frozen=True, slots=True)
class TextContent:
    """Text of a turn."""

    text: str


@dataclass(frozen=True, slots=True)
class ImageContent:
    """A picture of a turn: bytes ready to be sent with their type, or an address."""

    media_type: str = ""
    content: bytes = b""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ThinkingContent:
    """A thought of an earlier answer, for a protocol and model that want it back unchanged.

    One that the service made unreadable is `redacted` alone; one without `signature` goes back
    where a model has asked for it.
    """

    text: str = ""
    signature: str = ""
    redacted: str = ""


Content = TextContent | ImageContent | ThinkingContent


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message as a provider needs it: with its pictures' bytes at hand."""

    role: Role
    content: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything a provider needs for one answer."""

    model: str
    turns: tuple[ChatMessage, ...]
    system: str = ""
    parameters: Parameters = Parameters()
    stream: bool = True
    known: frozenset[Fact] = frozenset()  # what the model has taught before


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The service accepted the request; nothing of the answer has come yet."""

    request_id: str = ""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class TextWasThought:
    """All text that came so far was reasoning: its closing tag came, and never an opening one."""


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More reasoning; `signature` ends a thought, and `redacted` is a whole one, unreadable."""

    text: str
    signature: str = ""
    redacted: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of a tool call; `index` tells apart the calls of one answer."""

    index: int
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Tokens as counted by the service; only sent when it really counted."""

    input_tokens: int | None
    output_tokens: int | None


@dataclass(frozen=True, slots=True)
class ParametersDropped:
    """The service refused these parameters; the answer comes without them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelLearned:
    """The model refused a request in the words `evidence`, and answers it with `fact` in mind."""

    fact: Fact
    evidence: str


@dataclass(frozen=True, slots=True)
class FinishMarked:
    """The server says that the answer is whole, and keeps the stream open.

    What still comes belongs to the answer, and takes this back. `held` is what comes of the letters
    that are held back if nothing follows: a letter like the first of the token, half a tag.
    """

    reason: str
    held: tuple[StreamEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The finish mark arrived, so the answer is whole.

    `reason` is `stop`, `length`, `tool_calls` or `content_filter` (other words pass through).
    A provider never yields this for a stream that ended without its mark: it raises
    StudioError of kind CUT_SHORT instead.
    """

    reason: str


StreamEvent = (
    StreamStarted
    | TextDelta
    | TextWasThought
    | ReasoningDelta
    | ToolCallDelta
    | UsageReport
    | ParametersDropped
    | ModelLearned
    | FinishMarked
    | StreamEnd
)
