"""Writes conversations as one JSON file with their pictures; see `core.transfer.json_format`.

It is valid JSON laid out in lines, so that a file of any size is written and read in pieces: a
conversation a line, then folders, then a picture a line.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.transfer.common import Watch
from studio.core.transfer.json_format import (
    FORMAT,
    VERSION,
    Exported,
    conversation_to_plain,
)
from studio.core.transfer.values import encode, line
from studio.storage.files import whole_file
from studio.storage.pictures.attachments import Attachments
from studio.storage.transfer.export_rows import Snapshot

BEGIN = b'{"conversations":['


def write_document(snapshot: Snapshot, attachments: Attachments, target: Path, watch: Watch) -> int:
    """Write the file; how many pictures were gone."""
    pictures = EmbeddedPictures(attachments)
    with whole_file(target) as file:
        file.write(BEGIN)
        lines = (line(conversation_to_plain(each)) for each in pictures.seen_in(snapshot))
        for done, (separator, text) in enumerate(_separated(lines)):
            watch.step(done, snapshot.count)
            file.write(separator + text.encode())
        folders = line([encode(each) for each in snapshot.folders()]).encode()
        file.write(b'\n],"folders":' + folders + b',"format":' + line(FORMAT).encode())
        file.write(b',"pictures":{')
        for separator, text in _separated(_picture_lines(pictures)):
            watch.step(snapshot.count, snapshot.count)
            file.write(separator + text.encode())
        file.write(b'\n},"version":' + line(VERSION).encode() + b"}\n")
    return pictures.missing


def _separated(lines: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    separator = b"\n"
    for each in lines:
        yield separator, each
        separator = b",\n"


def _picture_lines(pictures: EmbeddedPictures) -> Iterator[str]:
    for sha256, media_type, content in pictures.contents():
        entry = {"content": base64.b64encode(content).decode(), "media_type": media_type}
        yield f"{line(sha256)}:{line(entry)}"


class EmbeddedPictures:
    """Gathers which pictures the exported messages show, and reads each once."""

    def __init__(self, attachments: Attachments) -> None:
        self.attachments = attachments
        self.missing = 0
        self._seen: dict[str, str] = {}

    def seen_in(self, snapshot: Snapshot) -> Iterator[Exported]:
        """The conversations, noting their pictures as they pass."""
        for each in snapshot.conversations():
            for message in each.messages:
                for image in message.images:
                    if image.sha256:
                        self._seen[image.sha256] = image.media_type
            yield each

    def __len__(self) -> int:
        return len(self._seen)

    def contents(self) -> Iterator[tuple[str, str, bytes]]:
        """Hash, media type and content of those that are there, in the order of their hashes."""
        for sha256, media_type in sorted(self._seen.items()):
            try:
                content = self.attachments.read(sha256, media_type)
            except StudioError:
                self.missing += 1
                continue
            yield sha256, media_type, content
