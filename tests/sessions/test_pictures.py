"""Pictures that were dropped or pasted: prepared in the background, kept, and shown small."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QImage

from studio.core.errors import ErrorKind, StoredError
from studio.sessions.chat.pictures import Pictures, ReadyPicture
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.pictures.attachments import Attachments
from tests.scripted import until


class Watched:
    """Pictures, and what they said."""

    def __init__(self, folder: Path) -> None:
        self.attachments = Attachments(folder / "attachments")
        self.pictures = Pictures(self.attachments, TaskGroup())
        self.prepared: dict[str, ReadyPicture] = {}
        self.refused: dict[str, StoredError] = {}
        self.ready: list[str] = []
        self.pictures.prepared.connect(self.prepared.__setitem__)
        self.pictures.refused.connect(self.refused.__setitem__)
        self.pictures.ready.connect(self.ready.append)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """A folder of attachments of its own."""
    return Watched(tmp_path)


def jpeg(path: Path, size: tuple[int, int] = (3000, 1500)) -> Path:
    """A photo that is lying on its side, as cameras write it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", size, "teal").save(path, exif=exif)
    return path


async def test_a_photo_is_turned_shrunk_and_kept(watched: Watched, tmp_path: Path) -> None:
    key = watched.pictures.add_file(jpeg(tmp_path / "照片.jpg"))
    await until(lambda: key in watched.prepared)
    ready = watched.prepared[key]
    assert (ready.original_width, ready.original_height) == (1500, 3000)
    assert (ready.part.width, ready.part.height) == (1024, 2048)
    assert ready.part.name == "照片.jpg"
    kept = watched.attachments.read(ready.part.sha256, ready.part.media_type)
    assert len(kept) == ready.part.byte_size
    assert Image.open(io.BytesIO(kept)).size == (1024, 2048)


async def test_a_thumbnail_comes_by_its_hash_alone(watched: Watched, tmp_path: Path) -> None:
    for path in (jpeg(tmp_path / "a.jpg"), tmp_path / "b.png"):
        if path.suffix == ".png":
            Image.new("RGBA", (900, 600), (0, 0, 0, 0)).save(path)
        key = watched.pictures.add_file(path)
        await until(lambda key=key: key in watched.prepared)  # type: ignore[misc]  # bound now
        sha256 = watched.prepared[key].part.sha256
        assert watched.pictures.thumbnail(sha256) is None
        await until(lambda sha256=sha256: sha256 in watched.ready)  # type: ignore[misc]  # bound now
        image = watched.pictures.thumbnail(sha256)
        assert image is not None
        assert 360 <= max(image.width(), image.height()) <= 960


async def test_pasted_pixels_become_a_picture(watched: Watched) -> None:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    key = watched.pictures.add_image(image, "Pasted picture")
    await until(lambda: key in watched.prepared)
    part = watched.prepared[key].part
    assert (part.width, part.height, part.name) == (64, 48, "Pasted picture")


@pytest.mark.parametrize("kind", ["text", "empty", "folder", "gone", "bomb"])
async def test_what_is_no_picture_gets_a_sentence(
    watched: Watched, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "dropped.png"
    if kind == "text":
        path.write_text("not a picture at all", encoding="utf-8")
    elif kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "bomb":
        header = io.BytesIO()
        Image.new("1", (20000, 10000)).save(header, "PNG")
        path.write_bytes(header.getvalue())
    key = watched.pictures.add_file(path)
    await until(lambda: key in watched.refused)
    error = watched.refused[key]
    assert error.kind is ErrorKind.UNREADABLE_PICTURE
    assert error.values["reason"]
    assert not (watched.attachments.folder).exists()
