"""What a refusal teaches of a model: facts that the next request keeps to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

KEPT_SECONDS = 14 * 86_400.0  # services change: what was learned is forgotten after two weeks


class Fact(StrEnum):
    """One thing that a model demands or does not take."""

    STREAMS_ONLY = "streams_only"
    WANTS_REASONING = "wants_reasoning"  # its earlier thoughts go back with every request
    NO_COUNT = "no_stream_options"
    NO_THINKING = "no_thinking"
    NO_TEMPERATURE = "no_temperature"
    NO_TOP_P = "no_top_p"
    NO_MAX_TOKENS = "no_max_tokens"
    NO_STOP = "no_stop"


# The user's parameters (names of `Parameters`) that a fact keeps from being sent.
DROPS: dict[Fact, str] = {
    Fact.NO_THINKING: "thinking",
    Fact.NO_TEMPERATURE: "temperature",
    Fact.NO_TOP_P: "top_p",
    Fact.NO_MAX_TOKENS: "max_tokens",
    Fact.NO_STOP: "stop",
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """A fact of a model, the words it was learned from, and when (seconds since the epoch)."""

    fact: Fact
    evidence: str
    learned_at: float


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_REASONING_BACK = _words(
    r"(reasoning_content|reasoning content|thinking|thought).{0,120}"
    r"(pass(ed)?|sent|send|return(ed)?|given|includ(e|ed)|provid(e|ed)|present) ?(back|along)?"
    r".{0,60}(back|to the api|in (the )?(follow|subsequent|next|history|assistant)|is required)"
    r"|(missing|must (include|contain|have|pass back|start with)).{0,60}"
    r"(reasoning_content|thinking block|a thinking|`thinking`)"
    r"|reasoning_content.{0,60}(is )?(missing|required|must not be empty|cannot be empty)"
    r"|(思考|推理)(内容|过程)?.{0,20}(必须|需要).{0,10}(传回|回传|带上)"
)
_STREAM = _words(
    r"only\W{0,3}(be )?(support|allow|work|available|use)\w*\W.{0,30}stream"
    r"|(enable|set|use|turn on|switch on)\W.{0,20}\bstream(ing)?\b.{0,40}(parameter|true|mode)"
    r"|only.{0,12}\bstream(ing)?\b.{0,30}(support|allow|accept|avail)"
    r"|stream\W{0,3}(must|should|has to|need)\w*.{0,20}true"
    r"|(stream(ing)?|stream mode) (is |mode is )?(required|mandatory)"
    r"|(requires?|needs?|must use|please use).{0,20}\bstream"
    r"|non-?stream\w*.{0,60}(not|un)\W{0,2}\w{0,6}\W{0,2}(support|allow|avail)"
    r"|(not|n't|un)\W{0,2}(be )?(support|allow|work)\w*.{0,30}(non-?stream|stream\W{0,4}(is |= ?)?"
    r"\W{0,2}false|without stream)"
    r"|must be (set to )?false\W.{0,30}non-?stream"
    r"|(仅|只)(支持|能|可).{0,8}流式|(不支持|不能|无法).{0,8}非流式|需要.{0,6}流式"
)
# What says that a value is wrong and not the parameter: that is the user's to mend.
_VALUE = _words(
    r"must be|should be|has to be|between|out of range|less than|greater than|at (most|least)"
    r"|divisible|multiple of|only the default|unsupported value|invalid value|does not support \d"
    r"|exceed|too (large|small|high|low|big)|larger than|maximum|minimum|\brange\b|expected"
    r"|范围|不能(大于|小于|超过)|必须(为|是|在|大于|小于)|取值"
)
_UNKNOWN = _words(
    r"not (be )?(support|allow|permit|recogni[sz]|accept)\w*|n't (support|accept|allow)\w*"
    r"|un(supported|known|recogni[sz]ed|expected|available)|no such|extra (inputs|fields)"
    r"|additional propert|invalid (parameter|argument|field)|not a valid|deprecated|cannot be used"
    r"|not used|not available|does not take|不支持|未知|无法识别|不被"
)
_NAMES: tuple[tuple[Fact, re.Pattern[str]], ...] = (
    (Fact.NO_COUNT, _words(r"stream_options|include_usage")),
    (Fact.NO_THINKING, _words(r"enable_thinking|\bthinking\b|budget_tokens")),
    (Fact.NO_TEMPERATURE, _words(r"\btemperature\b")),
    (Fact.NO_TOP_P, _words(r"\btop_p\b|\btop-p\b")),
    (Fact.NO_MAX_TOKENS, _words(r"\bmax_tokens\b")),
    (Fact.NO_STOP, _words(r"[`'\"]stop[`'\"]|\bstop(_sequences)?\b.{0,3}(is |:|parameter|参数)")),
)
# Switches without a range: any word against them means that they are not taken.
_SWITCHES = frozenset({Fact.NO_COUNT, Fact.NO_THINKING})


def learned_from(said: str, sent: Iterable[Fact], *, stream: bool, thoughts: bool) -> Fact | None:
    """What a refusal in a server's own words teaches, if the same request can be asked otherwise.

    `sent` are the facts about what was really in the request, `stream` whether it asked for a
    stream, `thoughts` whether it could have held reasoning that it did not.
    """
    if _REASONING_BACK.search(said):
        return Fact.WANTS_REASONING if thoughts else None
    if not stream and _STREAM.search(said):
        return Fact.STREAMS_ONLY
    there = set(sent)
    for fact, name in _NAMES:
        found = name.search(said) if fact in there else None
        if found and (fact in _SWITCHES or _is_unknown(said)):
            return fact
    return None


def _is_unknown(said: str) -> bool:
    return _UNKNOWN.search(said) is not None and _VALUE.search(said) is None
