"""What the word at the end of an answer means, as services spell it; most words in the wild."""

from __future__ import annotations

import re

# Words that stand where a reason would, and say that there is none.
_NO_WORDS = frozenset({"", "null", "none", "nil", "undefined", "nan", "false", "unknown", "n/a"})
_NO_WORDS |= {"finish_reason_unspecified", "unspecified", "in_progress", "continue"}
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "stop": (
        "stop", "stopped", "end_turn", "stop_sequence", "eos", "eos_token", "end", "finish",
        "finished", "complete", "completed", "done", "success", "normal",
    ),
    "length": (
        "length", "max_tokens", "max_length", "max_output_tokens", "token_limit",
        "model_context_window_exceeded", "model_length", "context_length_exceeded",
    ),
    "tool_calls": ("tool_calls", "tool_call", "tool_use", "function_call", "function_calls"),
    "content_filter": (
        "content_filter", "contentfilter", "refusal", "safety", "sensitive", "recitation",
        "blocklist", "prohibited_content", "spii", "data_inspection_failed",
    ),
}  # fmt: skip
_REASONS = {spelling: reason for reason, words in _SPELLINGS.items() for spelling in words}
# The server gave up in the middle: a word at the end, but no end of the answer.
_BROKEN = re.compile(
    r"error|abort|cancel|fail|interrupt|time_?d?_?out|insufficient|overload|unavailable|exception"
)
_LONGEST = 40


def reason_of(word: object) -> str:
    """`stop`, `length`, `tool_calls` or `content_filter` in any spelling; "" for none of these."""
    return _REASONS.get(_plain(word), "")


def is_broken(word: object) -> bool:
    """Whether a word says that the server gave up: what came is no whole answer."""
    plain = _plain(word)
    return plain not in _REASONS and _BROKEN.search(plain) is not None


def strange_word(word: object) -> str:
    """A word that nobody has heard of, shortened: it may be a reason, or anything else."""
    plain = _plain(word)
    known = plain in _REASONS or plain in _NO_WORDS or is_broken(word)
    return "" if known else plain[:_LONGEST]


def _plain(word: object) -> str:
    if not isinstance(word, str):
        return ""
    return re.sub(r"[\s.-]+", "_", word.strip().strip("\"'").lower())
