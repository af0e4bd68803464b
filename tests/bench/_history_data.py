"""Makes the history that is measured: Chinese and English by word frequencies, once for all runs.

It lies in the user's cache folder (`MODA_BENCH_CACHE` names another) under a name that says how
it was made, so a change of the schema or of this file's VERSION makes it anew.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
from platformdirs import user_cache_path

from studio.core.messages import Conversation, Message, Parameters, Role, TextPart, Timing, Usage
from studio.storage.db import connection as sqlite
from studio.storage.db.database import Database
from studio.storage.db.migrations import NEWEST
from studio.storage.db.ngrams import index_text
from studio.storage.history import conversations, messages
from studio.storage.locations import locate

VERSION = 1
EACH = 10  # messages of a conversation
ONE_BY_ONE = 2000  # the last ones come as in life, a transaction each
AT_ONCE = 500  # conversations in a transaction before those
_START = 1_700_000_000.0


class Words:
    """A vocabulary whose words are as unequally frequent as those of a language."""

    def __init__(self, seed: int = 63) -> None:
        numbers = random.Random(seed)
        first = [bytes((high, low)) for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
        signs = [each.decode("gb2312") for each in first]  # the 3,700 that are used most
        numbers.shuffle(signs)
        frequent = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(signs))))
        self.chinese = _different(
            "".join(numbers.choices(signs, cum_weights=frequent, k=length))
            for length in numbers.choices((2, 3, 4), (70, 15, 15), k=40_000)
        )
        syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "un", "er")]
        self.english = _different(
            "".join(numbers.choices(syllables, k=numbers.choice((1, 2, 2, 3, 3, 4))))
            for _ in range(12_000)
        )
        self._chinese_weights = _zipf(len(self.chinese))
        self._english_weights = _zipf(len(self.english))

    def text(self, numbers: random.Random) -> str:
        """A message: one language or both, a line to a page long."""
        length = min(2000, int(numbers.lognormvariate(3.2, 0.9)) + 2)
        share = numbers.choice((0.0, 0.1, 0.1, 0.2, 0.5, 1.0))
        english = iter(numbers.choices(self.english, cum_weights=self._english_weights, k=length))
        chinese = iter(numbers.choices(self.chinese, cum_weights=self._chinese_weights, k=length))
        pieces: list[str] = []
        for _ in range(length):
            if numbers.random() < share:
                pieces += (next(english), " ")
            else:
                pieces.append(next(chinese))
            if numbers.random() < 0.12:
                pieces.append(numbers.choice(("，", "。", "，", ", ", "\n", "！")))
        return "".join(pieces)


def _different(words: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _zipf(count: int) -> list[float]:
    return list(itertools.accumulate(1 / (rank + 2.7) for rank in range(count)))


def history(count: int) -> Path:
    """A data folder with `count` messages, ten a conversation; made now where there is none."""
    return _cached(f"history-{count}", count)


def no_history() -> Path:
    """A data folder with an empty database."""
    return _cached("history-0", 0)


def _cached(name: str, count: int) -> Path:
    given = os.environ.get("MODA_BENCH_CACHE")
    root = Path(given) if given else user_cache_path("moda-studio-bench", appauthor=False)
    folder = root / f"{name}-schema-{NEWEST}-version-{VERSION}"
    if not folder.exists():
        root.mkdir(parents=True, exist_ok=True)
        part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        try:
            _fill(part, count)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return folder


def _fill(folder: Path, count: int) -> None:
    locations = locate(folder)
    database = Database.open(locations.database)
    words, numbers = Words(), random.Random(count)
    alone = min(ONE_BY_ONE, count)
    for start in range(0, count - alone, AT_ONCE * EACH):
        end = min(start + AT_ONCE * EACH, count - alone)
        database.call_sync(_add_many, words, numbers, start, end)
        print(f"{end:,} of {count:,} messages", file=sys.stderr, flush=True)
    for number in range(count - alone, count, EACH):
        conversation, said = _presenter(words, numbers, number)
        for message in said:
            head = replace(conversation, head_id=message.id)
            database.call_sync(conversations.save_turn, head, message)
    database.close()
    locations.settings.write_text('{"welcome_done": true}', encoding="utf-8")


def _add_many(
    connection: apsw.Connection, words: Words, numbers: random.Random, start: int, end: int
) -> None:
    with sqlite.transaction(connection):
        for number in range(start, end, EACH):
            conversation, said = _presenter(words, numbers, number)
            conversations.save_conversation(connection, conversation)
            key = sqlite.number(connection, "SELECT max(key) FROM conversations")
            parent: int | None = None
            for message in said:
                marks = ", ".join("?" * 14)
                connection.execute(
                    f"INSERT INTO messages VALUES (NULL, {marks})",
                    messages.message_row(message, key, parent),
                )
                parent = connection.last_insert_rowid()
                connection.executemany(
                    "INSERT INTO parts VALUES (?, ?, ?, ?, ?)", messages.part_rows(parent, message)
                )
                index_text(connection, "message_index", parent, message.text)


def _presenter(
    words: Words, numbers: random.Random, number: int
) -> tuple[Conversation, list[Message]]:
    """The conversation that begins with message `number`; one of its answers has a version."""
    time = _START + number * 30.0
    said: list[Message] = []
    identity = f"{number:032x}"
    for place in range(EACH):
        asked = place % 2 == 0
        parent = said[-1].id if said else None
        if place == EACH - 1:
            parent = said[-2].parent_id  # another version of what came before
            asked = said[-2].role is Role.USER
        said.append(
            Message(
                identity,
                Role.USER if asked else Role.ASSISTANT,
                (TextPart(words.text(numbers)),),
                parent,
                model="" if asked else "Qwen/Qwen3-32B",
                finish_reason="" if asked else "stop",
                usage=Usage() if asked else Usage(100, 200),
                timing=Timing() if asked else Timing(0.4, 3.0),
                created_at=time + place,
                id=f"{number + place:031x}f",
            )
        )
    title = said[0].text[:40].replace("\n", " ")
    conversation = Conversation(
        title=title,
        model="Qwen/Qwen3-32B",
        parameters=Parameters(temperature=0.7),
        head_id=said[-2].id,
        created_at=time,
        updated_at=time + EACH,
        id=identity,
    )
    return conversation, said
