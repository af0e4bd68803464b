"""What a long history costs: the window with its list, opening, searching, the index, memory.

Measured on a generated history of 100,000 messages, or as many as MODA_BENCH_MESSAGES says
(1,000,000 take some minutes to be made, once), against a database that is empty or holds only
the conversations that are opened.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import apsw
from _history_data import EACH, Words, history, no_history
from _measuring import ROOT, Measure, at_most, child_cpu, environment, ratio_to, report

from studio.core.folding import fold
from studio.core.messages import Conversation, Message, MessageStatus, Role, append_delta
from studio.storage.db import backups
from studio.storage.db import connection as sqlite
from studio.storage.db.database import Database
from studio.storage.history import conversations, messages, search
from studio.storage.locations import locate

COUNT = int(os.environ.get("MODA_BENCH_MESSAGES", "100000"))
RUNS = 9
OPENED = 40
OPEN_RUNS = 15
EACH_WORD = 3
BY_RANK = ((0, 20), (20, 200), (200, 2000), (2000, 10**9))
A_BAND = 8  # words of each kind and band of ranks
CHECKED = 6  # words of each kind that are also looked for in every text
LIMIT = 50
TOKENS = 250

Asked = dict[str, list[str]]


def queries(words: Words) -> Asked:
    """Words of each kind, from the commonest to the rarest, and words that nobody wrote."""
    numbers = random.Random(5)

    def banded(pool: list[str]) -> list[str]:
        bands = [pool[low:high] for low, high in BY_RANK]
        return [each for band in bands for each in numbers.sample(band, min(A_BAND, len(band)))]

    asked = {
        f"{length} Chinese characters": banded([w for w in words.chinese if len(w) == length])
        for length in (2, 3, 4)
    }
    asked["English words"] = banded([w for w in words.english if len(w) > 3])
    signs = words.chinese[:300]
    made = ["".join(numbers.choice(signs)[0] for _ in range(3)) for _ in range(10)]
    made += [numbers.choice(signs)[:1] + numbers.choice(words.english[:50]) for _ in range(10)]
    known = set(words.chinese)
    asked["words that are not there"] = [each for each in made if each not in known]
    return asked


def searching(database: Database, asked: Asked) -> list[Measure]:
    """The newest 50, through the database's own thread: of each word the median, of all the p95."""
    measures: list[Measure] = []
    for kind, words in asked.items():
        times: list[float] = []
        for word in words:
            tries: list[float] = []
            for _ in range(EACH_WORD):
                started = time.perf_counter()
                database.call_sync(search.search_messages, f'"{word}"', limit=LIMIT)
                tries.append((time.perf_counter() - started) * 1e3)
            times.append(statistics.median(tries))
        p95 = statistics.quantiles(times, n=20)[-1]
        measure = at_most("history", f"search {kind}, newest {LIMIT}, p95", [p95], "ms", 20.0)
        measures.append({**measure, "runs": len(times)})
    return measures


