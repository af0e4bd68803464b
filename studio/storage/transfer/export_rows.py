"""Reads what is exported from one moment of the database, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from studio.core.transfer.json_format import Exported, ExportedPicture, StoredFolder, ended
from studio.storage.db import connection as sqlite
from studio.storage.history.conversations import CONVERSATION_COLUMNS, conversation_of
from studio.storage.history.messages import load_all
from studio.storage.pictures.library_rows import PICTURE_COLUMNS, picture_of

_CHOSEN = "SELECT c.id FROM conversations c"


class Snapshot:
    """The chosen conversations (None: all), the one that was used last at the end.

    With `trash`, all of them also means those that were deleted.
    """

    def __init__(
        self, database: Path, conversation_ids: Sequence[str] | None, *, trash: bool = False
    ) -> None:
        self.connection = sqlite.connect_read_only(database)
        try:
            self.connection.execute("PRAGMA temp_store=MEMORY")
            self.connection.execute("CREATE TEMP TABLE chosen(key INTEGER PRIMARY KEY, place INT)")
            self.connection.execute("BEGIN")
            self._choose(conversation_ids, trash)
            self.count = sqlite.number(self.connection, "SELECT count(*) FROM chosen")
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def _choose(self, conversation_ids: Sequence[str] | None, trash: bool) -> None:
        choose = "INSERT OR IGNORE INTO chosen SELECT key, activity FROM conversations"
        if conversation_ids is None:
            self.connection.execute(choose + ("" if trash else " WHERE deleted_at IS NULL"))
        else:
            self.connection.executemany(f"{choose} WHERE id = ?", [(i,) for i in conversation_ids])

    def titles(self) -> list[tuple[str, str]]:
        """Id and title of each."""
        rows = self.connection.execute(
            "SELECT c.id, c.title FROM chosen JOIN conversations c USING (key) ORDER BY place, key"
        )
        return [(str(row[0]), str(row[1])) for row in rows]

    def conversations(self) -> Iterator[Exported]:
        """Each with all its messages."""
        rows = self.connection.execute(
            f"SELECT folder_id, deleted_at, {CONVERSATION_COLUMNS}"
            " FROM chosen JOIN conversations c USING (key) ORDER BY place, key"
        )
        for row in rows:
            conversation = conversation_of(row[2:])
            messages = tuple(ended(each) for each in load_all(self.connection, conversation.id))
            folder = None if row[0] is None else str(row[0])
            yield Exported(conversation, messages, folder, row[1])

    def folders(self, *, every: bool = False) -> list[StoredFolder]:
        """The folders in their order: those of the conversations, or `every` one."""
        used = (
            ""
            if every
            else " WHERE id IN (SELECT folder_id FROM chosen JOIN conversations USING (key))"
        )
        rows = self.connection.execute(f"SELECT id, name FROM folders{used} ORDER BY position, id")
        return [StoredFolder(str(row[0]), str(row[1])) for row in rows]

    def pictures(self) -> Iterator[ExportedPicture]:
        """Every picture that was made, also those in the trash, in the order they came."""
        rows = self.connection.execute(
            f"SELECT {PICTURE_COLUMNS} FROM pictures WHERE arriving = 0 ORDER BY key"
        )
        for row in rows:
            found = picture_of(row)
            yield ExportedPicture(found.image, found.favourite, found.missing, found.deleted_at)

    def count_pictures(self) -> int:
        """How many were made."""
        return sqlite.number(self.connection, "SELECT count(*) FROM pictures WHERE arriving = 0")
