"""Gathers what an import will add in a database of its own, beside ours, which it only reads.

Here is decided what becomes of each conversation. Nothing that we have is ever changed:

new       its ids are not known here: it is added as it is
merged    it is known with the same words: messages that are not there yet are added as further
          versions, and if they go on from the one that is shown, the last of them is shown
copied    an id of it is known here with other words: it is added under new ids, which are the
          same ones whenever the same file is imported again
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import apsw

from studio.core.messages import Message
from studio.core.transfer import WRONG_SHAPE, refused
from studio.core.transfer_json import (
    Exported,
    ExportedPicture,
    Folder,
    conversation_to_plain,
    message_to_plain,
    picture_to_plain,
)
from studio.core.transfer_values import line, read
from studio.storage.connection import number, storable, transaction
from studio.storage.conversations import conversation_row, load_conversation
from studio.storage.files import part_beside
from studio.storage.grams import fold, tokens
from studio.storage.library_rows import load_picture
from studio.storage.messages import load_all, message_row, part_rows
from studio.storage.picture_settings import request_to_json

_SCHEMA = """
CREATE TABLE staged_folders(seq INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT);
CREATE TABLE staged_conversations(
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, kind, title, model, door, system_prompt, parameters,
    head_id, pinned, created_at, updated_at, merged, folder_id, deleted_at, thumbnail, grams);
CREATE TABLE staged_messages(
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, conversation, parent, role, status, model,
    finish_reason, input_tokens, output_tokens, first_token, total_seconds, error, request_id,
    created_at, parent_id, grams);
CREATE INDEX staged_by_conversation ON staged_messages(conversation);
CREATE TABLE staged_parts(message, position, kind, text, rest);
CREATE TABLE staged_attachments(sha256 TEXT PRIMARY KEY, media_type) WITHOUT ROWID;
CREATE TABLE staged_pictures(
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, request, path TEXT UNIQUE, sha256, width, height,
    byte_size, seconds, demo, favourite, missing, deleted_at, created_at, grams);
