"""The gallery: pages, one row at a time, thumbnails on demand, copies, trash."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QImage

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import GeneratedImage
from studio.sessions.decoding import MOST_WAITING, Decoder
from studio.sessions.images.gallery import KEPT_THUMBNAILS, PAGE, GalleryRole
from studio.storage.pictures import library_rows
from studio.storage.pictures.file_settings import read_settings
from tests.painting_parts import Painting, PictureService, png, request, until

DECORATION = Qt.ItemDataRole.DecorationRole


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Painting]:
    running = Painting(tmp_path, PictureService())
    yield running
    await running.quit()


async def keep(
    run: Painting, count: int = 1, *, width: int = 48, height: int = 32
) -> list[GeneratedImage]:
    """Save real pictures, oldest first."""
    made = []
    for number in range(count):
        asked = request(f"picture {number}")
        made.append(await asyncio.to_thread(run.library.keep, png(width, height), asked))
    return made


async def rows(run: Painting, count: int) -> None:
    """Insert rows as if so many pictures had been made; their files are not there."""

    def insert(connection: object) -> None:
        for number in range(count):
            image = GeneratedImage(
                request(f"picture {number}"), f"{number}.png", f"{number:064x}", 64, 64, 100, 2.0
            )
            library_rows.add_picture(connection, image)  # type: ignore[arg-type]  # is one

    await run.database.call(insert)


def prompts(run: Painting) -> list[str]:
    """What the gallery shows, in order."""
    shown = (run.gallery.image_at(row) for row in range(run.gallery.rowCount()))
    return [image.request.prompt for image in shown if image is not None]


async def test_pictures_come_in_pages_newest_first(run: Painting) -> None:
    await rows(run, PAGE + 50)
    await run.gallery.load()
    assert run.gallery.rowCount() == PAGE
    assert prompts(run)[:2] == [f"picture {PAGE + 49}", f"picture {PAGE + 48}"]
    assert run.gallery.canFetchMore(QModelIndex())
    run.gallery.fetchMore(QModelIndex())
    assert not run.gallery.canFetchMore(QModelIndex())  # not twice at once
    await until(lambda: run.gallery.rowCount() == PAGE + 50, run.gallery.filled)
    assert not run.gallery.canFetchMore(QModelIndex())
    assert len(set(prompts(run))) == PAGE + 50


async def test_a_new_picture_is_one_row_and_is_not_read_again_by_the_next_page(
    run: Painting,
) -> None:
    await rows(run, PAGE)
    await run.gallery.load()
    inserted: list[tuple[int, int]] = []
    run.gallery.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    (image,) = await keep(run)
    run.gallery.add(image)
    run.gallery.add(image)
    assert inserted == [(0, 0)]
    run.gallery.fetchMore(QModelIndex())
    await until(lambda: not run.gallery.canFetchMore(QModelIndex()), run.gallery.filled)
    assert run.gallery.rowCount() == PAGE + 1


async def test_a_picture_that_comes_while_the_first_page_is_read_is_there_once(
    run: Painting,
) -> None:
    (image,) = await keep(run)
    loading = run.tasks.start(run.gallery.load(), "load")
    run.gallery.add(image)
    await loading
    assert prompts(run) == ["picture 0"]


async def test_a_deleted_picture_comes_back_to_its_place(run: Painting) -> None:
    await keep(run, 3)
    await run.gallery.load()
    middle = run.gallery.image_at(1)
    assert middle is not None
    run.gallery.delete(middle)
    await until(lambda: run.gallery.rowCount() == 2, run.gallery.removed)
    assert len(await run.database.call(library_rows.list_pictures)) == 2
    assert run.library.path(middle).is_file()
    run.gallery.restore(middle)
    await until(lambda: run.gallery.rowCount() == 3, run.gallery.filled)
    assert prompts(run) == ["picture 2", "picture 1", "picture 0"]
    assert len(await run.database.call(library_rows.list_pictures)) == 3


async def test_a_thumbnail_is_asked_for_once_and_only_its_row_changes(run: Painting) -> None:
    await keep(run, 3, width=800, height=600)
    await run.gallery.load()
    changed: list[tuple[int, int]] = []
    run.gallery.dataChanged.connect(lambda top, last, _: changed.append((top.row(), last.row())))
    index = run.gallery.index(1, 0)
    assert index.data(DECORATION) is None
    assert index.data(DECORATION) is None
    assert run.gallery.thumbnails_asked == 1
    await until(lambda: changed, run.gallery.dataChanged)
    assert changed == [(1, 1)]
    thumbnail = index.data(DECORATION)
    assert isinstance(thumbnail, QImage)
    # Covers the cell, and is no larger than needed for it.
    assert (thumbnail.width(), thumbnail.height()) == (224, 168)
    assert run.gallery.thumbnails_asked == 1


async def test_the_stored_small_picture_is_taken_where_there_is_one(run: Painting) -> None:
    (image,) = await keep(run, width=800, height=600)
    content = run.library.read(image)
    await asyncio.to_thread(run.thumbnails.make, image.sha256, content)
    run.library.path(image).unlink()
    await run.gallery.load()
    index = run.gallery.index(0, 0)
    assert index.data(DECORATION) is None
    await until(lambda: index.data(DECORATION), run.gallery.dataChanged)
    assert not index.data(DECORATION).isNull()


async def test_a_picture_whose_file_is_gone_is_asked_for_once_and_says_so(run: Painting) -> None:
    await rows(run, 1)
    await run.gallery.load()
    index = run.gallery.index(0, 0)
    assert index.data(DECORATION) is None
    await until(lambda: index.data(DECORATION) is not None, run.gallery.dataChanged)
    assert index.data(DECORATION).isNull()
    assert run.gallery.thumbnails_asked == 1


async def test_memory_for_thumbnails_is_bounded(run: Painting) -> None:
    await rows(run, KEPT_THUMBNAILS + 30)
    await run.gallery.load()
    run.gallery.fetchMore(QModelIndex())
    await until(lambda: run.gallery.rowCount() == 2 * PAGE, run.gallery.filled)
    run.gallery.fetchMore(QModelIndex())
    await until(lambda: run.gallery.rowCount() == KEPT_THUMBNAILS + 30, run.gallery.filled)
    for row in range(run.gallery.rowCount()):
        index = run.gallery.index(row, 0)
        if index.data(DECORATION) is None:
            await until(lambda i=index: i.data(DECORATION) is not None, run.gallery.dataChanged)  # type: ignore[misc]  # bound at once
    known = [
        row
        for row in range(run.gallery.rowCount())
        if (image := run.gallery.image_at(row)) and run.gallery.thumbnail(image.id) is not None
    ]
    assert len(known) == KEPT_THUMBNAILS


async def test_a_picture_is_decoded_for_the_place_it_is_shown_in(run: Painting) -> None:
    (image,) = await keep(run, width=800, height=600)
    answers: list[tuple[str, QSize, QImage]] = []
    run.gallery.picture_decoded.connect(lambda *answer: answers.append(answer))
    run.gallery.ask_pixels(image, QSize(400, 300))
    await until(lambda: answers, run.gallery.picture_decoded)
    run.gallery.ask_pixels(image, QSize())
    await until(lambda: len(answers) == 2, run.gallery.picture_decoded)
    assert [(each[0], each[2].size()) for each in answers] == [
        (image.id, QSize(400, 300)),
        (image.id, QSize(800, 600)),
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.JPEG", "JPEG"), ("a.webp", "WEBP"), ("a", "PNG")],
)
async def test_a_copy_has_the_format_its_name_says(
    run: Painting, tmp_path: Path, name: str, kind: str
) -> None:
    (image,) = await keep(run)
    saved: list[Path] = []
    run.gallery.saved.connect(saved.append)
    run.gallery.save_as(image, tmp_path / name)
    await until(lambda: saved, run.gallery.saved)
    content = saved[0].read_bytes()
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.format == kind
        assert opened.size == (image.width, image.height)
    settings = read_settings(content)
    assert settings is not None and settings.request == image.request


async def test_a_copy_can_be_saved_without_its_settings(run: Painting, tmp_path: Path) -> None:
    (image,) = await keep(run)
    run.preferences.change(picture_metadata=False)
    saved: list[Path] = []
    run.gallery.saved.connect(saved.append)
    run.gallery.save_as(image, tmp_path / "bare.png")
    await until(lambda: saved, run.gallery.saved)
    content = saved[0].read_bytes()
    assert read_settings(content) is None
    assert b"picture 0" not in content


async def test_a_copy_that_cannot_be_saved_says_so(run: Painting, tmp_path: Path) -> None:
    (image,) = await keep(run)
    failed: list[StoredError] = []
    run.gallery.failed.connect(failed.append)
    run.gallery.save_as(image, tmp_path / "nowhere" / "a.png")
    await until(lambda: failed, run.gallery.failed)
    assert failed[0].kind is ErrorKind.STORAGE


async def test_the_time_a_model_takes_is_the_mean_of_its_last_pictures(run: Painting) -> None:
    assert run.gallery.average_seconds("Qwen/Qwen-Image") is None
    await rows(run, 3)
    await run.gallery.load()
    assert run.gallery.average_seconds("Qwen/Qwen-Image") == pytest.approx(2.0)
    assert run.gallery.average_seconds("another/model") is None


async def test_every_row_has_words_for_a_screen_reader(run: Painting) -> None:
    await keep(run)
    await run.gallery.load()
    index = run.gallery.index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "picture 0"
    assert index.data(GalleryRole.IMAGE).request.prompt == "picture 0"


async def test_old_wishes_give_way_to_new_ones(tmp_path: Path) -> None:
    decoder = Decoder()
    forgotten: list[str] = []
    answered: list[str] = []
    decoder.forgotten.connect(forgotten.append)
    decoder.decoded.connect(lambda key, _image: answered.append(key))
    path = tmp_path / "a.png"
    path.write_bytes(png(1600, 1200))
    total = MOST_WAITING + 60
    for number in range(total):
        decoder.ask(str(number), path, QSize(100, 100))
    await until(lambda: len(answered) + len(forgotten) == total, decoder.decoded)
    assert forgotten and not set(forgotten) & set(answered)
    assert str(total - 1) in answered
    # What was wished for last is among the first to come.
    assert answered.index(str(total - 1)) < answered.index(
        next(each for each in reversed(answered) if int(each) < total - 1)
    )
    decoder.close()
