"""Reads the events of one answer into ours, as far as both chat protocols have it in common."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from studio.core.stream import (
    FinishMarked,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    TextWasThought,
    ToolCallDelta,
)
from studio.providers.failures import ErrorContext
from studio.providers.finish import is_broken, reason_of, strange_word
from studio.providers.model_marks import MarkStripper
from studio.providers.refusals import error_in
from studio.providers.stream_guard import DAMAGED, ServerEvent, TextCleaner, clean_text, payloads
from studio.providers.thinking import ChannelTags, Kind, Pieces, ThinkSplitter


@dataclass(slots=True)
class AnswerState:
    """What is known of an answer so far."""

    has_content: bool = False
    finish: str = ""  # the reason, once the answer is whole
    ended: bool = False  # the protocol's last mark came: nothing more is read
    certain: bool = False  # behind the reason came what only follows a whole answer
    with_words: bool = False  # the reason came in one event with words: others may follow
    retracted: bool = False  # words came behind a reason: this server sets its marks too early
    strange: str = ""  # a word that may be a reason: believed with the protocol's last mark alone
    broken: str = ""  # the word by which the server said that it gave up
    damaged: bool = False  # an event could not be read: something is missing
    damaged_late: bool = False  # the same behind the reason, where only the count is awaited
    hollow: bool = True  # nothing came at all, or what should hold something held null
    input_tokens: int | None = None
    output_tokens: int | None = None


class AnswerReader(ABC):
    """Reads the events of one answer into ours; `state` says how far it is."""

    def __init__(self, border: ErrorContext, response_headers: Any, token: str) -> None:
        self.state = AnswerState()
        self._border = border
        self._headers = response_headers
        self._token = token
        self.spoke = False  # whether the event at hand held anything of the answer
        self._splitter, self._channel = ThinkSplitter(), ChannelTags()
        self._marks = MarkStripper()
        self._text = TextCleaner(token)
        self._reasoning = TextCleaner(token)

    @abstractmethod
    def read(self, name: str, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events that one event of the stream amounts to."""

    @abstractmethod
    def read_answer(self, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events that a whole answer amounts to; sets `finish`."""

    def read_event(self, event: ServerEvent) -> list[StreamEvent]:
        """The events of one event as it stood in the stream."""
        if event.data.lstrip().startswith("[DONE]"):
            self.state.ended = True
            if self.state.has_content and not self.state.broken:
                # The server says that it is done, though some never give a reason.
                self.state.finish = self.state.finish or self.state.strange or "stop"
            return []
        found: list[StreamEvent] = []
        self.spoke = self.state.hollow = False
        heard = payloads(event.data)
        if event.name == "error" and not any(isinstance(each, dict) for each in heard):
            raise self._border.refusal_within(self._headers, event.data)
        for payload in heard:
            if payload is DAMAGED:
                # Behind the finish mark only the count follows, which nobody misses.
                self.state.damaged = self.state.damaged or not self.state.finish
                self.state.damaged_late = True
            elif isinstance(payload, dict):
                if event.name == "error" or error_in(payload):
                    raise self._border.refusal_within(self._headers, payload)
                found += self.read(event.name, payload)
        return found

    def mark(self, word: object) -> None:
        """A word that stands where the reason of the end stands."""
        state = self.state
        if reason := reason_of(word):
            state.finish, state.broken, state.with_words = reason, "", self.spoke
        elif is_broken(word):
            state.finish, state.broken = "", clean_text(str(word), self._token)[:200]
        elif strange := strange_word(word):
            state.strange = clean_text(strange, self._token)

    def _more(self) -> None:
        """More of the answer came: whatever stood for its end before was none."""
        state = self.state
        state.has_content = self.spoke = True
        state.broken = ""
        if state.finish:
            state.finish, state.certain, state.retracted = "", False, True
            state.damaged = state.damaged or state.damaged_late

    def content(self, text: str) -> list[StreamEvent]:
        """Text of the answer, cleaned; a thought within it is told apart."""
        self._more()
        found = self._end_channel()
        found += self._sorted(self._splitter.feed(text))
        return found

    def _sorted(self, pieces: Pieces) -> list[StreamEvent]:
        found: list[StreamEvent] = []
        for kind, words in pieces:
            if kind is Kind.THOUGHT:
                found += self._thought(words)
            elif kind is Kind.TEXT:
                found += self._visible(words)
            else:
                found += [*self._end_text(), TextWasThought()]
        return found

    def _end_text(self) -> list[StreamEvent]:
        held = self._text.feed(self._marks.flush()) + self._text.flush()
        return [TextDelta(held)] if held else []

    def _visible(self, words: str) -> list[StreamEvent]:
        before = self.end_thought() if self._reasoning.holds else []
        cleaned = self._text.feed(self._marks.feed(words))
        return [*before, TextDelta(cleaned)] if cleaned else before

    def tool_call(
        self, index: int, call_id: str = "", name: str = "", arguments: str = ""
    ) -> list[StreamEvent]:
        """A piece of a tool call, cleaned."""
        if not (call_id or name or arguments):
            return []
        self._more()
        cleaned = (clean_text(each, self._token) for each in (call_id, name, arguments))
        return [ToolCallDelta(index, *cleaned)]

    def reasoning(self, text: str) -> list[StreamEvent]:
        """Reasoning, cleaned."""
        self._more()
        return self._thought(self._channel.feed(text))

    def _end_channel(self) -> list[StreamEvent]:
        rest = self._channel.flush()
        return self._thought(rest) if rest else []

    def _thought(self, text: str) -> list[StreamEvent]:
        cleaned = self._reasoning.feed(text)
        return [ReasoningDelta(cleaned)] if cleaned else []

    def end_thought(self) -> list[StreamEvent]:
        """What was held back of a thought that is over: it must not land behind what follows."""
        held = self._reasoning.flush()
        return [ReasoningDelta(held)] if held else []

    def redacted(self, thought: str) -> list[StreamEvent]:
        """A thought that nobody can read; it is no content, but goes back with the next turn."""
        if not thought:
            return []
        hidden = ReasoningDelta("", redacted=clean_text(thought, self._token))
        return [*self.end_thought(), hidden]

    def count(self, input_tokens: object, output_tokens: object) -> bool:
        """Take over what the service counted, and whether it did; zeros are no counts."""
        if isinstance(input_tokens, int) and 0 < input_tokens < 2**53:
            self.state.input_tokens = input_tokens
        if isinstance(output_tokens, int) and 0 < output_tokens < 2**53:
            self.state.output_tokens = output_tokens
            return True
        return False

    def marked(self) -> list[StreamEvent]:
        """What is said while the stream is open behind a mark that can be believed."""
        state = self.state
        if not state.finish or state.ended or (state.with_words and state.retracted):
            return []
        twin = copy.copy(self)
        held = (self._splitter, self._channel, self._marks, self._text, self._reasoning)
        (twin._splitter, twin._channel, twin._marks, twin._text, twin._reasoning) = copy.deepcopy(
            held
        )
        return [FinishMarked(state.finish, tuple(twin.flush()))]

    def flush(self) -> list[StreamEvent]:
        """What was held back: half a letter, half a token, half a tag."""
        found = self._end_channel()
        found += self._sorted(self._splitter.flush())
        return [*found, *self.end_thought(), *self._end_text()]
