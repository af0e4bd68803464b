"""Writes everything as one zip file, the same bytes every time; see `core.transfer.json_format`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from studio.core.transfer.common import Watch
from studio.core.transfer.json_format import (
    FORMAT,
    VERSION,
    ExportedPicture,
    conversation_to_plain,
    picture_to_plain,
)
from studio.core.transfer.values import encode, line
from studio.storage.files import whole_file
from studio.storage.pictures.attachments import Attachments
from studio.storage.transfer.export_json import EmbeddedPictures
from studio.storage.transfer.export_rows import Snapshot

MANIFEST = "moda-studio.json"
CONVERSATIONS = "conversations.jsonl"
LIBRARY = "library.jsonl"
PICTURES = "pictures/"
LIBRARY_PICTURES = "library/"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name
_UNIX = 3


def write_archive(
    snapshot: Snapshot, attachments: Attachments, library: Path, target: Path, watch: Watch
) -> int:
    """Write the file; how many pictures were gone."""
    pictures = EmbeddedPictures(attachments)
    made = list(snapshot.pictures())
    total = snapshot.count + 2 * len(made)
    with whole_file(target) as file, ZipFile(file, "w") as archive:
        folders = [encode(each) for each in snapshot.folders(every=True)]
        manifest = line({"folders": folders, "format": FORMAT, "version": VERSION})
        _write(archive, MANIFEST, manifest.encode() + b"\n")
        with archive.open(_entry(CONVERSATIONS), "w", force_zip64=True) as lines:
            for done, each in enumerate(pictures.seen_in(snapshot)):
                watch.step(done, total)
                lines.write(line(conversation_to_plain(each)).encode() + b"\n")
        present: dict[str, Path] = {}
        with archive.open(_entry(LIBRARY), "w", force_zip64=True) as lines:
            for done, picture in enumerate(_as_they_are(made, library, present)):
                watch.step(snapshot.count + done, total)
                lines.write(line(picture_to_plain(picture)).encode() + b"\n")
        for sha256, media_type, content in pictures.contents():
            watch.step(snapshot.count + len(made), total)
            ending = attachments.path(sha256, media_type).suffix
            _write(archive, f"{PICTURES}{sha256}{ending}", content, stored=True)
        for done, (sha256, path) in enumerate(sorted(present.items())):
            watch.step(snapshot.count + len(made) + done, total)
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() == sha256:  # else it was changed just now
                _write(archive, f"{LIBRARY_PICTURES}{sha256}.png", content, stored=True)
    watch.step(total, total)
    return pictures.missing + sum(1 for each in made if not (library / each.image.path).is_file())


def _as_they_are(
    made: list[ExportedPicture], library: Path, present: dict[str, Path]
) -> Iterator[ExportedPicture]:
    """The rows with the hash and size that their files have now; notes the files by their hash."""
    for each in made:
        path = library / each.image.path
        try:
            content = path.read_bytes()
        except OSError:
            yield replace(each, missing=True)
            continue
        sha256 = hashlib.sha256(content).hexdigest()
        present[sha256] = path
        image = replace(each.image, sha256=sha256, byte_size=len(content))
        yield replace(each, image=image, missing=False)


def _entry(name: str, *, stored: bool = False) -> ZipInfo:
    entry = ZipInfo(name, _EPOCH)
    entry.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
    entry.create_system = _UNIX  # else it would tell one system from another
    entry.external_attr = 0o600 << 16
    return entry


def _write(archive: ZipFile, name: str, content: bytes, *, stored: bool = False) -> None:
    archive.writestr(_entry(name, stored=stored), content)
