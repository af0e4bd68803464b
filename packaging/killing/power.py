"""The power goes: what was written and not yet synced is on the disk in part, or not at all.

A VFS records every write, sync, truncation and deletion of the real store, and when it said that
something was kept. Then the disk is built up as it may have been at a random moment: all that was
synced, and of the rest any of the 512-byte sectors, each old or new. From that the store starts.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from killing.acks import Acknowledged, sha
from killing.check import Verdict, check_database, check_messages, check_search
from killing.outcome import Outcome
from killing.rooms import Rooms
from studio.core.errors import StudioError
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart, append_delta
from studio.storage.db.database import Database
from studio.storage.db.opening import DatabaseState
from studio.storage.history import conversations, messages

SECTOR = 512
TURNS = 25
PAGES = 20  # of the log, before it flows back into the file: that is to be cut as well
WORDS = ["秋天", "诗", "猫", "fox", "jumps", "over", "🎈", "lazy", "一首", "dog"]


class Event(NamedTuple):
    """Something that reached the disk's driver, in its order; or an acknowledgement."""

    kind: str
    name: str = ""
    at: int = 0
    content: bytes = b""
    said: dict[str, Any] | None = None


class Tape:
    """The events of one run."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def say(self, **said: Any) -> None:
        """The store has said that something is kept."""
        self.events.append(Event("said", said=said))


class _File(apsw.VFSFile):
    """A file of the recording disk."""

    def __init__(self, tape: Tape, name: Any, flags: list[int]) -> None:
        self._tape = tape
        self._name = Path(
            name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        ).name
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:
        self._tape.events.append(Event("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._tape.events.append(Event("sync", self._name))
        # The real disk need not be waited for.

    def xTruncate(self, newsize: int) -> None:
        self._tape.events.append(Event("truncate", self._name, newsize))
        super().xTruncate(newsize)


class _Disk(apsw.VFS):
    """The disk under the store while it is recorded."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        super().__init__("recording", "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return _File(self._tape, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._tape.events.append(Event("delete", Path(filename).name, at=int(syncdir)))
        super().xDelete(filename, syncdir)


@contextmanager
def recording() -> Iterator[Tape]:
    """Record what is done through the VFS called "recording"."""
    tape = Tape()
    disk = _Disk(tape)
    try:
        yield tape
    finally:
        disk.unregister()


@dataclass(slots=True)
class _Stored:
    """A file: what is surely on the disk, and what may be."""

    durable: bytearray = field(default_factory=bytearray)
    exists: bool = False
    pending: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Something happens to the file."""
        if event.kind == "sync":
            for each in self.pending:
                self.apply(each)
            self.exists = True
        elif event.kind == "delete" and event.at:  # and its folder was synced
            self.durable.clear()
            self.exists = False
        else:
            self.pending.append(event)
            return
        self.pending.clear()

    def apply(self, event: Event) -> None:
        """Something reaches the disk."""
        if event.kind == "delete":
            self.durable.clear()
        elif event.kind == "truncate":
            del self.durable[event.at :]
            self.durable.extend(bytes(event.at - len(self.durable)))
        else:
            end = event.at + len(event.content)
            self.durable.extend(bytes(max(0, end - len(self.durable))))
            self.durable[event.at : end] = event.content


def disk_at(
    events: list[Event], start: dict[str, bytes], numbers: random.Random
) -> dict[str, bytes]:
    """The files as the disk may hold them when the power goes after these events."""
    files = {name: _Stored(bytearray(content), True) for name, content in start.items()}
    for event in events:
        if event.kind != "said":
            files.setdefault(event.name, _Stored()).take(event)
    kept = numbers.choice((0.0, 0.5, 0.9, 1.0))
    for stored in files.values():
        stored.exists |= bool(stored.pending) and numbers.random() < 0.5
        for each in stored.pending:
            for piece in _sectors(each):
                if numbers.random() < kept:
                    stored.apply(piece)
    return {name: bytes(stored.durable) for name, stored in files.items() if stored.exists}


def _sectors(event: Event) -> Iterator[Event]:
    """What of an event reaches the disk or does not, each for itself."""
    if event.kind != "write":
        yield event
    for start in range(0, len(event.content), SECTOR):
        piece = event.content[start : start + SECTOR]
        yield event._replace(at=event.at + start, content=piece)


def record(
    folder: Path, seed: int, *, synchronous: str = "FULL"
) -> tuple[list[Event], dict[str, bytes]]:
    """Chat for a while on a recorded disk; what happened, and the files before it."""
    path = folder / "studio.db"
    Database.open(path).close()
    start = {path.name: path.read_bytes()}
    numbers = random.Random(seed)
    with recording() as tape:
        database = Database(path, vfs="recording")
        database.wait_open()

        def set_up(connection: apsw.Connection) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")
            connection.wal_autocheckpoint(PAGES)

        database.call_sync(set_up)
        for _ in range(TURNS):
            _turn(database, tape, numbers)
        database.close()
    return tape.events, start


def _turn(database: Database, tape: Tape, numbers: random.Random) -> None:
    def text(count: int) -> str:
        return " ".join(numbers.choices(WORDS, k=count))

    def keep(message: Message) -> None:
        database.call_sync(messages.save_message, message)
        words = {"status": message.status.value, "sha": sha(message.text)}
        tape.say(kind="message", id=message.id, **words)

    conversation = Conversation(title=text(3))
    database.call_sync(conversations.save_conversation, conversation)
    question = Message(conversation.id, Role.USER, (TextPart(text(9)),))
    keep(question)
    answer = Message(
        conversation.id, Role.ASSISTANT, (), question.id, status=MessageStatus.STREAMING
    )
    database.call_sync(messages.save_message, answer)
    for _ in range(numbers.randrange(1, 5)):
        answer = replace(answer, parts=append_delta(answer.parts, text(200), reasoning=False))
        database.call_sync(messages.save_partial, answer)
        said = {"length": len(answer.text), "sha": sha(answer.text)}
        tape.say(kind="partial", id=answer.id, **said)
    keep(replace(answer, status=MessageStatus.COMPLETE))


def run_power(cuts: int, folder: Path, seed: int, *, synchronous: str = "FULL") -> Outcome:
    """Let the power go `cuts` times."""
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    events, start = record(folder / "recorded", seed, synchronous=synchronous)
    numbers = random.Random(f"{seed} power")
    outcome = Outcome("power")
    for cut in range(cuts):
        end = numbers.randrange(1, len(events) + 1)
        house = folder / "house"
        house.mkdir()
        for name, content in disk_at(events[:end], start, numbers).items():
            (house / name).write_bytes(content)
        # The mark of an open database is not synced: it may be there, be empty, or not be there.
        mark = numbers.choice((None, b"", b'{"sessions": [], "closing": false, "suspect": false}'))
        if mark is not None:
            (house / "studio.db.open").write_bytes(mark)
        acks = Acknowledged()
        for event in events[:end]:
            if event.said is not None:
                acks.add(event.said)
        verdict = Verdict()
        outcome.interrupted += _look(house, acks, verdict)
        outcome.kills += 1
        outcome.acknowledged += acks.count
        outcome.add(cut, verdict)
        shutil.rmtree(house)
    outcome.seconds = time.monotonic() - started
    return outcome


def _look(house: Path, acks: Acknowledged, verdict: Verdict) -> int:
    rooms = Rooms(house)
    try:
        report = rooms.begin()
        if report.state is not DatabaseState.GOOD:
            verdict.corrupt.append(f"found {report.state.value}: {report.damage}")
        check_database(rooms, verdict, thorough=True)
        check_messages(rooms, acks, verdict)
        check_search(rooms, acks, verdict)
        return report.interrupted
    except StudioError as error:
        verdict.corrupt.append(f"it does not open: {error.detail}")
        return 0
    finally:
        rooms.close()
