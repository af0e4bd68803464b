"""Looks at what a killed program left, and holds it against what that program had acknowledged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from killing.acks import Acknowledged, sha
from killing.rooms import Rooms
from studio.core.errors import StudioError
from studio.core.messages import Message, MessageStatus
from studio.storage.db import connection as sqlite
from studio.storage.db.backups import damage_in as damage_in_copy
from studio.storage.db.backups import list_backups
from studio.storage.db.opening import DatabaseState, OpenReport
from studio.storage.history import messages, search
from studio.storage.pictures import library_rows
from studio.storage.transfer.import_pictures import pictures_in_use

NO_LOG = "the log was lost"
FINAL = frozenset({MessageStatus.COMPLETE, MessageStatus.INTERRUPTED})


@dataclass(slots=True)
class Verdict:
    """What was found wrong, in words, by kind."""

    lost: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Nothing was."""
        return not (self.lost or self.corrupt or self.orphaned or self.half)

    def words(self) -> Iterable[str]:
        """All of it, a line each."""
        for kind in ("lost", "corrupt", "orphaned", "half"):
            yield from (f"{kind}: {each}" for each in getattr(self, kind))


def opened(rooms: Rooms, verdict: Verdict, *states: DatabaseState) -> OpenReport | None:
    """Start as the program does; None when that failed."""
    try:
        report = rooms.begin()
    except StudioError as error:
        verdict.corrupt.append(f"it does not open: {error.detail}")
        return None
    if report.state not in (states or (DatabaseState.GOOD, DatabaseState.NEW)):
        verdict.corrupt.append(f"found {report.state.value}: {report.damage}")
    if report.log_lost:
        verdict.corrupt.append(NO_LOG)
    return report


def check_messages(rooms: Rooms, acks: Acknowledged, verdict: Verdict) -> None:
    """Every acknowledged message is there, at least as far as it was acknowledged."""
    for said in acks.messages.values():
        found = rooms.database.call_sync(messages.load_message, said["id"])
        wrong = wrong_with(found, said)
        if wrong:
            verdict.lost.append(f"message {said['id']}: {wrong}")

    def places(connection: apsw.Connection) -> None:
        for identity, title in acks.titles.items():
            sql = "SELECT title FROM conversations WHERE id = ?"
            if connection.execute(sql, (identity,)).get != title:
                verdict.lost.append(f"the title of {identity}")
        for identity in acks.deleted:
            sql = "SELECT deleted_at IS NOT NULL FROM conversations WHERE id = ?"
            if connection.execute(sql, (identity,)).get != 1:
                verdict.lost.append(f"the deletion of {identity}")

    rooms.database.call_sync(places)


def wrong_with(found: Message | None, said: dict[str, Any]) -> str:
    """What is wrong with a message; empty when it is as it was acknowledged."""
    if found is None:
        return "it is gone"
    if said["kind"] == "partial":
        kept = sha(found.text[: said["length"]])
        if kept != said["sha"]:
            return f"{len(found.text)} characters of {said['length']}"
        return "" if found.status in FINAL else f"it is {found.status.value}"
    if (found.status.value, sha(found.text)) != (said["status"], said["sha"]):
        return f"it is {found.status.value} with other words"
    return ""


def check_pictures(rooms: Rooms, acks: Acknowledged, verdict: Verdict) -> None:
    """Every acknowledged picture is there, and rows and files belong together."""
    for identity, digest in acks.pictures.items():
        row = rooms.database.call_sync(library_rows.load_picture, identity)
        if row is None or row.missing:
            verdict.lost.append(f"picture {identity}")
        elif hash_of(rooms.library.path(row.image)) != digest:
            verdict.half.append(f"picture {identity}")
    listed = rooms.listed_pictures()
    files = {each.name: each for each in (rooms.folder / "pictures").glob("*")}
    verdict.orphaned += [f"picture {each}" for each in files.keys() - listed]
    verdict.lost += [f"the file of a row: {each}" for each in listed - files.keys()]
    used = rooms.database.call_sync(pictures_in_use)
    rooms.sweep()
    attached = {each.stem: each for each in (rooms.folder / "attachments").glob("*/*")}
    verdict.orphaned += [f"attachment {each}" for each in attached.keys() - used]
    verdict.lost += [f"attachment {each}" for each in used - attached.keys()]
    verdict.half += [
        f"attachment {name}" for name, each in attached.items() if hash_of(each) != name
    ]
    verdict.half += [f"file {each.name}" for each in rooms.folder.rglob(".*") if each.is_file()]