"""
_MOST_COPIES = 100


class Staging:
    """The database of one import at `path`; close it, and it is gone.

    Its tables are called `staged_…`; every other name means the database at `store`.
    """

    def __init__(self, store: Path) -> None:
        self.path = part_beside(store)
        self.conversations = self.merged = self.copied = self.unchanged = 0
        self.messages = self.pictures = 0
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
        self.connection = apsw.Connection(str(self.path), flags=flags)
        try:
            # It is of use to nobody after a crash.
            self.connection.pragma("journal_mode", "OFF")
            self.connection.execute("PRAGMA synchronous=OFF;" + _SCHEMA)
            self.connection.set_busy_timeout(5000)
            address = "file:" + quote(str(store).replace("\\", "/")) + "?mode=ro"
            self.connection.execute("ATTACH ? AS store", (address,))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove it."""
        self.connection.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def add(self, exported: Exported) -> None:
        """Stage what is new of a conversation."""
        exported, merged, taken = self._place_for(exported)
        fresh = [each for each in exported.messages if each.id not in taken]
        back = merged and exported.deleted_at is None and self._is_deleted(exported)
        if merged and not fresh and not back:
            self.unchanged += 1
            return
        self.merged += merged
        self.conversations += not merged
        self.messages += len(fresh)
        try:
            with transaction(self.connection):
                self._add_conversation(exported, merged=merged)
                self._add_messages(fresh)
        except apsw.ConstraintError as error:
            place = f"{exported.conversation.id}.id"
            raise refused(WRONG_SHAPE, str(error), where=place) from error

    def add_folders(self, folders: Iterable[Folder]) -> None:
        """Stage the folders."""
        rows = [(each.id, storable(each.name)) for each in folders]
        self.connection.executemany(
            "INSERT OR IGNORE INTO staged_folders(id, name) VALUES (?, ?)", rows
        )

    def add_picture(self, picture: ExportedPicture, path: str) -> None:
        """Stage the row of a made picture, whose file will have the name `path`."""
        image = picture.image
        self.connection.execute(
            "INSERT INTO staged_pictures VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                image.id,
                storable(request_to_json(image.request)),
                path,
                image.sha256,
                image.width,
                image.height,
                image.byte_size,
                image.seconds,
                image.demo,
                picture.favourite,
                picture.missing,
                picture.deleted_at,
                image.created_at,
                _grams(image.request.prompt),
            ),
        )
        self.pictures += 1

    def place_for_picture(self, picture: ExportedPicture) -> ExportedPicture | None:
        """A made picture under an id that nobody has; None when we have it already."""
        original = line(picture_to_plain(picture))
        for copy in range(_MOST_COPIES):
            stored = load_picture(self.connection, picture.image.id)
            if stored is None:
                return picture
            if (stored.image.sha256, stored.image.request) == (
                picture.image.sha256,
                picture.image.request,
            ):
                return None
            fresh = _derived(original, f"{copy}")
            picture = replace(picture, image=replace(picture.image, id=fresh))
        return None

    def _place_for(self, exported: Exported) -> tuple[Exported, bool, set[str]]:
        """The conversation under ids that may be used, whether it is merged, and what we have."""
        original = exported
        for copy in range(_MOST_COPIES):
            taken = self._taken(exported.messages)
            conversation = exported.conversation
            stored = load_conversation(self.connection, conversation.id)
            if stored is None and not taken:
                self.copied += copy > 0
                return exported, False, taken
            same = stored is not None and (
                (stored.kind, stored.title, stored.system_prompt)
                == (conversation.kind, storable(conversation.title), _prompt(exported))
            )
            if same and self._has_the_same(exported, taken):
                return exported, True, taken
            exported = _copy_of(original, copy)
        raise refused(WRONG_SHAPE, where=original.conversation.id)

    def _taken(self, messages: Iterable[Message]) -> set[str]:
        ids = json.dumps([each.id for each in messages])
        rows = self.connection.execute(
            "SELECT m.id FROM json_each(?) each CROSS JOIN messages m ON m.id = each.value", (ids,)
        )
        return {str(row[0]) for row in rows}

    def _has_the_same(self, exported: Exported, taken: set[str]) -> bool:
        stored = {each.id: each for each in load_all(self.connection, exported.conversation.id)}
        if not taken <= stored.keys():
            return False
        return all(
            read(storable(line(message_to_plain(each)))) == message_to_plain(stored[each.id])
            for each in exported.messages
            if each.id in taken
        )

    def _is_deleted(self, exported: Exported) -> bool:
        sql = "SELECT count(*) FROM conversations WHERE id = ? AND deleted_at IS NOT NULL"
        return bool(number(self.connection, sql, (exported.conversation.id,)))

    def _add_conversation(self, exported: Exported, *, merged: bool) -> None:
        conversation = exported.conversation
        newest = max((each.created_at for each in exported.messages), default=0.0)
        conversation = replace(conversation, updated_at=max(conversation.updated_at, newest))
        if merged:
            conversation = replace(conversation, head_id=self._head_after(exported))
        elif conversation.head_id is None and exported.messages:
            conversation = replace(conversation, head_id=exported.messages[-1].id)
        images = (image for each in exported.messages for image in each.images if image.sha256)
        first = next((image.sha256 for image in images), "")
        self.connection.execute(
            f"INSERT INTO staged_conversations VALUES (NULL{', ?' * 16})",
            (
                *conversation_row(conversation),
                merged,
                exported.folder,
                exported.deleted_at,
                first,
                _grams(conversation.title),
            ),
        )

    def _head_after(self, exported: Exported) -> str | None:
        """The head of the file, when it goes on from ours; else None."""
        stored = load_conversation(self.connection, exported.conversation.id)
        parents = {each.id: each.parent_id for each in exported.messages}
        at = exported.conversation.head_id
        while at is not None and stored is not None:
            if at == stored.head_id:
                return exported.conversation.head_id
            at = parents.get(at)
        return None

    def _add_messages(self, messages: list[Message]) -> None:
        conversation = self.connection.last_insert_rowid()
        keys: dict[str, int] = {}
        for each in messages:
            parent = keys.get(each.parent_id or "")
            self.connection.execute(
                f"INSERT INTO staged_messages VALUES (NULL{', ?' * 16})",
                (*message_row(each, conversation, parent), each.parent_id, _grams(each.text)),
            )
            keys[each.id] = self.connection.last_insert_rowid()
            self.connection.executemany(
                "INSERT INTO staged_parts VALUES (?, ?, ?, ?, ?)",
                list(part_rows(keys[each.id], each)),
            )
            self.connection.executemany(
                "INSERT OR IGNORE INTO staged_attachments VALUES (?, ?)",
                [(image.sha256, image.media_type) for image in each.images if image.sha256],
            )


def _prompt(exported: Exported) -> str:
    return storable(exported.conversation.system_prompt)


def _grams(text: str) -> str:
    return " ".join(tokens(fold(storable(text))))


def _derived(*said: str) -> str:
    return hashlib.sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _copy_of(original: Exported, copy: int) -> Exported:
    said = line(conversation_to_plain(original))
    conversation_id = _derived(said, f"{copy}")
    ids: dict[str | None, str] = {
        each.id: _derived(conversation_id, each.id) for each in original.messages
    }
    messages: list[Any] = [
        replace(
            each,
            id=ids[each.id],
            conversation_id=conversation_id,
            parent_id=ids.get(each.parent_id),
        )
        for each in original.messages
    ]
    head = ids.get(original.conversation.head_id)
    conversation = replace(original.conversation, id=conversation_id, head_id=head)
    return replace(original, conversation=conversation, messages=tuple(messages))
