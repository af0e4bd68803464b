"""Gathers what an import will add in a database of its own, beside ours, which it only reads.

Here is decided what becomes of each conversation. Nothing that we have is ever changed:

new       its ids are not known here: it is added as it is
merged    it is known, here or from earlier in the same import: messages that are not there yet
          are added, and if they go on from the one that is shown, the last of them is shown.
          Title, prompt and settings stay. A message that is known with other words is added as a
          version of ours, under an id that is the same whenever the same file is imported again
copied    a message of it is known here in another conversation: it is added under new ids, which
          are the same ones whenever the same file is imported again
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import apsw

from studio.core.folding import fold
from studio.core.messages import Conversation, Message
from studio.core.transfer.common import WRONG_SHAPE, refused
from studio.core.transfer.json_format import (
    Exported,
    ExportedPicture,
    StoredFolder,
    conversation_to_plain,
    message_to_plain,
    picture_to_plain,
)
from studio.core.transfer.values import line
from studio.storage.db.connection import number, storable, transaction
from studio.storage.db.ngrams import tokens
from studio.storage.db.readings import reading_of
from studio.storage.files import part_beside, private_file
from studio.storage.history.conversations import conversation_row, load_conversation
from studio.storage.history.messages import load_all, message_row, part_rows
from studio.storage.pictures.file_settings import request_to_json
from studio.storage.pictures.library_rows import load_picture

_SCHEMA = """
CREATE TABLE staged_folders(seq INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT);
CREATE TABLE staged_conversations(
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, kind, title, model, door, system_prompt, parameters,
    head_id, pinned, created_at, updated_at, merged, folder_id, deleted_at, thumbnail, grams);
CREATE TABLE staged_messages(
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, conversation, parent, role, status, model,
    finish_reason, input_tokens, output_tokens, first_token, total_seconds, error, request_id,
    created_at, parent_id, grams, words, reading);
CREATE INDEX staged_by_conversation ON staged_messages(conversation);
CREATE TABLE staged_parts(message, position, kind, text, rest);
CREATE TABLE staged_attachments(sha256 TEXT PRIMARY KEY, media_type) WITHOUT ROWID;
CREATE TABLE staged_pictures(
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, request, path TEXT UNIQUE, sha256, width, height,
    byte_size, seconds, demo, favourite, missing, deleted_at, created_at, grams);
