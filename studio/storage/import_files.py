"""Recognises what can be imported and reads it in pieces: our zip, our JSON, ChatGPT's export.

Whatever the file holds, reading it ends with its conversations or with a StudioError of kind
NOT_IMPORTED that says why; memory stays bounded by the largest conversation.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

from studio.core.transfer import (
    BAD_PICTURE,
    BROKEN_JSON,
    BROKEN_ZIP,
    GONE,
    NEWER,
    NOT_OURS,
    WRONG_SHAPE,
    refused,
)
from studio.core.transfer_chatgpt import Reader
from studio.core.transfer_json import (
    FORMAT,
    VERSION,
    Exported,
    ExportedPicture,
    Folder,
    conversation_from_plain,
    folder_from_plain,
    picture_from_plain,
)
from studio.core.transfer_values import Wrong, as_dict, as_list, each_of, read
from studio.storage.archive import PIECE, Archive, open_archive, too_large
from studio.storage.decoding import MOST_BYTES
from studio.storage.export_archive import (
    CONVERSATIONS,
    LIBRARY,
    LIBRARY_PICTURES,
    MANIFEST,
    PICTURES,
)
from studio.storage.export_json import BEGIN
from studio.storage.json_pieces import array_elements

T = TypeVar("T")

MOST_LINE_BYTES = 256 * 1024 * 1024
MOST_WHOLE_BYTES = 256 * 1024 * 1024  # of a JSON file that is not laid out as we lay it out
_CHATGPT = re.compile(r"(?:[^/]+/)?conversations(?:-\d+)?\.json")
_VERSION = re.compile(rb'"version":(\d{1,9})\}\s*$')


class ImportFile(Protocol):
    """A file that is being imported; `done` of `total` bytes of its words have been read."""

    done: int
    total: int
    newest_last: bool  # whether its conversations come in the order of the history

    @property
    def skipped_pictures(self) -> int:
        """How many pictures were in it that cannot be taken over, as far as it was read."""
        ...

    def conversations(self) -> Iterator[Exported]:
        """Each conversation; to be read to the end before anything else is asked."""
        ...

    def folders(self) -> list[Folder]:
        """The folders of the conversations."""
        ...

    def library(self) -> Iterator[ExportedPicture]:
        """Each picture that was made."""
        ...

    def picture(self, sha256: str) -> bytes | None:
        """The picture of a message; None when the file does not hold it."""
        ...

    def has_library_picture(self, sha256: str) -> bool:
        """Whether `library_picture` has one."""
        ...

    def library_picture(self, sha256: str) -> bytes | None:
        """The picture that was made; None when the file does not hold it."""
        ...


@contextmanager
def open_import(path: Path) -> Iterator[ImportFile]:
    """Recognise a file by its content; raises StudioError when it is nothing we know."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise refused(GONE, str(error)) from error
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with open_archive(path) as archive:
            yield _in_archive(archive)
        return
    with path.open("rb") as file:
        first = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start.startswith(BEGIN + b"\n"):
            yield OurLines(file)
        elif first == b"[":
            yield ChatGpt(lambda: iter(lambda: file.read(PIECE), b""), total=path.stat().st_size)
        elif first == b"{":
            yield _whole(file, path.stat().st_size)
        else:
            raise refused(NOT_OURS)


def _in_archive(archive: Archive) -> ImportFile:
    if MANIFEST in archive.sizes:
        return OurArchive(archive)
    names = sorted(name for name in archive.sizes if _CHATGPT.fullmatch(name))
    if not names:
        raise refused(NOT_OURS)
    total = sum(archive.sizes[name] for name in names)
    if len({name.rpartition("/")[0] for name in names}) != 1:
        raise refused(NOT_OURS)
    return ChatGpt(*(partial(archive.pieces, name) for name in names), total=total)


def _understood(reader: Callable[[Any], T], stored: Any, where: str) -> T:
    """What `reader` makes of `stored`, or the refusal that says which place is not right."""
    try:
        return reader(stored)
    except Wrong as wrong:
        raise refused(WRONG_SHAPE, where=wrong.within(where).place) from wrong
    except RecursionError as error:
        raise refused(WRONG_SHAPE, where=where) from error


def _read(text: bytes | str, where: str) -> Any:
    try:
        return read(text)
    except Wrong as wrong:
        raise refused(BROKEN_JSON, where=wrong.within(where).place) from wrong


def _demand_version(version: Any) -> None:
    if isinstance(version, int) and version > VERSION:
        raise refused(NEWER)
    if version != VERSION or isinstance(version, bool):
        raise refused(WRONG_SHAPE, where="version")


class _Ours:
    """What our own files have in common."""

    newest_last = True

    def __init__(self, total: int) -> None:
        self.done, self.total = 0, total
        self._folders: list[Folder] = []

    @property
    def skipped_pictures(self) -> int:
        return 0

    def folders(self) -> list[Folder]:
        return self._folders

    def _take_head(self, head: Any) -> None:
        head = _understood(as_dict, head, "")
        if head.get("format") != FORMAT:
            raise refused(NOT_OURS)
        _demand_version(head.get("version"))

        def folders(stored: Any) -> list[Folder]:
            return each_of(folder_from_plain, as_list(stored))

        self._folders = _understood(folders, head.get("folders", []), "folders")

    def _conversation(self, text: bytes, number: int) -> Exported:
        where = f"conversations[{number}]"
        return _understood(conversation_from_plain, _read(text, where), where)


