"""Finds the pictures of other programs' messages in their exports, and makes them ours."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import unquote_to_bytes

from studio.core.errors import StudioError
from studio.core.messages import ImagePart
from studio.core.transfer.clients.conversation import Picture
from studio.storage.pictures.decoding import MOST_BYTES
from studio.storage.pictures.preparing import prepare
from studio.storage.transfer.import_sources import Entry

_ASSET = re.compile(r"file[-_][0-9A-Za-z]+")
_DATA = re.compile(r"data:[^,]{0,200},", re.IGNORECASE)
_MOST_TRIED = 4


class FoundPictures:
    """Looks pictures up by the names that messages give them; close it when all were brought.

    What was made of them lies in a file without a name in `scratch` until it is asked for. With
    `only_count` nothing is made, and what is found is only counted.
    """

    def __init__(self, entries: list[Entry], scratch: Path | None, *, only_count: bool) -> None:
        self._by_name: dict[str, list[Entry]] = {}
        self._only_count = only_count
        self._scratch = scratch
        self._file: IO[bytes] | None = None  # made with the first picture
        self._places: dict[str, tuple[int, int]] = {}
        self.missing = 0
        for entry in entries:
            for name in _names_of(entry):
                self._by_name.setdefault(name, []).append(entry)

    def close(self) -> None:
        """Let go of what was made."""
        if self._file is not None:
            self._file.close()

    def find(self, picture: Picture) -> ImagePart | None:
        """The picture as ours; None, and counted, where the export does not hold it."""
        for content in self._contents(picture):
            if self._only_count:
                return ImagePart(name=picture.name)
            part = self._made(content, picture.name)
            if part is not None:
                return part
        self.missing += 1
        return None

    def content(self, sha256: str) -> bytes | None:
        """A picture that was found."""
        if self._file is None or sha256 not in self._places:
            return None
        place, length = self._places[sha256]
        self._file.seek(place)
        return self._file.read(length)

    def _contents(self, picture: Picture) -> Iterator[bytes]:
        if picture.data:
            content = _inside(picture.data)
            if content:
                yield content
        tried = 0
        for name in picture.names:
            for entry in self._by_name.get(name.lower(), []):
                if entry.size <= MOST_BYTES and tried < _MOST_TRIED:
                    tried += 1
                    yield b"" if self._only_count else _whole(entry)

    def _made(self, content: bytes, name: str) -> ImagePart | None:
        try:
            made = prepare(content, name)
        except StudioError:
            return None
        sha256 = hashlib.sha256(made.content).hexdigest()
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._scratch)  # noqa: SIM115 - until `close`
        if sha256 not in self._places:
            self._places[sha256] = (self._file.seek(0, 2), len(made.content))
            self._file.write(made.content)
        size = len(made.content)
        return ImagePart(sha256, made.media_type, made.width, made.height, size, name)


def _whole(entry: Entry) -> bytes:
    """What a file holds; nothing where it is damaged: another of its name may be whole."""
    try:
        return b"".join(entry.pieces())
    except StudioError:
        return b""


def _names_of(entry: Entry) -> set[str]:
    """What a message may call a file: whole, without its ending, or by the id it begins with."""
    base = entry.base.lower()
    assets = _ASSET.match(entry.base)
    return {base, base.rpartition(".")[0], *([assets[0].lower()] if assets else [])} - {""}


def _inside(address: str) -> bytes:
    """What a `data:` address holds."""
    head = _DATA.match(address)
    if head is None or len(address) > 2 * MOST_BYTES:
        return b""
    rest = address[head.end() :]
    try:
        if head[0].lower().endswith(";base64,"):
            return base64.b64decode(rest)
        return unquote_to_bytes(rest)
    except (ValueError, binascii.Error):
        return b""