"""
_MOST_COPIES = 100
_OURS_ELSEWHERE = """
SELECT count(*) FROM json_each(?) each CROSS JOIN messages m ON m.id = each.value
JOIN conversations c ON c.key = m.conversation WHERE c.id <> ?
"""
_STAGED_ELSEWHERE = """
SELECT count(*) FROM json_each(?) each CROSS JOIN staged_messages m ON m.id = each.value
JOIN staged_conversations c ON c.seq = m.conversation WHERE c.id <> ?
"""
_ELSEWHERE = (_OURS_ELSEWHERE, _STAGED_ELSEWHERE)


class Staging:
    """The database of one import at `path`; close it, and it is gone.

    Its tables are called `staged_…`; every other name means the database at `store`.
    """

    def __init__(self, store: Path) -> None:
        self.path = part_beside(store)
        self.conversations = self.merged = self.copied = 0
        self._unchanged: set[str] = set()
        self.messages = self.pictures = 0
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
        private_file(self.path)
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
        exported, stored = self._place_for(exported)
        staged = self._staged_words(exported.conversation.id)
        fresh = _fresh(exported, {**self._stored_words(exported), **staged.words})
        # Versions stand in for what the file's branch goes through.
        messages = (*exported.messages, *fresh.messages)
        exported = replace(exported, conversation=fresh.conversation, messages=messages)
        back = stored and exported.deleted_at is None and self._is_deleted(exported)
        if staged.seq is None and stored and not fresh.messages and not back:
            self._unchanged.add(exported.conversation.id)
            return
        self._unchanged.discard(exported.conversation.id)
        if staged.seq is None:
            self.merged += stored
            self.conversations += not stored
        self.messages += len(fresh.messages)
        try:
            with transaction(self.connection):
                if staged.seq is None:
                    seq = self._add_conversation(exported, merged=stored)
                else:
                    seq = self._bring_up_to_date(staged, exported)
                self._add_messages(seq, fresh.messages)
        except apsw.ConstraintError as error:
            place = f"{exported.conversation.id}.id"
            raise refused(WRONG_SHAPE, f"{place}: {error}") from error

    @property
    def unchanged(self) -> int:
        """How many conversations were there with all they have."""
        return len(self._unchanged)

    def add_folders(self, folders: Iterable[StoredFolder]) -> None:
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

    def _place_for(self, exported: Exported) -> tuple[Exported, bool]:
        """The conversation under ids that may be used, and whether we have it."""
        original = exported
        for copy in range(_MOST_COPIES):
            if not self._taken_elsewhere(exported):
                stored = load_conversation(self.connection, exported.conversation.id)
                self.copied += copy > 0 and stored is None
                return exported, stored is not None
            exported = _copy_of(original, copy)
        raise refused(WRONG_SHAPE, original.conversation.id)

    def _taken_elsewhere(self, exported: Exported) -> bool:
        """Whether a message has the id of one in another conversation."""
        ids = json.dumps([each.id for each in exported.messages])
        own = exported.conversation.id
        return any(number(self.connection, sql, (ids, own)) for sql in _ELSEWHERE)

    def _stored_words(self, exported: Exported) -> dict[str, str]:
        messages = load_all(self.connection, exported.conversation.id)
        return {each.id: _words(each) for each in messages}

    def _staged_words(self, conversation_id: str) -> _Staged:
        """What is staged of a conversation: the same one may stand in several files."""
        row: Any = self.connection.execute(
            "SELECT seq, head_id, updated_at FROM staged_conversations WHERE id = ?",
            (conversation_id,),
        ).fetchone()
        if row is None:
            return _Staged(None, None, 0.0, {})
        words = self.connection.execute(
            "SELECT id, words FROM staged_messages WHERE conversation = ?", (row[0],)
        )
        return _Staged(row[0], row[1], row[2], {str(each[0]): str(each[1]) for each in words})

    def _bring_up_to_date(self, staged: _Staged, exported: Exported) -> int:
        assert staged.seq is not None
        conversation = exported.conversation
        goes_on = _goes_on(exported, staged.head)
        self.connection.execute(
            "UPDATE staged_conversations SET updated_at = max(updated_at, ?1),"
            " head_id = CASE WHEN ?2 THEN ?3 ELSE head_id END WHERE seq = ?4",
            (_newest(exported), goes_on, conversation.head_id, staged.seq),
        )
        if conversation.updated_at > staged.updated and conversation.title:
            self.connection.execute(
                "UPDATE staged_conversations SET title = ?, grams = ? WHERE seq = ?",
                (storable(conversation.title), _grams(conversation.title), staged.seq),
            )
        return staged.seq

    def _is_deleted(self, exported: Exported) -> bool:
        sql = "SELECT count(*) FROM conversations WHERE id = ? AND deleted_at IS NOT NULL"
        return bool(number(self.connection, sql, (exported.conversation.id,)))

    def _add_conversation(self, exported: Exported, *, merged: bool) -> int:
        conversation = replace(exported.conversation, updated_at=_newest(exported))
        if merged:
            stored = load_conversation(self.connection, conversation.id)
            head = stored.head_id if stored is not None else None
            shown = conversation.head_id if _goes_on(exported, head) else None
            conversation = replace(conversation, head_id=shown)
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
        return self.connection.last_insert_rowid()

    def _add_messages(self, conversation: int, messages: list[Message]) -> None:
        keys: dict[str, int] = {}
        for each in messages:
            parent = keys.get(each.parent_id or "") or self._staged_key(each.parent_id)
            read = reading_of(each.role, each.text)
            self.connection.execute(
                f"INSERT INTO staged_messages VALUES (NULL{', ?' * 18})",
                (
                    *message_row(each, conversation, parent),
                    *(each.parent_id, _grams(read), _words(each)),
                    None if read == each.text else read,
                ),
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

    def _staged_key(self, message_id: str | None) -> int | None:
        if message_id is None:
            return None
        sql = "SELECT seq FROM staged_messages WHERE id = ?"
        return number(self.connection, sql, (message_id,)) or None


class _Staged(NamedTuple):
    """A conversation as far as it is staged; `words` are those of its messages by their ids."""

    seq: int | None
    head: str | None
    updated: float
    words: dict[str, str]


class _Fresh(NamedTuple):
    """What is new of a conversation, whose head may be a version of ours."""

    conversation: Conversation
    messages: list[Message]


def _fresh(exported: Exported, known: dict[str, str]) -> _Fresh:
    """The messages that are not known; one that is known with other words is a version of it."""
    versions: dict[str | None, str] = {}
    fresh: list[Message] = []
    for each in exported.messages:
        parent = versions.get(each.parent_id, each.parent_id)
        words = _words(each) if each.id in known else ""
        if not words:
            fresh.append(replace(each, parent_id=parent))
        elif words != known[each.id]:
            versions[each.id] = version = _derived(each.id, words)
            if version not in known:
                fresh.append(replace(each, id=version, parent_id=parent))
    head = exported.conversation.head_id
    return _Fresh(replace(exported.conversation, head_id=versions.get(head, head)), fresh)


def _words(message: Message) -> str:
    """What a message says, in short: times and figures may differ from file to file."""
    plain = message_to_plain(message)
    said = storable(line([message.role.value, plain["parts"]]))
    return hashlib.sha256(said.encode()).hexdigest()


def _goes_on(exported: Exported, head: str | None) -> bool:
    """Whether the branch that the file shows goes on from a message, or begins anew with none."""
    parents = {each.id: each.parent_id for each in exported.messages}
    at = exported.conversation.head_id
    while at is not None:
        if at == head:
            return True
        at = parents.pop(at, None)
    return False


def _newest(exported: Exported) -> float:
    newest = max((each.created_at for each in exported.messages), default=0.0)
    return max(exported.conversation.updated_at, newest)


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
