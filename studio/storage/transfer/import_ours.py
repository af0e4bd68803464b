"""Reads our own exports: the zip, and the JSON file however it is laid out."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from studio.core.errors import StudioError
from studio.core.transfer.clients.reasons import DAMAGED
from studio.core.transfer.common import (
    BAD_PICTURE,
    BROKEN_JSON,
    BROKEN_ZIP,
    NEWER,
    NOT_OURS,
    WRONG_SHAPE,
    Skipped,
    refused,
)
from studio.core.transfer.json_format import (
    FORMAT,
    VERSION,
    Exported,
    ExportedPicture,
    StoredFolder,
    conversation_from_plain,
    folder_from_plain,
    picture_from_plain,
)
from studio.core.transfer.values import Wrong, as_dict, as_list, each_of
from studio.storage.pictures.decoding import MOST_BYTES
from studio.storage.transfer.archive import Archive, too_large
from studio.storage.transfer.export_archive import (
    CONVERSATIONS,
    LIBRARY,
    LIBRARY_PICTURES,
    MANIFEST,
    PICTURES,
)
from studio.storage.transfer.export_json import BEGIN
from studio.storage.transfer.import_reading import MOST_LINE_BYTES, left_out, read_json, understood

log = logging.getLogger(__name__)

_VERSION = re.compile(rb'"version":(\d{1,9})\}\s*$')


def _demand_version(version: Any) -> None:
    if isinstance(version, int) and version > VERSION:
        raise refused(NEWER)
    if version != VERSION or isinstance(version, bool):
        raise refused(WRONG_SHAPE, "version")


class _Ours:
    """What our own files have in common."""

    newest_last = True

    def __init__(self, total: int) -> None:
        self.done, self.total = 0, total
        self.skipped: list[Skipped] = []
        self._folders: list[StoredFolder] = []

    @property
    def skipped_pictures(self) -> int:
        return 0

    def folders(self) -> list[StoredFolder]:
        return self._folders

    def _take_head(self, head: Any) -> None:
        head = understood(as_dict, head, "")
        if head.get("format") != FORMAT:
            raise refused(NOT_OURS)
        _demand_version(head.get("version"))

        def folders(stored: Any) -> list[StoredFolder]:
            return each_of(folder_from_plain, as_list(stored))

        self._folders = understood(folders, head.get("folders", []), "folders")

    def _conversation(self, text: bytes, number: int) -> Iterator[Exported]:
        """The conversation of a line; one that is odd is left out, and said."""
        stored: Any = None
        try:
            stored = read_json(text, f"conversations[{number}]")
            yield understood(conversation_from_plain, stored, f"conversations[{number}]")
        except StudioError as error:
            log.info("a conversation is left out: %s", error.detail)
            self.skipped.append(left_out(stored, number))


class OurArchive(_Ours):
    """Our zip file."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive.sizes.get(CONVERSATIONS, 0) + archive.sizes.get(LIBRARY, 0))
        self._archive = archive
        if CONVERSATIONS not in archive.sizes:
            raise refused(BROKEN_ZIP, CONVERSATIONS)
        head = self._content(MANIFEST, MOST_LINE_BYTES)
        if head is not None:  # else only the folders are lost
            self._take_head(read_json(head, MANIFEST))
        self._endings = {
            name.rpartition(".")[0]: name for name in archive.sizes if name.startswith(PICTURES)
        }

    def conversations(self) -> Iterator[Exported]:
        for number, text in enumerate(self._lines(CONVERSATIONS)):
            yield from self._conversation(text, number)

    def _lines(self, name: str) -> Iterator[bytes]:
        """The lines of a part, as far as it is whole."""
        before = self.done
        try:
            for text in self._archive.lines(name, MOST_LINE_BYTES):
                self.done += len(text)
                yield text
        except StudioError as error:
            if error.values.get("reason") != BROKEN_ZIP or self.done == before:
                raise
            self._damaged(name)

    def _damaged(self, name: str) -> None:
        """One part that is damaged costs the others nothing; it is named."""
        one = Skipped(name.rpartition("/")[2], DAMAGED)
        if one not in self.skipped:
            self.skipped.append(one)

    def library(self) -> Iterator[ExportedPicture]:
        if LIBRARY not in self._archive.sizes:
            return
        for number, text in enumerate(self._lines(LIBRARY)):
            where = f"library[{number}]"
            stored: Any = None
            try:
                stored = read_json(text, where)
                yield understood(picture_from_plain, stored, where)
            except StudioError as error:
                log.info("a picture is left out: %s", error.detail)
                self.skipped.append(left_out(stored, number))

    def picture(self, sha256: str) -> bytes | None:
        name = self._endings.get(PICTURES + sha256)
        return self._content(name, MOST_BYTES) if name else None

    def _content(self, name: str, most_bytes: int) -> bytes | None:
        try:
            return self._archive.read(name, most_bytes)
        except StudioError as error:
            if error.values.get("reason") != BROKEN_ZIP:
                raise
            self._damaged(name)
            return None

    def has_library_picture(self, sha256: str) -> bool:
        return f"{LIBRARY_PICTURES}{sha256}.png" in self._archive.sizes

    def library_picture(self, sha256: str) -> bytes | None:
        name = f"{LIBRARY_PICTURES}{sha256}.png"
        # A program's own picture may be larger than one that is sent.
        return self._content(name, MOST_LINE_BYTES) if name in self._archive.sizes else None


