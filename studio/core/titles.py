"""A title by the model: how it is asked for, and what of its answer can stand in the history."""

from __future__ import annotations

import re

from studio.core.clusters import cut, visible

LONGEST = 40  # characters
_READ = 1200  # of the question and of the answer; more would only cost
_ASK = (
    "Below are the first question and answer of a conversation. Reply with a title for it and "
    "with nothing else: one line, at most eight words or sixteen Chinese characters, in the "
    "language of the question, without quotation marks and without a full stop at the end."
)
_PREFIX = re.compile(r"^(title|标题|題目|题目)\s*[:：]\s*", re.IGNORECASE)
_AROUND = "\"'“”‘’「」『』《》«»`*_~# \t"
_EMPHASIS = re.compile(r"(?<!\w)([*_])(\S[^*_]*)\1(?!\w)")
_MARKUP = re.compile(r"\*\*|__|`|~~|^\s*(#+|[-*+>]|\d+[.)])\s+")


def request_for(question: str, answer: str) -> str:
    """What the model is asked, with the beginnings of question and answer."""
    asked = f"<question>\n{question[:_READ]}\n</question>"
    return f"{_ASK}\n\n{asked}\n\n<answer>\n{answer[:_READ]}\n</answer>"


def clean_title(said: str) -> str:
    """The title within what a model said: one plain line of at most 40; "" where there is none."""
    lines = (_plain(line) for line in said.splitlines())
    title = next((line for line in lines if line), "")
    if len(title) <= LONGEST:
        return title
    short = cut(title, LONGEST - 1)
    # At a space, unless the language has none.
    words = short.rpartition(" ")[0]
    return f"{(words if len(words) > LONGEST // 2 else short).rstrip(' ,;:，；：、')}…"


def _plain(line: str) -> str:
    # Controls and marks of direction could make a line look like another one.
    line = _MARKUP.sub("", " ".join(visible(line).split()))
    line = _EMPHASIS.sub(r"\2", line).strip(_AROUND)
    line = _PREFIX.sub("", line).strip(_AROUND).rstrip(".。")
    return line.strip(_AROUND)
