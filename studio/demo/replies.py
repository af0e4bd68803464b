"""Thinks up an answer: openly a demo, in the user's language, the same for the same question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from studio.demo import arithmetic, own_texts, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from studio.demo.picture_facts import PictureFacts
    from studio.demo.questions import Question

_TITLE = re.compile(r"\btitle\b|标题", re.IGNORECASE)
_TRANSLATE = re.compile(r"translat|翻译|译成", re.IGNORECASE)
_LOCATE = re.compile(r"\bbox(es)?\b|\blocate|\bdetect|where is|定位|框出|坐标|在哪", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer in pieces; `finish` is "stop", "length" or "tool_calls"."""

    pieces: tuple[str, ...]
    reasoning: tuple[str, ...] = ()
    finish: str = "stop"
    prompt_tokens: int = 0
    tool_call: tuple[str, dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def thoughts(self) -> str:
        return "".join(self.reasoning)

    @property
    def completion_tokens(self) -> int:
        return len(self.pieces) + len(self.reasoning)


@dataclass(frozen=True, slots=True)
class Author:
    """Writes the box's answers. With `length`, every answer has exactly that many tokens."""

    seed: int = 0
    length: int | None = None
    language: str = ""

    def with_length(self, length: int | None) -> Author:
        """The same author, whose answers have `length` tokens (None: as many as it takes)."""
        return replace(self, length=length)

    def reply(self, question: Question, sights: Sequence[PictureFacts | str]) -> Reply:
        """The answer to `question`; `sights` are its pictures, or the URL of one not looked at."""
        language = question.language(self.language)
        book = own_texts.table(f"answers.{language}.toml")
        call = _tool_call(question)
        if self.length is not None:
            text = list(filler(book, self.seed, self.length))
        elif call is not None:
            text = pieces.split(_fill(book["texts"]["tool_call"], tool=call[0]))
        else:
            text = pieces.split(_answer(book, question, sights))
        thoughts = pieces.split(_thoughts(book, question, bool(sights))) if question.thinks else []
        text, stopped = _until_stop(text, question.stops)
        finish = "tool_calls" if call is not None and self.length is None else "stop"
        limit = question.max_tokens
        if limit is not None and len(thoughts) + len(text) > limit and not stopped:
            thoughts = thoughts[:limit]
            text = text[: limit - len(thoughts)]
            call, finish = None, "length"
        return Reply(
            pieces=tuple(text),
            reasoning=tuple(thoughts),
            finish=finish,
            prompt_tokens=pieces.count(question.whole_text) + 256 * len(sights),
            tool_call=call if self.length is None else None,
        )


def filler(book: dict[str, Any], seed: int, length: int) -> Iterator[str]:
    """Exactly `length` tokens of text in headings, paragraphs and lists, the same for a seed."""
    source = book["filler"]
    dice = Random(seed)
    sent = number = 0
    while True:
        number += 1
        paragraph = "".join(dice.choices(source["sentences"], k=dice.randint(4, 9)))
        lines = source["list_item"] * dice.randint(0, 4)
        part = f"{_fill(source['heading'], number=number)}\n\n{paragraph.strip()}\n\n{lines}\n"
        for piece in pieces.split(part):
            if sent == length:
                return
            sent += 1
            yield piece


def _answer(book: dict[str, Any], question: Question, sights: Sequence[PictureFacts | str]) -> str:
    texts = book["texts"]
    if question.tool_results:
        return str(texts["notice"]) + _fill(texts["tool_result"], result=question.tool_results[-1])
    if sights:
        return str(texts["notice"]) + _looked(book, question, sights)
    if _TITLE.search(question.system) or _TITLE.match(question.text):
        return _title(book, question)
    if _TRANSLATE.search(question.text):
        phrases = [row for row in book["phrases"] if row["from"] in question.text.lower()]
        if phrases:
            lines = (_fill(texts["phrase"], **row) for row in phrases)
            return str(texts["notice"]) + "\n".join(lines)
    found = _chosen(book, question.text)
    if found is book["answers"][-1] and (sum_ := arithmetic.find(question.text)):
        filled = _fill(
            texts["arithmetic"], expression=sum_.latex, source=sum_.source, result=sum_.result
        )
        return str(texts["notice"]) + filled
    body = _fill(found["text"].strip(), **_facts(texts, question))
    return body if found.get("bare") else str(texts["notice"]) + body


def _facts(texts: dict[str, Any], question: Question) -> dict[str, object]:
    given = ", ".join(f"`{name}` = {value}" for name, value in question.given)
    system = question.system.replace("\n", " ").replace("|", "\\|")
    return {
        "question": question.text.replace("\n", "\n> ") or texts["empty_question"],
        "model": question.model.id,
        "turns": question.turns,
        "system": f"“{system[:80]}”" if system else texts["no_system"],
        "given": given.replace("|", "\\|") or texts["no_given"],
        "characters": len(question.text),
        "tokens": pieces.count(question.text),
    }


def _looked(book: dict[str, Any], question: Question, sights: Sequence[PictureFacts | str]) -> str:
    texts, words = book["texts"], book["words"]
    parts: list[str] = []
    for number, sight in enumerate(sights, 1):
        if isinstance(sight, str):
            parts.append(_fill(texts["remote_picture"], number=number, url=sight))
            continue
        parts.append(_fill(texts["picture"], number=number, **sight.words(words)))
        parts.append(
            _fill(
                texts["summary"],
                **sight.words(words),
                second_colour=_second(texts, sight.words(words)),
            )
        )
        if _LOCATE.search(question.text):
            label = _fill(texts["box_label"], colour=words["colours"][sight.subject_colour])
            box = f'[{{"bbox_2d": {list(sight.subject)}, "label": "{label}"}}]'
            parts.append(f"{texts['boxes']}\n\n```json\n{box}\n```")
    parts.append(_fill(texts["asked"], **_facts(texts, question)))
    return "\n\n".join(parts)


def _second(texts: dict[str, Any], words: dict[str, object]) -> str:
    colour = words["second"]
    return _fill(texts["second_colour"], colour=colour) if colour else ""


def _thoughts(book: dict[str, Any], question: Question, sees: bool) -> str:
    texts = book["texts"]
    word = next(
        (w for w in _chosen(book, question.text)["words"] if w in question.text.lower()), ""
    )
    finding = _fill(texts["found"], word=word) if word else texts["not_found"]
    asked = question.text or texts["empty_question"]
    return _fill(texts["reasoning"], question=asked, finding=texts["seen"] if sees else finding)


def _chosen(book: dict[str, Any], text: str) -> dict[str, Any]:
    lowered = text.lower()
    rows: list[dict[str, Any]] = book["answers"]
    return next((row for row in rows if any(word in lowered for word in row["words"])), rows[-1])


def _title(book: dict[str, Any], question: Question) -> str:
    plain = re.sub(r"\s+", " ", re.sub(r"[#>*`\"“”]", "", question.text)).strip()
    return "".join(pieces.split(plain)[: book["texts"]["title_words"]]).strip()


def _tool_call(question: Question) -> tuple[str, dict[str, Any]] | None:
    if question.tool_results:
        return None
    lowered = question.text.lower()
    for tool in question.tools:
        name = str(tool.get("name") or "")
        # A tool is called when the question shares a word with its name.
        if any(len(word) > 2 and word in lowered for word in re.split(r"[_\W]+", name.lower())):
            schema = tool.get("parameters")
            wanted = schema.get("properties") if isinstance(schema, dict) else None
            rules = wanted if isinstance(wanted, dict) else {}
            return name, {key: _example(rule) for key, rule in rules.items()}
    return None


def _example(rule: object) -> object:
    kind = rule.get("type") if isinstance(rule, dict) else None
    choices = rule.get("enum") if isinstance(rule, dict) else None
    if isinstance(choices, list) and choices:
        return choices[0]
    examples: dict[object, object] = {"integer": 1, "number": 1.5, "boolean": True, "array": []}
    return examples.get(kind, "demo")


def _until_stop(text: list[str], stops: tuple[str, ...]) -> tuple[list[str], bool]:
    if not stops:
        return text, False
    whole = "".join(text)
    places = [place for place in (whole.find(stop) for stop in stops) if place >= 0]
    return (pieces.split(whole[: min(places)]), True) if places else (text, False)


def _fill(template: str, **values: object) -> str:
    # One pass: a value that itself holds {{…}} stays as it is.
    return re.sub(
        r"\{\{(\w+)\}\}", lambda hit: str(values.get(hit.group(1), hit.group(0))), template
    )
