"""A generated picture is in the library whole, with its settings, or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import GeneratedImage, ImageRequest
from studio.storage.db.database import Database
from studio.storage.pictures import library_rows
from studio.storage.pictures.attachments import Attachments
from studio.storage.pictures.file_settings import parameters_text, read_settings
from studio.storage.pictures.library import ExportFormat, Library
from studio.storage.pictures.thumbnails import Thumbnails

REQUEST = ImageRequest(
    "Qwen/Qwen-Image",
    "a cat 猫 🎈,\nin the rain",
    "blurry",
    (1024, 768),
    seed=42,
    steps=30,
    guidance=3.5,
)


def saved(picture: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()


ENDING = (
    "Steps: 30, CFG scale: 3.5, Seed: 42, Size: 1024x768, Model: Qwen/Qwen-Image,"
    " Version: moda-studio"
)
PICTURE = Image.radial_gradient("L").convert("RGB")
CONTENT = saved(PICTURE)


@pytest.fixture
def library(database: Database, tmp_path: Path) -> Library:
    return Library(database, tmp_path / "pictures")


def listed(database: Database) -> list[library_rows.LibraryPicture]:
    return database.call_sync(library_rows.list_pictures)


def pixels(content: bytes) -> bytes:
    return Image.open(io.BytesIO(content)).convert("RGB").tobytes()


def test_a_picture_is_kept_with_its_settings(library: Library, database: Database) -> None:
    image = library.keep(CONTENT, REQUEST, seconds=12.5, demo=True)
    content = library.path(image).read_bytes()
    assert hashlib.sha256(content).hexdigest() == image.sha256
    assert image.byte_size == len(content)
    assert (image.width, image.height) == PICTURE.size
    assert pixels(content) == PICTURE.tobytes()
    assert image.path.endswith("_Qwen-Image_42.png")
    settings = read_settings(content)
    assert settings is not None
    assert settings.request == REQUEST
    assert settings.id == image.id
    assert settings.seconds == 12.5
    assert settings.demo
    assert settings.created_at == image.created_at
    assert [each.image for each in listed(database)] == [image]


def test_the_readable_settings_have_the_customary_form(library: Library) -> None:
    image = library.keep(CONTENT, REQUEST)
    with Image.open(library.path(image)) as opened:
        text = opened.info["parameters"]
    assert text == parameters_text(REQUEST)
    assert text.splitlines() == [
        "a cat 猫 🎈,",
        "in the rain",
        "Negative prompt: blurry",
        ENDING,
    ]


def test_settings_stay_out_when_that_is_wanted(library: Library) -> None:
    image = library.keep(CONTENT, REQUEST, with_settings=False)
    content = library.path(image).read_bytes()
    for trace in (b"in the rain", b"Qwen", b"parameters", b"moda-studio"):
        assert trace not in content
    assert read_settings(content) is None


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "GIF", "BMP", "AVIF"])
def test_whatever_arrives_becomes_png(library: Library, file_format: str) -> None:
    image = library.keep(saved(PICTURE, file_format), REQUEST)
    with Image.open(library.path(image)) as opened:
        assert opened.format == "PNG"
        opened.load()


@pytest.mark.parametrize(
    "content", [b"", b"<html>login</html>", CONTENT[:300], b"\x89PNG\r\n\x1a\n", b'{"errors": 1}']
)
def test_what_is_no_picture_leaves_nothing(
    library: Library, database: Database, content: bytes
) -> None:
    with pytest.raises(StudioError) as raised:
        library.keep(content, REQUEST)
    assert raised.value.kind is ErrorKind.NOT_A_PICTURE
    assert not library.folder.exists() or list(library.folder.iterdir()) == []
    assert listed(database) == []


def test_pictures_of_one_second_get_names_of_their_own(
    library: Library, database: Database
) -> None:
    with ThreadPoolExecutor(4) as workers:
        images = list(workers.map(lambda _: library.keep(CONTENT, REQUEST), range(8)))
    assert len({image.path for image in images}) == 8
    assert len(list(library.folder.iterdir())) == 8
    assert {each.image.id for each in listed(database)} == {image.id for image in images}


@pytest.mark.parametrize("model", ["../../x", "a/b:c*d?", "CON", "名字", "", "x" * 300])
def test_a_model_name_makes_a_safe_file_name(library: Library, model: str) -> None:
    image = library.keep(CONTENT, ImageRequest(model, "p"))
    assert library.path(image).resolve().parent == library.folder.resolve()
    assert len(image.path) < 100
    assert image.path.isascii()


def test_the_gallery_is_listed_page_by_page(library: Library, database: Database) -> None:
    images = [library.keep(CONTENT, REQUEST) for _ in range(7)]
    found: list[str] = []
    after = None
    while page := database.call_sync(library_rows.list_pictures, limit=3, after=after):
        found += [each.image.id for each in page]
        after = page[-1].key
    assert found == [image.id for image in reversed(images)]
    assert database.call_sync(library_rows.count_pictures) == 7


def test_favourites(library: Library, database: Database) -> None:
    images = [library.keep(CONTENT, REQUEST) for _ in range(3)]
    database.call_sync(library_rows.set_favourite, images[1].id, favourite=True)
    page = database.call_sync(library_rows.list_pictures, favourites=True)
    assert [each.image for each in page] == [images[1]]
    assert page[0].favourite
    assert database.call_sync(library_rows.count_pictures, favourites=True) == 1


def test_a_deleted_picture_comes_back_and_is_gone_after_thirty_days(
    library: Library, database: Database
) -> None:
    kept, changed, gone = (library.keep(CONTENT, REQUEST) for _ in range(3))
    ids = [kept.id, changed.id, gone.id]
    database.call_sync(library_rows.delete_pictures, ids)
    assert listed(database) == []
    assert len(database.call_sync(library_rows.list_deleted)) == 3
    database.call_sync(library_rows.restore_pictures, [kept.id])
    assert [each.image for each in listed(database)] == [kept]
    assert library.empty_trash() == 0
    library.path(changed).write_bytes(b"painted over by somebody")
    later = kept.created_at + 31 * 86400
    assert library.empty_trash(later) == 2
    assert library.path(kept).exists()
    assert library.path(changed).exists()
    assert not library.path(gone).exists()
    assert database.call_sync(library_rows.list_deleted) == []


@pytest.mark.parametrize("file_format", list(ExportFormat))
@pytest.mark.parametrize("with_settings", [True, False])
def test_a_copy_has_the_settings_or_none(
    library: Library, tmp_path: Path, file_format: ExportFormat, with_settings: bool
) -> None:
    image = library.keep(CONTENT, REQUEST)
    target = tmp_path / "copy"
    target.write_bytes(b"old")
    library.export(image, target, file_format, with_settings=with_settings)
    content = target.read_bytes()
    with Image.open(target) as opened:
        assert opened.format == file_format.value
        assert opened.size == PICTURE.size
    settings = read_settings(content)
    if with_settings:
        assert settings is not None
        assert settings.request == REQUEST
    else:
        assert settings is None
        for trace in (b"in the rain", "in the rain".encode("utf-16-be"), b"Qwen", b"Exif"):
            assert trace not in content


def test_transparency_becomes_white_in_a_jpeg_copy(library: Library, tmp_path: Path) -> None:
    image = library.keep(saved(Image.new("RGBA", (64, 64), (255, 0, 0, 0))), REQUEST)
    library.export(image, tmp_path / "copy.jpg", ExportFormat.JPEG, with_settings=False)
    with Image.open(tmp_path / "copy.jpg") as opened:
        assert opened.convert("RGB").getpixel((9, 9)) == (255, 255, 255)


def test_a_copy_that_fails_leaves_the_old_file(library: Library, tmp_path: Path) -> None:
    image = library.keep(CONTENT, REQUEST)
    target = tmp_path / "folder"
    target.mkdir()
    (target / "inside").write_text("kept")
    with pytest.raises(StudioError) as raised:
        library.export(image, target, ExportFormat.PNG, with_settings=True)
    assert raised.value.kind is ErrorKind.STORAGE
    assert (target / "inside").read_text() == "kept"
    assert sorted(each.name for each in tmp_path.iterdir() if "part" in each.name) == []


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from studio.core.errors import StudioError
from studio.storage.files import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    write_whole(Path(sys.argv[1]), b"x" * 50_000)
except OSError as error:
    print("refused")
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no such limit")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"the old one")
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "refused\n"
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]


class _Refusing(Library):
    """A library whose files cannot be written, as on a full disk."""

    def path(self, image: GeneratedImage) -> Path:
        return self.folder / "no such folder" / image.path


def test_a_picture_that_cannot_be_written_leaves_no_row(database: Database, tmp_path: Path) -> None:
    library = _Refusing(database, tmp_path / "pictures")
    with pytest.raises(StudioError) as raised:
        library.keep(CONTENT, REQUEST)
    assert raised.value.kind is ErrorKind.STORAGE
    assert listed(database) == []
    assert database.call_sync(library_rows.arriving_pictures) == []


def test_rows_and_files_are_brought_together(library: Library, database: Database) -> None:
    image, lost, renamed = (library.keep(CONTENT, REQUEST) for _ in range(3))
    library.path(lost).unlink()
    library.path(renamed).rename(library.folder / "my favourite.png")
    orphan = library.keep(CONTENT, REQUEST, seconds=3.0)
    database.call_sync(library_rows.delete_pictures, [orphan.id])
    database.call_sync(library_rows.remove_rows, [orphan.id])
    (library.folder / "holiday.png").write_bytes(CONTENT)
    (library.folder / "broken.png").write_bytes(b"nothing")
    (library.folder / ".0123456789abcdef.moda-part").write_bytes(b"half")
    os.utime(library.folder / ".0123456789abcdef.moda-part", (1e9, 1e9))
    found = library.reconcile()
    assert found.adopted == (orphan.id,)
    assert found.missing == (lost.id,)
    assert found.moved == (renamed.id,)
    rows = {each.image.id: each for each in listed(database)}
    assert rows[orphan.id].image == orphan
    assert rows[lost.id].missing
    assert rows[renamed.id].image.path == "my favourite.png"
    assert not rows[image.id].missing
    assert (library.folder / "holiday.png").exists()
    assert (library.folder / "broken.png").exists()
    assert not list(library.folder.glob(".*"))
    library.path(lost).write_bytes(b"somebody put it back")
    library.reconcile()
    assert not database.call_sync(library_rows.load_picture, lost.id).missing  # type: ignore[union-attr]


@pytest.mark.parametrize("written", [True, False])
def test_a_crash_while_saving_is_put_right(
    library: Library, database: Database, written: bool
) -> None:
    image = library.keep(CONTENT, REQUEST, with_settings=False)
    database.call_sync(
        lambda connection: connection.execute("UPDATE pictures SET arriving = 1").get
    )
    if not written:
        library.path(image).unlink()
    assert listed(database) == []
    library.reconcile()
    assert [each.image for each in listed(database)] == ([image] if written else [])
    assert database.call_sync(library_rows.arriving_pictures) == []


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"request": 1}',
        '{"request": {"model": "m"}}',
        '{"request": {"model": "m", "prompt": [[1]]}, "seconds": "x", "created_at": true}',
        "[" * 100_000,
        "\x00",
    ],
)
def test_foreign_settings_are_not_believed(text: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("moda-studio", text)
    found = read_settings(saved(PICTURE, pnginfo=info))
    assert found is None or (found.seconds, found.created_at) == (None, None)


def test_attachments_are_kept_once_and_read_whole(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path / "attachments")
    sha = attachments.keep(CONTENT, "image/png")
    assert attachments.keep(CONTENT, "image/png") == sha
    assert attachments.read(sha, "image/png") == CONTENT
    path = attachments.path(sha, "image/png")
    assert path.parent.name == sha[:2]
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]


def test_an_attachment_that_is_gone_or_changed_is_told(tmp_path: Path) -> None:
    attachments = Attachments(tmp_path)
    sha = attachments.keep(CONTENT, "image/jpeg")
    attachments.path(sha, "image/jpeg").write_bytes(CONTENT[:-1])
    with pytest.raises(StudioError) as raised:
        attachments.read(sha, "image/jpeg")
    assert raised.value.kind is ErrorKind.UNREADABLE_PICTURE
    assert attachments.keep(CONTENT, "image/jpeg") == sha  # and is repaired by sending it again
    assert attachments.read(sha, "image/jpeg") == CONTENT
    attachments.path(sha, "image/jpeg").unlink()
    with pytest.raises(StudioError):
        attachments.read(sha, "image/jpeg")
    for bad in ("", "../../etc/passwd", "/" * 64, "." * 64):
        with pytest.raises(StudioError):
            attachments.read(bad, "image/png")


def test_a_thumbnail_is_small_and_made_once(tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbnails")
    noise = Image.frombytes("RGBA", (700, 350), random.Random(1).randbytes(700 * 350 * 4))
    content = saved(noise)
    sha = hashlib.sha256(content).hexdigest()
    assert thumbnails.find(sha) is None
    made = thumbnails.make(sha, content)
    with Image.open(io.BytesIO(made)) as opened:
        assert opened.format == "JPEG"
        assert opened.size == (256, 128)
    assert thumbnails.find(sha) == made
    assert thumbnails.make(sha, b"not even looked at") == made


def test_a_cache_that_cannot_be_written_costs_no_thumbnail(tmp_path: Path) -> None:
    (tmp_path / "thumbnails").write_text("a file")
    assert Thumbnails(tmp_path / "thumbnails").make("ab" * 32, CONTENT)


@pytest.fixture(autouse=True)
def no_half_files(tmp_path: Path) -> Iterator[None]:
    yield
    assert not list(tmp_path.rglob("*.moda-part"))
