"""Answers of any length as models write them: prose, lists, tables, code, Chinese."""

from __future__ import annotations

import random

CHARACTERS = 4  # of a token

_WORDS = [
    "the",
    "model",
    "returns",
    "a",
    "stream",
    "of",
    "small",
    "deltas",
    "which",
    "the",
    "client",
    "joins",
    "into",
    "one",
    "answer",
    "and",
    "then",
    "shows",
    "with",
    "care",
    "so",
    "that",
    "layout",
    "stays",
    "stable",
    "while",
    "text",
    "grows",
    "because",
    "users",
    "read",
    "along",
    "as",
    "it",
    "arrives",
    "under",
    "load",
    "and",
    "over",
    "slow",
    "links,",
    "the",
    "pool",
    "holds",
    "twenty",
    "connections",
    "and",
    "every",
    "request",
    "waits",
    "until",
    "one",
    "of",
    "them",
    "is",
    "free",
    "again",
    "before",
    "it",
    "sends",
    "what",
    "it",
    "has",
    "to",
    "send",
]
_HAN = (
    "魔搭社区提供开源模型的推理接口，用户可以用标准的方式调用大语言模型与图像生成模型，"
    "并把结果流式地显示在界面上；每一段文字都会被增量解析，代码块需要高亮显示，表格也要对齐。"
)
_CODE = '''def quicksort(items, key=lambda x: x):
    """Return a new list, sorted."""
    if len(items) <= 1:
        return list(items)
    pivot = key(items[len(items) // 2])
    left = [x for x in items if key(x) < pivot]
    mid = [x for x in items if key(x) == pivot]
    right = [x for x in items if key(x) > pivot]
    return quicksort(left, key) + mid + quicksort(right, key)  # n log n
'''


def answer(tokens: int, seed: int = 1, *, language: str = "") -> str:
    """An answer of so many tokens; its code is in `language`, plain when that is empty."""
    dice = random.Random(seed)
    parts: list[str] = []
    length = 0
    while length < tokens * CHARACTERS:
        part = _part(len(parts), dice, language)
        parts.append(part)
        length += len(part)
    return "".join(parts)[: tokens * CHARACTERS]


def code(tokens: int, language: str) -> str:
    """One long block of code."""
    lines = _CODE * (tokens * CHARACTERS // len(_CODE) + 1)
    return f"```{language}\n{lines}"[: tokens * CHARACTERS]


def prose(tokens: int, seed: int = 1) -> str:
    """Plain paragraphs without any mark."""
    dice = random.Random(seed)
    text = ""
    while len(text) < tokens * CHARACTERS:
        text += _sentences(dice, 5).replace("**", "").replace("`", "") + "\n\n"
    return text[: tokens * CHARACTERS]


def _part(number: int, dice: random.Random, language: str) -> str:
    kind = number % 10
    if kind == 0:
        return f"## {_sentence(dice, 4)[:-1]}\n\n"
    if kind in (1, 4, 6):
        return _sentences(dice, dice.randint(3, 6)) + "\n\n"
    if kind == 2:
        items = (f"- **{_phrase(dice, 2)}**: {_sentence(dice, 12)}\n" for _ in range(5))
        return "".join(items) + "\n"
    if kind == 3:
        return f"```{language}\n{_CODE}```\n\n"
    if kind in (5, 8):
        start = dice.randint(0, 20)
        return _HAN[start:] + _HAN + f"**{_HAN[:6]}**" + _HAN[8:40] + "\n\n"
    if kind == 7:
        items = (f"{index + 1}. {_sentence(dice, 14)}\n" for index in range(5))
        return "".join(items) + "\n"
    rows = (
        f"| {dice.choice(_WORDS)} | {dice.randint(1, 9999)} | {_phrase(dice, 4)} |\n"
        for _ in range(6)
    )
    return "| Name | Cost | Note |\n|---|---:|---|\n" + "".join(rows) + "\n"


def _sentences(dice: random.Random, count: int) -> str:
    """A paragraph: now and then a word is strong or code, as in answers."""
    sentences = [_sentence(dice, dice.randint(10, 22)) for _ in range(count)]
    words = sentences[0].split()
    words[3], words[6] = f"**{words[3]}**", f"`{words[6].strip(',')}()`"
    sentences[0] = " ".join(words)
    return " ".join(sentences)


def _sentence(dice: random.Random, words: int) -> str:
    return _phrase(dice, words).capitalize() + "."


def _phrase(dice: random.Random, words: int) -> str:
    return " ".join(dice.choice(_WORDS).strip(",") for _ in range(words))