class _WithPicturesInside(_Ours):
    """A JSON file, which has the pictures of messages and no others."""

    def library(self) -> Iterator[ExportedPicture]:
        return iter(())

    def has_library_picture(self, sha256: str) -> bool:
        return False

    def library_picture(self, sha256: str) -> bytes | None:
        return None

    def _decoded(self, entry: Any, sha256: str) -> bytes:
        try:
            return base64.b64decode(as_dict(entry)["content"], validate=True)
        except (Wrong, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise refused(BAD_PICTURE, str(error), name=sha256) from error


class OurLines(_WithPicturesInside):
    """Our JSON file, laid out in lines as we write it."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file.seek(0, 2))
        self._file = file
        self._places: dict[str, int] = {}
        file.seek(max(0, self.total - 64))
        match = _VERSION.search(file.read())
        if match is None:
            raise refused(BROKEN_JSON, "end")
        _demand_version(int(match[1]))
        file.seek(len(BEGIN) + 1)

    def conversations(self) -> Iterator[Exported]:
        number = 0
        while not (text := self._line()).startswith(b"]"):
            yield from self._conversation(text, number)
            number += 1
        # The rest of that line ends where the pictures begin.
        head = b'{"conversations":[' + text + b'},"version":1}'
        self._take_head(read_json(head, "folders"))
        while not (text := self._line()).startswith(b"}"):
            sha256 = text[1:65].decode("ascii", "replace")
            self._places[sha256] = self._file.tell() - self._last
        self.done = self.total

    def _line(self) -> bytes:
        line = self._file.readline(MOST_LINE_BYTES + 1)
        if len(line) > MOST_LINE_BYTES:
            raise too_large(MOST_LINE_BYTES)
        if not line:
            raise refused(BROKEN_JSON, "end")
        self._last = len(line)
        self.done += len(line)
        return line.rstrip(b"\r\n").removesuffix(b",")

    def picture(self, sha256: str) -> bytes | None:
        if sha256 not in self._places:
            return None
        self._file.seek(self._places[sha256])
        entry = read_json(b"{" + self._line() + b"}", f"pictures.{sha256}")
        return self._decoded(entry.get(sha256), sha256)


class OurWhole(_WithPicturesInside):
    """Our JSON file after somebody has laid it out in another way."""

    def __init__(self, stored: dict[str, Any], size: int) -> None:
        super().__init__(size)
        self._stored = stored
        self._take_head(stored)
        self._pictures = understood(as_dict, stored.get("pictures", {}), "pictures")

    def conversations(self) -> Iterator[Exported]:
        each = understood(as_list, self._stored.get("conversations"), "conversations")
        for number, stored in enumerate(each):
            try:
                yield understood(conversation_from_plain, stored, f"conversations[{number}]")
            except StudioError as error:
                log.info("a conversation is left out: %s", error.detail)
                self.skipped.append(left_out(stored, number))
        self.done = self.total

    def picture(self, sha256: str) -> bytes | None:
        entry = self._pictures.get(sha256)
        return None if entry is None else self._decoded(entry, sha256)
