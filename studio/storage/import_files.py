"""Recognises what can be imported by its content: our zip, our JSON, ChatGPT's export.

Whatever the file holds, reading it ends with its conversations or with a StudioError of kind
NOT_IMPORTED that says why; memory stays bounded by the largest conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from studio.core.transfer import GONE, NOT_OURS, refused
from studio.core.transfer_values import as_dict
from studio.storage.archive import PIECE, Archive, open_archive, too_large
from studio.storage.export_archive import MANIFEST
from studio.storage.export_json import BEGIN
from studio.storage.import_chatgpt import ChatGpt
from studio.storage.import_ours import OurArchive, OurLines, OurWhole
from studio.storage.import_reading import ImportFile, read_json, understood

MOST_WHOLE_BYTES = 256 * 1024 * 1024  # of a JSON file that is not laid out as we lay it out
_CHATGPT = re.compile(r"(?:[^/]+/)?conversations(?:-\d+)?\.json")


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


def _whole(file: BinaryIO, size: int) -> ImportFile:
    if size > MOST_WHOLE_BYTES:
        raise too_large(MOST_WHOLE_BYTES)
    stored = understood(as_dict, read_json(file.read(), ""), "")
    if "mapping" in stored:
        file.seek(0)
        return ChatGpt(lambda: iter([b"[", file.read(), b"]"]), total=size)
    return OurWhole(stored, size)
