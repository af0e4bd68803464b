"""Finds `<think>…</think>` at the head of an answer, wherever the stream cuts the tags."""

from __future__ import annotations

from enum import Enum, auto

_OPEN, _CLOSE = "<think>", "</think>"


class _State(Enum):
    HEAD = auto()  # nothing but white space yet: a tag may come
    THINKING = auto()
    GAP = auto()  # white space between the thought and the answer
    ANSWER = auto()


class ThinkSplitter:
    """Tells thought from answer; only a tag before all else counts, later ones are text."""

    def __init__(self) -> None:
        self._state = _State.HEAD
        self._held = ""

    def feed(self, text: str) -> list[tuple[bool, str]]:
        """What is certain by now, as (is thought, words)."""
        if self._state is _State.ANSWER:
            return [(False, text)]
        found: list[tuple[bool, str]] = []
        self._held += text
        before = None
        while before is not self._state:
            before = self._state
            self._step(found)
        return found

    def _step(self, found: list[tuple[bool, str]]) -> None:
        if self._state is _State.HEAD:
            bare = self._held.lstrip()
            if bare.startswith(_OPEN):
                self._state, self._held = _State.THINKING, bare[len(_OPEN) :]
            elif not _OPEN.startswith(bare):
                self._answer(found, self._held)
        elif self._state is _State.THINKING:
            thought, tag, rest = self._held.partition(_CLOSE)
            if tag:
                self._state, self._held = _State.GAP, rest
            else:
                cut = len(thought) - _overlap(thought)
                thought, self._held = thought[:cut], thought[cut:]
            if thought:
                found.append((True, thought))
        elif self._state is _State.GAP:
            bare = self._held.lstrip()
            self._held = ""
            if bare:
                self._answer(found, bare)

    def _answer(self, found: list[tuple[bool, str]], words: str) -> None:
        self._state, self._held = _State.ANSWER, ""
        found.append((False, words))

    def flush(self) -> list[tuple[bool, str]]:
        """What was held back, at the end of the stream."""
        held, self._held = self._held, ""
        return [(self._state is _State.THINKING, held)] if held else []


def _overlap(text: str) -> int:
    """How many characters at the end of `text` may be the beginning of the closing tag."""
    longest = min(len(text), len(_CLOSE) - 1)
    return next((size for size in range(longest, 0, -1) if _CLOSE.startswith(text[-size:])), 0)
