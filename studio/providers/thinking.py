"""Tells thought from answer by the tags that models write, wherever a stream cuts them.

    at the head      <think>…</think>, also <thinking>, <thought>, <reasoning> and their kin, in any
                     case, with attributes; one that never closes is a thought to its end
    without opening  …</think>: what was taken for the answer was a thought; told when it is seen
    later on         an opening tag alone on its line begins another thought
    quoted           in code, between quotation marks or amid a sentence a tag is a word

What comes of a text is the same in however many pieces it arrives.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from studio.providers.code_sense import CodeSense

LONGEST_TAG = 120  # characters; what is longer is none
MOST_QUOTED = 200  # closing tags taken for words, after which no more are looked for
_LOOK_AHEAD = 400  # characters of a line in which the end of its code is looked for

_NAMES = ("think", "thinking", "thought", "thoughts", "reasoning", "reason", "reflection")
_FAMILIES = ({"think", "thinking"}, {"thought", "thoughts"}, {"reasoning", "reason"})
_CORES = tuple(f"{space}{name}" for name in _NAMES for space in ("", "seed:", "antml:", "glm:"))
_NAME = "|".join(sorted(_NAMES, key=len, reverse=True))
_ATTRIBUTES = r"[\w\s=\"'.:;,+-]{0,90}"
# Angle brackets, those of GLM and Seed, of Kimi, of Mistral, and the long names of older models.
_TAG = re.compile(
    rf"<\s?(?P<close>/?)\s?\|?(?P<bar>/?)(?:(?:seed|antml|glm):)?(?P<name>{_NAME})"
    rf"(?:\s{_ATTRIBUTES})?\|?\s?(?P<empty>/?)>"
    r"|◁(?P<close2>/?)(?P<name2>think)▷"
    r"|\[(?P<close3>/?)(?P<name3>think)\]"
    r"|<\|(?P<edge>begin|end)_of_(?P<name4>thought|thinking)\|>",
    re.IGNORECASE,
)
_OPEN_END = re.compile(r"<\s?/?\s?\|?/?(.*)", re.DOTALL)
_REST = re.compile(rf"(?:\s{_ATTRIBUTES})?\|?\s?/?")
_EDGES = tuple(f"<|{a}_of_{b}|>" for a in ("begin", "end") for b in ("thought", "thinking"))
_STARTS = re.compile(r"[<◁\[]")
_QUOTES = "`'\"“”‘’「」『』《》()（）*"


class Kind(Enum):
    """What a piece of a text turned out to be."""

    TEXT = auto()
    THOUGHT = auto()
    WAS_THOUGHT = auto()  # all text before it, too


class _State(Enum):
    HEAD = auto()  # nothing but white space yet: a tag may come
    THINKING = auto()
    ANSWER = auto()


Pieces = list[tuple[Kind, str]]


class ThinkSplitter:
    """Tells thought from answer, as soon as each is certain."""

    def __init__(self) -> None:
        self._state = _State.HEAD
        self._held = ""
        self._behind_thought = False
        self._name = ""
        self._blank = ""  # white space at the end of a thought so far
        self._begun = False  # whether the thought at hand has words
        self._thought = False  # whether there was a thought with words
        self._sense = CodeSense()
        self._quoted = 0
        self._final = False

    def feed(self, text: str) -> Pieces:
        """What is certain by now."""
        if self._state is _State.ANSWER and not self._held and not _STARTS.search(text):
            self._sense.feed(text)
            return [(Kind.TEXT, text)]
        self._held += text
        return self._work()

    def flush(self) -> Pieces:
        """What was held back, at the end of the stream."""
        self._final = True
        found = self._work()
        if self._held:
            kind = Kind.THOUGHT if self._state is _State.THINKING else Kind.TEXT
            behind = self._behind_thought and self._state is _State.HEAD
            rest, self._held = self._held, ""
            if kind is Kind.THOUGHT:
                self._think(found, rest)
            elif rest and not (behind and not rest.strip()):
                found.append((kind, rest))
        return found

    def _work(self) -> Pieces:
        found: Pieces = []
        steps = {
            _State.HEAD: self._at_head,
            _State.THINKING: self._thinking,
            _State.ANSWER: self._answering,
        }
        while self._held and steps[self._state](found):
            pass
        return found

    # Each takes what it can off what is held, and says whether there may be more to take.

    def _at_head(self, found: Pieces) -> bool:
        bare = self._held.lstrip()
        tag = _TAG.match(bare)
        if tag is None:
            if not bare or self._may_become_tag(bare):
                return False
            if self._behind_thought:
                self._held = bare
            self._state, self._sense = _State.ANSWER, CodeSense()
            return True
        if _closes(tag) or tag["empty"]:
            # One too many, or a thought that is empty.
            self._behind_thought = True
            self._held = bare[tag.end() :]
            return True
        self._begin_thought(tag, bare[tag.end() :])
        return True

    def _begin_thought(self, tag: re.Match[str], rest: str) -> None:
        self._state, self._held = _State.THINKING, rest
        self._name, self._blank, self._begun = _name(tag), "", False
        self._sense = CodeSense()

    def _thinking(self, found: Pieces) -> bool:
        for start in _STARTS.finditer(self._held):
            at = start.start()
            tag = _TAG.match(self._held, at)
            if tag is None:
                if self._may_become_tag(self._held[at:]):
                    return self._think_until(found, at)
                continue
            if not _closes(tag) or not _alike(_name(tag), self._name):
                continue
            quoted = self._is_code(at, tag.end(), closing=True)
            if quoted is None:
                return self._think_until(found, at)
            if quoted:
                continue
            self._think(found, self._held[:at])
            self._held = self._held[tag.end() :]
            self._state, self._behind_thought = _State.HEAD, True
            return True
        return self._think_until(found, len(self._held))

    def _think_until(self, found: Pieces, at: int) -> bool:
        words, self._held = self._held[:at], self._held[at:]
        self._think(found, words)
        return False

    def _think(self, found: Pieces, words: str) -> None:
        """Give out a thought without the white space around it."""
        self._sense.feed(words)
        words = self._blank + words
        if not self._begun:
            words = words.lstrip()
        kept = words.rstrip()
        self._blank = words[len(kept) :]
        if kept:
            apart = "\n\n" if self._thought and not self._begun else ""
            self._begun = self._thought = True
            found.append((Kind.THOUGHT, apart + kept))

    def _answering(self, found: Pieces) -> bool:
        if self._quoted >= MOST_QUOTED:
            return self._say(found, len(self._held))
        for start in _STARTS.finditer(self._held):
            at = start.start()
            tag = _TAG.match(self._held, at)
            if tag is None:
                if self._may_become_tag(self._held[at:]):
                    return self._say(found, at)
                continue
            meant = self._is_meant(tag)
            if meant is None:
                return self._say(found, at)
            if not meant:
                self._quoted += 1
                continue
            self._say(found, at)
            rest = self._held[tag.end() - at :]
            if _closes(tag):
                found.append((Kind.WAS_THOUGHT, ""))
                self._thought = True
                self._state, self._held, self._behind_thought = _State.HEAD, rest, True
            else:
                self._begin_thought(tag, rest)
            return True
        return self._say(found, len(self._held))

    def _say(self, found: Pieces, at: int) -> bool:
        words, self._held = self._held[:at], self._held[at:]
        if words:
            self._sense.feed(words)
            found.append((Kind.TEXT, words))
        return False

    # What a tag is.

    def _is_meant(self, tag: re.Match[str]) -> bool | None:
        """Whether a tag amid the answer is one, or a word; None while more must be seen."""
        at, end = tag.span()
        after = self._held[end : end + 1]
        if not after and not self._final:
            return None
        quoted = self._is_code(at, end, closing=_closes(tag))
        if quoted is not False:
            return None if quoted is None else False
        before = self._held[at - 1 : at] if at else self._sense.last
        own_line = self._sense.at_line_start(self._held[:at])
        if not _closes(tag):
            return own_line and after in ("", "\n", "\r") and not tag["empty"]
        # Amid a sentence it is spoken of; where a thought ends, a line does on one of its sides.
        return own_line or after in ("", "\n", "\r") or not (before.isspace() or after.isspace())

    def _is_code(self, at: int, end: int, *, closing: bool) -> bool | None:
        """Whether a tag is quoted; None while more must be seen."""
        before = self._held[at - 1 : at] if at else self._sense.last
        after = self._held[end : end + 1]
        if not after and not self._final and (before and before in _QUOTES):
            return None
        if before and after and before in _QUOTES and after in _QUOTES:
            return True
        sense = self._sense.copy()
        sense.feed(self._held[:at])
        if sense.fenced and not closing:
            return True
        if sense.fenced:
            # A fence that quotes a whole thought holds its beginning as well.
            alone = sense.at_line_start("") and after in ("", "\n", "\r")
            if not after and not self._final:
                return None
            return bool(sense.opened) or not alone
        if not sense.in_span:
            return False
        line, newline, _ = self._held[end : end + _LOOK_AHEAD].partition("\n")
        if "`" in line:
            return True
        ended = newline or self._final or len(line) >= _LOOK_AHEAD
        return False if ended else None

    def _may_become_tag(self, text: str) -> bool:
        """Whether what begins here may be a tag once more of it is there."""
        if self._final or len(text) > LONGEST_TAG:
            return False
        lower = text.lower()
        fixed = ("◁think▷", "◁/think▷", "[think]", "[/think]", *_EDGES)
        if any(each.startswith(lower) for each in fixed):
            return True
        begun = _OPEN_END.fullmatch(lower)
        if begun is None:
            return False
        word = begun[1]
        return any(
            core.startswith(word)
            or (word.startswith(core) and _REST.fullmatch(word, len(core)) is not None)
            for core in _CORES
        )


def _closes(tag: re.Match[str]) -> bool:
    edge = (tag["edge"] or "").lower() == "end"
    return bool(tag["close"] or tag["bar"] or tag["close2"] or tag["close3"] or edge)


def _name(tag: re.Match[str]) -> str:
    found = tag["name"] or tag["name2"] or tag["name3"] or tag["name4"]
    return found.lower()


def _alike(one: str, other: str) -> bool:
    return one == other or any({one, other} <= family for family in _FAMILIES)


class ChannelTags:
    """Takes tags off the ends of reasoning that came in a channel of its own."""

    def __init__(self) -> None:
        self._held = ""
        self._opened = self._begun = False  # an opening tag was taken off; words came

    def feed(self, text: str) -> str:
        """What of the reasoning is certain by now."""
        self._held += text
        if not self._begun and not self._begin():
            return ""
        # A tag at the end is held back: it is none of the thought unless more follows.
        keep = len(self._held)
        for start in _STARTS.finditer(self._held):
            rest = self._held[start.start() :]
            if _ends_with_tag(rest) or (rest[0] == "<" and _is_open(rest)):
                keep = start.start()
                break
        words, self._held = self._held[:keep], self._held[keep:]
        return words

    def _begin(self) -> bool:
        """Take off an opening tag and what surrounds it; whether words have come."""
        bare = self._held.lstrip()
        tag = _TAG.match(bare)
        if tag is not None and not _closes(tag) and not self._opened:
            self._opened = True
            bare = bare[tag.end() :].lstrip()
        if self._opened:
            self._held = bare
        self._begun = bool(bare) and not (bare[0] == "<" and _is_open(bare))
        return self._begun

    def flush(self) -> str:
        """The rest, without a closing tag."""
        rest, self._held = self._held, ""
        self._opened = self._begun = False
        return "" if _ends_with_tag(rest.lstrip()) else rest


def _ends_with_tag(text: str) -> bool:
    """Whether a text is a closing tag with nothing but white space behind it."""
    tag = _TAG.match(text)
    return tag is not None and _closes(tag) and not text[tag.end() :].strip()


def _is_open(text: str) -> bool:
    return ">" not in text and len(text) < LONGEST_TAG
