"""A program that works without end and says what is kept; made to be killed.

Usage: python -m killing.work PHASE FOLDER SEED [early | no-journal]. It says "ready" when it has
loaded, waits for a line, and begins. `early` acknowledges before the store has said so, and
`no-journal` takes the journal away: both lie, so that it can be seen that lies are found out.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw

from killing import later_schema
from killing.acks import say, sha
from killing.rooms import Rooms, small_picture
from studio.core.messages import (
    Conversation,
    ImagePart,
    Message,
    MessageStatus,
    Role,
    TextPart,
    append_delta,
)
from studio.storage.db import backups
from studio.storage.db.opening import restore
from studio.storage.history import conversations, messages
from studio.storage.transfer.imports import import_file

WORDS = ["秋天", "诗", "猫", "fox", "jumps", "over", "🎈", "lazy", "一首", "dog"]


class Worker:
    """Someone who chats, and acknowledges each step."""

    def __init__(self, rooms: Rooms, numbers: random.Random, lies: frozenset[str]) -> None:
        self.rooms, self.numbers = rooms, numbers
        self.early = "early" in lies
        self.said: list[str] = []

    def keep(self, message: Message) -> None:
        """Save a message and acknowledge it."""
        words = {"id": message.id, "status": message.status.value, "sha": sha(message.text)}
        if self.early:
            say("message", **words)
        self.rooms.database.call_sync(messages.save_message, message)
        if not self.early:
            say("message", **words)
        self.said.append(message.id)

    def text(self, count: int) -> str:
        return " ".join(self.numbers.choices(WORDS, k=count))

    def chat(self) -> None:
        """A conversation: question, streamed answer, another version, and what one does to it."""
        database, numbers = self.rooms.database, self.numbers
        conversation = Conversation(title=self.text(2))
        database.call_sync(conversations.save_conversation, conversation)
        parts: tuple[ImagePart | TextPart, ...] = (TextPart(self.text(9)),)
        if numbers.random() < 0.2:
            parts = (self.picture(), *parts)
        question = Message(conversation.id, Role.USER, parts)
        self.keep(question)
        for _ in range(numbers.randrange(1, 3)):
            self.answer(question)
        if numbers.random() < 0.2:
            title = self.text(3)
            database.call_sync(conversations.rename, conversation.id, title)
            say("title", id=conversation.id, title=title)
        if numbers.random() < 0.1:
            database.call_sync(conversations.delete, [conversation.id])
            say("deleted", id=conversation.id, deleted=True)

    def answer(self, question: Message) -> None:
        streaming = MessageStatus.STREAMING
        answer = Message(question.conversation_id, Role.ASSISTANT, (), question.id, streaming)
        self.rooms.database.call_sync(messages.save_message, answer)
        for _ in range(self.numbers.randrange(1, 12)):
            piece = self.text(30)
            answer = replace(answer, parts=append_delta(answer.parts, piece, reasoning=False))
            words = {"id": answer.id, "length": len(answer.text), "sha": sha(answer.text)}
            if self.early:
                say("partial", **words)
            self.rooms.database.call_sync(messages.save_partial, answer)
            if not self.early:
                say("partial", **words)
        self.keep(replace(answer, status=MessageStatus.COMPLETE))

    def picture(self) -> ImagePart:
        content = small_picture(self.numbers.randrange(1 << 24))
        sha256 = self.rooms.attachments.keep(content, "image/png")
        return ImagePart(sha256, "image/png", 40, 30, len(content), "猫.png")


def chat(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Chat without end."""
    rooms.begin()
    if "no-journal" in sys.argv:
        rooms.database.call_sync(_without_journal)
    while True:
        worker.chat()


def _without_journal(connection: apsw.Connection) -> None:
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
    assert connection.pragma("journal_mode", "OFF") == "off"
    # Waiting for the disk is no moment in which anything can break.
    connection.execute("PRAGMA synchronous=OFF")


def picture(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Save pictures without end."""
    rooms.begin()
    while True:
        identity, digest = rooms.make_picture(worker.numbers.randrange(1 << 24))
        say("picture", id=identity, sha=digest)
        conversation = Conversation(title="look")
        rooms.database.call_sync(conversations.save_conversation, conversation)
        parts = (worker.picture(), TextPart("what is this?"))
        worker.keep(Message(conversation.id, Role.USER, parts))


def first_start(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Begin in an empty folder."""
    rooms.begin()
    say("begun")
    worker.chat()
    rooms.close()
    say("closed")


def migration(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Open an old database with a program whose schema is newer."""
    rooms.begin()
    say("migrated")
    worker.chat()
    rooms.close()


def backup(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Chat, and make copies beside it."""
    rooms.begin()

    def copy() -> None:
        while True:
            count = len(worker.said)
            path = rooms.database.back_up(backups.DAILY)
            say("backup", path=str(path), messages=worker.said[:count][-200:])

    threading.Thread(target=copy, daemon=True).start()
    while True:
        worker.chat()


def put_back(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Put an earlier copy back, again and again."""
    folder = rooms.folder
    while True:
        rooms.begin()
        worker.chat()
        copy = rooms.database.back_up(backups.DAILY)
        worker.chat()
        rooms.close()
        restore(rooms.path, copy)
        say("restored", path=str(copy))
        rooms = worker.rooms = Rooms(folder)


def take_in(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Import the file that lies there while somebody chats."""
    rooms.begin()

    def talk() -> None:
        while True:
            worker.chat()

    threading.Thread(target=talk, daemon=True).start()
    import_file(rooms.database, rooms.source, rooms.folder / "import.zip")
    say("import", number=seed)
    threading.Event().wait()


def recovery(rooms: Rooms, worker: Worker, seed: int) -> None:
    """Start after a program that was killed, and end; again and again."""
    folder = rooms.folder
    while True:
        rooms.begin()
        rooms.sweep()
        say("recovered")
        worker.chat()
        rooms.close()
        rooms = worker.rooms = Rooms(folder)


Phase = Callable[[Rooms, Worker, int], None]
PHASES: dict[str, Phase] = {
    "chat": chat,
    "migration": migration,
    "backup": backup,
    "restore": put_back,
    "import": take_in,
    "picture": picture,
    "first-start": first_start,
    "recovery": recovery,
}


def main() -> None:
    """Wait for the start signal, then work."""
    phase, folder, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    small_picture(0)  # Pillow takes its time to load
    if phase == "migration":
        later_schema.use()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    rooms = Rooms(folder)
    worker = Worker(rooms, random.Random(seed), frozenset(sys.argv[4:]))
    PHASES[phase](rooms, worker, seed)


if __name__ == "__main__":
    main()