def hash_of(path: Path) -> str:
    """The hash of a file; empty when it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def check_database(rooms: Rooms, verdict: Verdict, *, thorough: bool) -> None:
    """The database is sound in itself; `thorough` also reads every index of words."""

    def look(connection: apsw.Connection) -> None:
        damage = sqlite.damage_of(connection)
        if damage:
            verdict.corrupt.append(damage)
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            verdict.corrupt.append("a row names one that is not there")
        streaming = "SELECT count(*) FROM messages WHERE status = 'streaming'"
        if sqlite.number(connection, streaming):
            verdict.corrupt.append("an answer is still on its way")
        empty = (
            "SELECT count(*) FROM messages m WHERE role = 'user'"
            " AND NOT EXISTS (SELECT 1 FROM parts WHERE message = m.key)"
        )
        if sqlite.number(connection, empty):
            verdict.corrupt.append("a half message")
        for table in ("message_index", "title_index", "picture_index") if thorough else ():
            try:
                connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
            except apsw.Error as error:
                verdict.corrupt.append(f"{table}: {error}")

    rooms.database.call_sync(look)


def check_search(rooms: Rooms, acks: Acknowledged, verdict: Verdict) -> None:
    """The newest whole message is found by its words."""
    whole = [each for each in acks.messages.values() if each["kind"] == "message"]
    for said in reversed(whole[-5:]):
        message = rooms.database.call_sync(messages.load_message, said["id"])
        if message is None or len(message.text) < 12 or in_trash(rooms, message.conversation_id):
            continue
        if message.id not in ids_found(rooms, f'"{message.text[:14]}"'):
            verdict.corrupt.append(f"message {message.id} is not found by its words")
        return


def in_trash(rooms: Rooms, conversation_id: str) -> bool:
    """Whether a conversation was deleted, acknowledged or not."""
    sql = "SELECT count(*) FROM conversations WHERE id = ? AND deleted_at IS NOT NULL"
    return bool(rooms.database.call_sync(sqlite.number, sql, (conversation_id,)))


def ids_found(rooms: Rooms, text: str) -> set[str]:
    """All hits, page after page."""
    found: set[str] = set()
    before: int | None = None
    while True:
        page = rooms.database.call_sync(search.search_messages, text, limit=10**5, before=before)
        found |= {hit.message_id for hit in page.hits}
        before = page.more
        if before is None:
            return found


def check_backups(rooms: Rooms, acks: Acknowledged, verdict: Verdict) -> None:
    """Every copy that has a name is good, and the newest holds what it was to hold."""
    copies = list_backups(rooms.backups)
    for copy in copies:
        damage = damage_in_copy(copy.path)
        if damage:
            verdict.corrupt.append(f"backup {copy.path.name}: {damage}")
    if not acks.backups:
        return
    if not copies:
        verdict.lost.append("every backup")
        return
    known = ids_in(copies[0].path)
    gone = [each for each in acks.backups[-1]["messages"] if each not in known]
    if gone:
        verdict.lost.append(f"{len(gone)} messages are not in the newest backup")


def ids_in(path: Path) -> set[str]:
    """The ids of all messages in a database file that nobody writes to."""
    connection = sqlite.connect_read_only(path, immutable=True)
    try:
        return {str(row[0]) for row in connection.execute("SELECT id FROM messages")}
    finally:
        connection.close()


def look_at(rooms: Rooms, fresh: Acknowledged, verdict: Verdict, *, thorough: bool) -> None:
    """All of it, for an opened database."""
    check_database(rooms, verdict, thorough=thorough)
    check_messages(rooms, fresh, verdict)
    check_search(rooms, fresh, verdict)
    check_pictures(rooms, fresh, verdict)