class OurArchive(_Ours):
    """Our zip file."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive.sizes.get(CONVERSATIONS, 0) + archive.sizes.get(LIBRARY, 0))
        self._archive = archive
        self._take_head(_read(archive.read(MANIFEST, MOST_LINE_BYTES), MANIFEST))
        if CONVERSATIONS not in archive.sizes:
            raise refused(BROKEN_ZIP, CONVERSATIONS)
        self._endings = {
            name.rpartition(".")[0]: name for name in archive.sizes if name.startswith(PICTURES)
        }

    def conversations(self) -> Iterator[Exported]:
        for number, text in enumerate(self._archive.lines(CONVERSATIONS, MOST_LINE_BYTES)):
            self.done += len(text)
            yield self._conversation(text, number)

    def library(self) -> Iterator[ExportedPicture]:
        if LIBRARY not in self._archive.sizes:
            return
        for number, text in enumerate(self._archive.lines(LIBRARY, MOST_LINE_BYTES)):
            self.done += len(text)
            where = f"library[{number}]"
            yield _understood(picture_from_plain, _read(text, where), where)

    def picture(self, sha256: str) -> bytes | None:
        name = self._endings.get(PICTURES + sha256)
        return self._archive.read(name, MOST_BYTES) if name else None

    def has_library_picture(self, sha256: str) -> bool:
        return f"{LIBRARY_PICTURES}{sha256}.png" in self._archive.sizes

    def library_picture(self, sha256: str) -> bytes | None:
        name = f"{LIBRARY_PICTURES}{sha256}.png"
        # A program's own picture may be larger than one that is sent.
        return self._archive.read(name, MOST_LINE_BYTES) if name in self._archive.sizes else None


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
            raise refused(BROKEN_JSON, where="end")
        _demand_version(int(match[1]))
        file.seek(len(BEGIN) + 1)

    def conversations(self) -> Iterator[Exported]:
        number = 0
        while not (text := self._line()).startswith(b"]"):
            yield self._conversation(text, number)
            number += 1
        # The rest of that line ends where the pictures begin.
        head = b'{"conversations":[' + text + b'},"version":1}'
        self._take_head(_read(head, "folders"))
        while not (text := self._line()).startswith(b"}"):
            sha256 = text[1:65].decode("ascii", "replace")
            self._places[sha256] = self._file.tell() - self._last
        self.done = self.total

    def _line(self) -> bytes:
        line = self._file.readline(MOST_LINE_BYTES + 1)
        if len(line) > MOST_LINE_BYTES:
            raise too_large(MOST_LINE_BYTES)
        if not line:
            raise refused(BROKEN_JSON, where="end")
        self._last = len(line)
        self.done += len(line)
        return line.rstrip(b"\r\n").removesuffix(b",")

    def picture(self, sha256: str) -> bytes | None:
        if sha256 not in self._places:
            return None
        self._file.seek(self._places[sha256])
        entry = _read(b"{" + self._line() + b"}", f"pictures.{sha256}")
        return self._decoded(entry.get(sha256), sha256)


class OurWhole(_WithPicturesInside):
    """Our JSON file after somebody has laid it out in another way."""

    def __init__(self, stored: dict[str, Any], size: int) -> None:
        super().__init__(size)
        self._stored = stored
        self._take_head(stored)
        self._pictures = _understood(as_dict, stored.get("pictures", {}), "pictures")

    def conversations(self) -> Iterator[Exported]:
        each = _understood(as_list, self._stored.get("conversations"), "conversations")
        for number, stored in enumerate(each):
            yield _understood(conversation_from_plain, stored, f"conversations[{number}]")
        self.done = self.total

    def picture(self, sha256: str) -> bytes | None:
        entry = self._pictures.get(sha256)
        return None if entry is None else self._decoded(entry, sha256)


def _whole(file: BinaryIO, size: int) -> ImportFile:
    if size > MOST_WHOLE_BYTES:
        raise too_large(MOST_WHOLE_BYTES)
    stored = _understood(as_dict, _read(file.read(), ""), "")
    if "mapping" in stored:
        file.seek(0)
        return ChatGpt(lambda: iter([b"[", file.read(), b"]"]), total=size)
    return OurWhole(stored, size)


class ChatGpt:
    """`conversations.json` of a ChatGPT export, or its numbered parts."""

    newest_last = False

    def __init__(self, *files: Callable[[], Iterator[bytes]], total: int) -> None:
        self._files = files
        self._reader = Reader()
        self.done, self.total = 0, total

    @property
    def skipped_pictures(self) -> int:
        return self._reader.skipped_pictures

    def conversations(self) -> Iterator[Exported]:
        number = 0
        for begin in self._files:
            try:
                for stored in array_elements(self._counted(begin()), MOST_LINE_BYTES):
                    found = _understood(self._reader.read, stored, f"conversations[{number}]")
                    number += 1
                    if found is not None:
                        yield found
            except Wrong as wrong:
                where = wrong.within(f"conversations[{number}]").place
                raise refused(BROKEN_JSON, where=where) from wrong

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.done += len(piece)
            yield piece

    def folders(self) -> list[Folder]:
        return []

    def library(self) -> Iterator[ExportedPicture]:
        return iter(())

    def picture(self, sha256: str) -> bytes | None:
        return None

    def has_library_picture(self, sha256: str) -> bool:
        return False

    def library_picture(self, sha256: str) -> bytes | None:
        return None
