"""The phases: what is there before a kill, how long the program lives, and what must hold after."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import apsw

from killing import later_schema
from killing.acks import Acknowledged
from killing.check import (
    Verdict,
    check_backups,
    check_messages,
    hash_of,
    ids_in,
    look_at,
    opened,
)
from killing.rooms import Rooms
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.core.transfer.json_format import (
    conversation_to_plain,
)
from studio.core.transfer.values import line
from studio.storage.db import connection as sqlite
from studio.storage.db.backups import damage_in, list_backups
from studio.storage.db.migrations import NEWEST
from studio.storage.db.opening import DatabaseState
from studio.storage.history import conversations, messages
from studio.storage.transfer.export_rows import Snapshot

FRESH_EVERY = 25  # kills after which a folder that only grows is begun anew


class Scene:
    """A phase in which one goes on with the same folder after every kill."""

    phase = "chat"
    seconds = (0.05, 0.2)  # within which it is killed: mostly, and sometimes

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.acks = Acknowledged()

    def folder_of(self, kill: int) -> Path:
        """Where the program of a kill works."""
        return self.folder / "house"

    def set_up(self, kill: int) -> None:
        """Have there what it needs."""

    def look(self, kill: int, acks: Acknowledged, verdict: Verdict, *, thorough: bool) -> int:
        """Start anew and look; how many answers had been cut."""
        self.acks.merge(acks)
        rooms = Rooms(self.folder_of(kill))
        try:
            report = opened(rooms, verdict)
            if report is None:
                return 0
            look_at(rooms, self.acks if thorough else acks, verdict, thorough=thorough)
            self.also(rooms, verdict)
            return report.interrupted
        finally:
            rooms.close()

    def also(self, rooms: Rooms, verdict: Verdict) -> None:
        """What else must hold in this phase."""


class PictureScene(Scene):
    """Pictures are saved."""

    phase = "picture"
    seconds = (0.08, 0.3)


class RecoveryScene(Scene):
    """One start after another is killed, each after a program that was killed."""

    phase = "recovery"
    seconds = (0.06, 0.2)

    def set_up(self, kill: int) -> None:
        if kill % 4 == 3:
            self._damage()

    def look(self, kill: int, acks: Acknowledged, verdict: Verdict, *, thorough: bool) -> int:
        if kill % 4 == 3:
            self.acks.merge(acks)
            self._look_at_damaged(verdict, acks)
            shutil.rmtree(self.folder_of(kill))
            self.acks = Acknowledged()
            return 0
        return super().look(kill, acks, verdict, thorough=thorough)

    def _damage(self) -> None:
        """Cut the database in half, with a copy of it among the backups."""
        rooms = Rooms(self.folder_of(0))
        rooms.begin()
        copy = rooms.database.back_up()
        rooms.close()
        self._in_copy = ids_in(copy)
        content = rooms.path.read_bytes()
        rooms.path.write_bytes(content[: len(content) // 2])
        self._damaged = hash_of(rooms.path)

    def _look_at_damaged(self, verdict: Verdict, acks: Acknowledged) -> None:
        folder = self.folder_of(0)
        rooms = Rooms(folder)
        states = (DatabaseState.GOOD, DatabaseState.RESTORED)
        try:
            if opened(rooms, verdict, *states) is None:
                return
            here = ids_of(rooms)
            gone = self._in_copy - here
            verdict.lost += [f"message {each} of the backup" for each in gone]
            check_messages(rooms, acks, verdict)
            aside = [hash_of(each) for each in folder.glob("studio.db.damaged-*")]
            if self._damaged not in aside:
                verdict.lost.append("the damaged file was not kept")
        finally:
            rooms.close()


def ids_of(rooms: Rooms) -> set[str]:
    """The ids of all messages."""

    def read(connection: apsw.Connection) -> set[str]:
        return {str(row[0]) for row in connection.execute("SELECT id FROM messages")}

    return rooms.database.call_sync(read)


class FirstStartScene(Scene):
    """Every program begins in a folder of its own."""

    phase = "first-start"
    seconds = (0.03, 0.1)

    def folder_of(self, kill: int) -> Path:
        return self.folder / f"house-{kill}"

    def look(self, kill: int, acks: Acknowledged, verdict: Verdict, *, thorough: bool) -> int:
        self.acks = Acknowledged()
        found = super().look(kill, acks, verdict, thorough=True)
        shutil.rmtree(self.folder_of(kill), ignore_errors=True)
        return found


class BackupScene(Scene):
    """Copies are made while somebody chats."""

    phase = "backup"
    seconds = (0.15, 0.4)

    def also(self, rooms: Rooms, verdict: Verdict) -> None:
        check_backups(rooms, self.acks, verdict)


class RestoreScene(Scene):
    """An earlier copy is put back: what it lacks is in the file that was kept."""

    phase = "restore"
    seconds = (0.3, 0.6)

    def set_up(self, kill: int) -> None:
        if kill % FRESH_EVERY == 0:
            shutil.rmtree(self.folder_of(kill), ignore_errors=True)
            self.acks = Acknowledged()

    def look(self, kill: int, acks: Acknowledged, verdict: Verdict, *, thorough: bool) -> int:
        self.acks.merge(acks)
        folder = self.folder_of(kill)
        rooms = Rooms(folder)
        try:
            # Between two renames there is no file for a moment: then the newest copy is taken.
            if opened(rooms, verdict, *DatabaseState) is None:
                return 0
            known = ids_of(rooms)
            for aside in folder.glob("studio.db.replaced-*"):
                if aside.suffix != "-shm" and not aside.name.endswith(("-wal", "-shm")):
                    damage = damage_in(aside)
                    verdict.corrupt += [f"{aside.name}: {damage}"] if damage else []
                    known |= ids_in(aside)
            gone = [each for each in self.acks.messages if each not in known]
            verdict.lost += [f"message {each}" for each in gone]
            check_backups(rooms, Acknowledged(), verdict)
        finally:
            rooms.close()
        return 0


class MigrationScene(Scene):
    """An old database is opened by a newer program; begun anew when it has arrived."""

    phase = "migration"
    seconds = (0.1, 0.25)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        rooms = Rooms(folder / "old")
        rooms.begin()
        rooms.database.call_sync(_fill)
        rooms.close()
        self._old = rooms.path
        self._content = content_of(self._old)

    def set_up(self, kill: int) -> None:
        path = self.folder_of(kill) / "studio.db"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            shutil.copyfile(self._old, path)

    def look(self, kill: int, acks: Acknowledged, verdict: Verdict, *, thorough: bool) -> int:
        folder = self.folder_of(kill)
        with later_schema.used():
            self._look_at_step(folder, acks, verdict)
            rooms = Rooms(folder)
            try:
                if opened(rooms, verdict) is None:
                    return 0
                look_at(rooms, acks, verdict, thorough=thorough)
            finally:
                rooms.close()
            # What was there before the migration has not changed; later words may stand beside it.
            if content_of(rooms.path, only=self._content) != self._content:
                verdict.lost.append("the migrated words are other ones")
        if acks.others or kill % 3 == 2:
            shutil.rmtree(folder)
        return 0

    def _look_at_step(self, folder: Path, acks: Acknowledged, verdict: Verdict) -> None:
        """The schema is one of those that there are, and a copy was made before the first step."""
        connection = sqlite.connect_read_only(folder / "studio.db")
        try:
            version = sqlite.number(connection, "PRAGMA user_version")
            columns = {row[1] for row in connection.execute("PRAGMA table_info(messages)")}
        finally:
            connection.close()
        steps = version - NEWEST
        if columns & set(later_schema.COLUMNS) != set(later_schema.COLUMNS[:steps]):
            verdict.corrupt.append(f"version {version} has another schema")
        if acks.others and steps != later_schema.STEPS:
            verdict.lost.append("an acknowledged migration")
        copies = list_backups(folder / "backups")
        if steps and not any(content_of(each.path) == self._content for each in copies):
            verdict.lost.append("no backup was made before the migration")


def _fill(connection: apsw.Connection) -> None:
    with sqlite.transaction(connection):
        for number in range(100):
            conversation = Conversation(title=f"old {number}")
            conversations.save_conversation(connection, conversation)
            parent: str | None = None
            for place in range(30):
                role = Role.ASSISTANT if place % 2 else Role.USER
                text = f"秋天 {place} " * 20
                message = Message(conversation.id, role, (TextPart(text),), parent)
                messages.save_message(connection, message)
                parent = message.id


def content_of(path: Path, *, only: dict[str, str] | None = None) -> dict[str, str]:
    """The hash of every conversation (or `only` those) by its id."""
    with Snapshot(path, None if only is None else list(only), trash=True) as snapshot:
        return {
            each.conversation.id: hashlib.sha256(
                line(conversation_to_plain(each)).encode()
            ).hexdigest()
            for each in snapshot.conversations()
        }