def checking(database: Database, asked: Asked) -> list[Measure]:
    """Every page of some words against a look at every text."""
    chosen = [word for words in asked.values() for word in words[:: max(1, len(words) // CHECKED)]]
    wanted = {word: fold(word) for word in chosen}
    there: dict[str, set[str]] = {word: set() for word in chosen}

    def look(connection: apsw.Connection) -> None:
        for identity, text in _texts(connection):
            folded = fold(text)
            for word, term in wanted.items():
                if term in folded:
                    there[word].add(identity)

    database.call_sync(look)
    missed = wrong = 0
    for word in chosen:
        found = set(_all_hits(database, word))
        missed += len(there[word] - found)
        wrong += len(found - there[word])
    total = sum(len(each) for each in there.values())
    if not total:
        raise RuntimeError("no word was found at all: nothing was checked")
    runs = len(chosen)
    return [
        {**at_most("history", f"hits missed of {total:,}", [missed], "hits", 0), "runs": runs},
        {**at_most("history", "false hits", [wrong], "hits", 0), "runs": runs},
    ]


def _texts(connection: apsw.Connection) -> Iterator[tuple[str, str]]:
    rows = connection.execute(
        "SELECT m.id, p.text FROM parts p JOIN messages m ON m.key = p.message"
        " WHERE p.kind = 'text'"
    )
    return ((str(row[0]), str(row[1])) for row in rows)


def _all_hits(database: Database, word: str) -> Iterator[str]:
    before: int | None = None
    while True:
        page = database.call_sync(search.search_messages, f'"{word}"', limit=500, before=before)
        yield from (hit.message_id for hit in page.hits)
        before = page.more
        if before is None:
            return


def sizes(database: Database) -> list[Measure]:
    """The index for every character of text, in bytes as they lie in the file."""

    def measure(connection: apsw.Connection) -> tuple[int, int]:
        index = sqlite.number(
            connection,
            "SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name GLOB 'message_index_*'",
        )
        text = sqlite.number(
            connection, "SELECT sum(octet_length(text)) FROM parts WHERE kind = 'text'"
        )
        return index, text

    index, text = database.call_sync(measure)
    if not index or not text:
        raise RuntimeError("the sizes could not be read")
    return [ratio_to("history", "index to text", [index / 1e6], "MB", [text / 1e6], 1.0)]


def opening(database: Database, ids: list[str]) -> list[Measure]:
    """Opening conversations here and in a database that holds nothing but them, CPU."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Database.open(Path(folder) / "studio.db")
        for each in ids:
            _copy(database, alone, each)
        for warmed in (database, alone):
            _open_all(warmed, ids)
        here: list[float] = []
        there: list[float] = []
        for _ in range(OPEN_RUNS):
            here.append(_open_all(database, ids))
            there.append(_open_all(alone, ids))
        alone.close()
    return [ratio_to("history", "open a conversation", here, "ms CPU", there, 1.3)]


def _copy(source: Database, target: Database, conversation_id: str) -> None:
    conversation = source.call_sync(conversations.load_conversation, conversation_id)
    if conversation is None:
        raise RuntimeError(f"there is no conversation {conversation_id}")
    target.call_sync(conversations.save_conversation, conversation)
    for message in source.call_sync(messages.load_all, conversation_id):
        target.call_sync(messages.save_message, message, head=False)


def _open_all(database: Database, ids: list[str]) -> float:
    def work(connection: apsw.Connection) -> float:
        started = time.thread_time()
        for each in ids:
            opened = conversations.open_conversation(connection, each)
            assert opened is not None
            assert len(opened[1]) >= EACH - 2
        return (time.thread_time() - started) * 1e3 / len(ids)

    return database.call_sync(work)


def streaming(database: Database) -> list[Measure]:
    """How fast an answer is taken in, and stored twice a second, while the file is backed up.

    A hundred tokens a second wait to be taken; what is held up is taken later, and the end comes
    later.
    """

    def seconds() -> float:
        presenter = Conversation(title="streamed")
        database.call_sync(conversations.save_conversation, presenter)
        answer = Message(presenter.id, Role.ASSISTANT, (), status=MessageStatus.STREAMING)
        saving = database.submit(messages.save_message, answer)
        began = saved = time.perf_counter()
        for token in range(TOKENS):
            time.sleep(max(0.0, began + token * 0.01 - time.perf_counter()))
            answer = replace(answer, parts=append_delta(answer.parts, "词 ", reasoning=False))
            if time.perf_counter() - saved >= 0.5 and saving.done():
                # As in a conversation: what is being stored holds nothing up.
                saved = time.perf_counter()
                saving = database.submit(messages.save_partial, answer)
        taken = time.perf_counter() - began
        done = replace(answer, status=MessageStatus.COMPLETE)
        database.call_sync(messages.save_message, done)
        return taken

    def back_up(ended: threading.Event, folder: Path) -> None:
        while not ended.is_set():
            backups.back_up(database.path, folder, label=backups.MANUAL).unlink()

    alone, beside = [seconds()], list[float]()
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            ended = threading.Event()
            copier = threading.Thread(target=back_up, args=(ended, Path(folder)))
            copier.start()
            beside.append(seconds())
            ended.set()
            copier.join()
        alone.append(seconds())
    return [ratio_to("history", "an answer while a backup is made", beside, "s", alone, 1.11)]


def windows(full: Path, empty: Path) -> list[Measure]:
    """CPU to the first paint of the real program, the list shown, with and without a history."""
    env = environment()

    def paint(folder: Path) -> dict[str, float]:
        start = ["-m", "studio", "--time-first-paint", "--data-dir", str(folder)]
        said: dict[str, float] = json.loads(child_cpu(start, env)[1])
        return said

    for folder in (full, empty):
        paint(folder)
    here: list[float] = []
    there: list[float] = []
    for _ in range(RUNS):
        shown = paint(full)
        if not shown["history_rows"]:
            raise RuntimeError("the window showed no history")
        here.append(shown["cpu_ms"])
        there.append(paint(empty)["cpu_ms"])
    return [ratio_to("history", "window with list, CPU to first paint", here, "ms", there, 1.3)]


def memory(full: Path, ids: list[str], words: list[str]) -> list[Measure]:
    """The most that the whole program takes while one scrolls, searches and opens."""
    child = str(ROOT / "tests" / "bench" / "_history_child.py")
    command = [child, str(full), ",".join(ids), ",".join(words)]
    child_cpu([child, str(full), "", ""], environment())  # compiling takes memory, once
    said = json.loads(child_cpu(command, environment())[1])
    # The backup of the day, which belongs to what was measured, is of no use here.
    shutil.rmtree(full / "backups", ignore_errors=True)
    if not (said["scrolled"] and said["found"] and said["opened"]):
        raise RuntimeError(f"the program did not do its work: {said}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        at_most("history", "memory of the program in use", [said["megabytes"]], "MB", 250.0),
        at_most("history", "memory of store and search alone", [own], "MB", 250.0),
    ]


def used(folder: Path, work: Callable[[Database], list[Measure]]) -> list[Measure]:
    """What `work` measures on the database there, which is left as it was found."""
    database = Database.open(locate(folder).database)
    try:
        database.checked.result()  # a run that was broken off makes it look the file over first
        return work(database)
    finally:
        database.close()


def main() -> None:
    """Measure and report."""
    full, empty = history(COUNT), no_history()
    used(full, lambda _: [])
    asked = queries(Words())
    numbers = random.Random(7)
    ids = [f"{numbers.randrange(COUNT // EACH) * EACH:032x}" for _ in range(OPENED)]
    measures = windows(full, empty)
    measures += used(full, lambda database: opening(database, ids))
    measures += used(full, lambda database: searching(database, asked))
    measures += used(full, sizes)
    with tempfile.TemporaryDirectory() as folder:
        # Not the stored one: this adds conversations.
        copy = Path(folder) / full.name
        shutil.copytree(full, copy)
        measures += used(copy, streaming)
    words = [word for kind in asked.values() for word in kind[:: len(kind) // 4]]
    measures += memory(full, ids[:20], words)
    measures += used(full, lambda database: checking(database, asked))
    report(measures)


if __name__ == "__main__":
    main()
