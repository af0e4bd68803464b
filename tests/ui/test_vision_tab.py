"""Questions about pictures: dropped, pasted, chosen or named by address; refused in a sentence."""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QInputDialog, QLineEdit

from studio.core.stream import ImageContent, TextContent, TextDelta
from studio.sessions.states import SessionState
from studio.ui.chat.attachments import MOST
from studio.ui.chat.drop_zone import DropZone
from studio.ui.chat.picture_tray import PictureCard, Refusals
from tests.scripted import said, until
from tests.window_parts import Run, click, links, named, picture, pixels, png, texts, visible

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
async def vision(run: Run) -> AsyncIterator[Run]:
    """The window at the Vision tab."""
    run.window.perform("tab_vision")
    yield run
    QGuiApplication.clipboard().clear()


def cards(run: Run) -> list[PictureCard]:
    """The pictures of the next question, as they are shown."""
    return visible(run.tab, PictureCard)


async def read(run: Run, count: int) -> None:
    """Wait until so many pictures are ready to be sent, and none is still being read."""
    attachments = run.tab.presenter.attachments
    await until(lambda: not attachments.busy and len(attachments.parts) == count)


def sent_pictures(run: Run, request: int = -1) -> list[bytes]:
    """The pictures of a request, in order."""
    turns = run.chat.requests[request].turns
    return [c.content for turn in turns for c in turn.content if isinstance(c, ImageContent)]


def huge(path: Path) -> Path:
    """The header of a picture of 200 megapixels, and hardly anything behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", 20000, 10000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999))
    )
    return path


# Bringing a picture.


async def test_a_dropped_picture_is_shown_asked_about_and_kept(vision: Run, tmp_path: Path) -> None:
    vision.chat.scripts = [said("A teal rectangle.")]
    vision.drop(picture(tmp_path / "海.png", (640, 480)))
    await read(vision, 1)
    (card,) = cards(vision)
    shown = " ".join(texts(card))
    assert "海.png" in shown
    assert "640 × 480" in shown
    assert "no metadata" in shown
    await vision.asked("What is this?")
    assert vision.shown == ["What is this?", "A teal rectangle."]
    assert cards(vision) == []
    assert len(sent_pictures(vision)) == 1
    question = (await vision.stored(vision.session.conversation.id))[0]
    assert [(part.name, part.width) for part in question.images] == [("海.png", 640)]


async def test_what_is_sent_is_upright_and_without_the_camera_s_notes(
    vision: Run, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    Image.new("RGB", (3000, 1500), "teal").save(tmp_path / "photo.jpg", exif=exif)
    vision.chat.scripts = [said("ok")]
    vision.drop(tmp_path / "photo.jpg")
    await read(vision, 1)
    shown = " ".join(texts(cards(vision)[0]))
    assert "1500 × 3000" in shown
    assert "1024 × 2048" in shown
    await vision.asked("What?")
    (content,) = sent_pictures(vision)
    assert b"SecretCamera" not in content


async def test_one_drop_that_is_delivered_twice_is_one_picture(vision: Run, tmp_path: Path) -> None:
    vision.drop(picture(tmp_path / "a.png"), times=2)
    await read(vision, 1)
    assert len(cards(vision)) == 1


async def test_a_file_named_twice_in_one_drag_is_one_picture(vision: Run, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png")
    vision.drop(path, path)
    await read(vision, 1)
    assert len(cards(vision)) == 1


async def test_several_pictures_go_with_one_question_in_order(vision: Run, tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{n}.png", (64 + n, 48)) for n in range(3)]
    vision.drop(*paths)
    await read(vision, 3)
    vision.chat.scripts = [said("three")]
    await vision.asked("Compare")
    stored = (await vision.stored(vision.session.conversation.id))[0]
    assert [part.width for part in stored.images] == [64, 65, 66]
    assert len(sent_pictures(vision)) == 3


async def test_more_pictures_than_fit_are_left_out_with_a_word(vision: Run, tmp_path: Path) -> None:
    vision.drop(*(f"https://example.com/{n}.png" for n in range(MOST - 1)))
    vision.drop(*(picture(tmp_path / f"{n}.png") for n in range(3)))
    await read(vision, MOST)
    assert len(cards(vision)) == MOST
    assert "left out" in vision.said
    vision.drop("https://example.com/one-more.png")
    vision.drop_data(_with_pixels())
    assert len(cards(vision)) == MOST


def _with_pixels() -> QMimeData:
    data = QMimeData()
    data.setImageData(pixels())
    return data


async def test_a_removed_picture_is_not_sent(vision: Run, tmp_path: Path) -> None:
    vision.drop(picture(tmp_path / "a.png", (64, 48)), picture(tmp_path / "b.png", (65, 48)))
    await read(vision, 2)
    click(named(vision.tab, QAbstractButton, "Remove this picture"))
    await read(vision, 1)
    vision.chat.scripts = [said("one")]
    await vision.asked("What?")
    stored = (await vision.stored(vision.session.conversation.id))[0]
    assert [part.width for part in stored.images] == [65]


async def test_a_picture_removed_while_it_is_read_does_not_come_back(
    vision: Run, tmp_path: Path
) -> None:
    vision.drop(picture(tmp_path / "a.png"))
    click(named(vision.tab, QAbstractButton, "Remove this picture"))
    await until(lambda: vision.tasks.count == 0)
    assert cards(vision) == []
    assert vision.tab.presenter.attachments.parts == ()


async def test_an_address_is_handed_on_and_not_fetched(vision: Run) -> None:
    vision.drop("https://example.com/cat.jpg")
    vision.drop("https://example.com/cat.jpg?")
    vision.drop("https://example.com/cat.jpg")
    await until(lambda: len(cards(vision)) == 2)
    assert "example.com" in " ".join(texts(cards(vision)[0]))
    vision.chat.scripts = [said("a cat")]
    await vision.asked("What?")
    content = vision.chat.requests[0].turns[0].content
    urls = [c.url for c in content if isinstance(c, ImageContent)]
    assert urls == ["https://example.com/cat.jpg", "https://example.com/cat.jpg?"]
    assert cards(vision) == []


async def test_an_address_can_be_typed(vision: Run) -> None:
    zone = visible(vision.tab, DropZone)[0]
    click(next(b for b in visible(zone, QAbstractButton) if "address" in b.text()))
    dialog = visible(vision.window, QInputDialog)[0]
    line = visible(dialog, QLineEdit)[0]
    line.setText("https://example.com/cat.jpg")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert len(cards(vision)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file://host/share/x.png",
        "ftp://example.com/x.png",
    ],
)
async def test_no_other_kind_of_address_is_taken(vision: Run, address: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl(address)])
    vision.tab.presenter.attachments.drop(data)
    await until(lambda: bool(vision.said))
    assert vision.tab.presenter.attachments.parts == ()
    assert cards(vision) == []


async def test_a_copied_picture_is_pasted_by_key(vision: Run) -> None:
    QGuiApplication.clipboard().setImage(pixels((320, 200)))
    vision.field.setFocus()
    vision.key(Qt.Key.Key_V, CTRL)
    await read(vision, 1)
    shown = " ".join(texts(cards(vision)[0]))
    assert "Pasted picture" in shown
    assert "320 × 200" in shown


async def test_a_copied_file_is_pasted_as_a_picture(vision: Run, tmp_path: Path) -> None:
    data = links(picture(tmp_path / "a.png"))
    data.setText(str(tmp_path / "a.png"))  # as file managers do
    QGuiApplication.clipboard().setMimeData(data)
    vision.field.setFocus()
    vision.key(Qt.Key.Key_V, CTRL)
    await read(vision, 1)
    assert vision.field.toPlainText() == ""


async def test_the_paste_button_takes_the_clipboard_or_says_there_is_none(vision: Run) -> None:
    button = next(
        each
        for each in visible(visible(vision.tab, DropZone)[0], QAbstractButton)
        if each.text() == "Paste"
    )
    QGuiApplication.clipboard().setText("only words")
    click(button)
    assert vision.said == "There is no picture on the clipboard."
    QGuiApplication.clipboard().setImage(pixels())
    click(button)
    await read(vision, 1)


@pytest.mark.parametrize("tab", ["tab_chat", "tab_vision"])
async def test_a_copied_link_is_pasted_as_text(run: Run, tab: str) -> None:
    run.window.perform(tab)
    data = links("https://example.com/page")
    data.setText("https://example.com/page")  # as browsers do
    QGuiApplication.clipboard().setMimeData(data)
    run.field.setFocus()
    run.key(Qt.Key.Key_V, CTRL)
    assert run.field.toPlainText() == "https://example.com/page"
    assert cards(run) == []


@pytest.mark.parametrize("tab", ["tab_chat", "tab_vision"])
async def test_words_beside_a_picture_on_the_clipboard_are_meant(run: Run, tab: str) -> None:
    run.window.perform(tab)
    data = QMimeData()
    data.setImageData(pixels())
    data.setText("words from an office program")
    data.setHtml("<b>words</b> from an office program")
    QGuiApplication.clipboard().setMimeData(data)
    run.field.setFocus()
    run.key(Qt.Key.Key_V, CTRL)
    assert run.field.toPlainText() == "words from an office program"
    assert cards(run) == []


async def test_files_can_be_chosen_in_a_dialog(vision: Run, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png")
    vision.ctrl(Qt.Key.Key_O)
    dialog = vision.window.findChild(QFileDialog)
    assert dialog is not None
    dialog.filesSelected.emit([str(path)])
    dialog.reject()
    await read(vision, 1)


# What is no picture.


async def test_what_is_no_picture_is_refused_in_a_sentence_and_the_draft_stays(
    vision: Run, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no picture at all")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "cut.png").write_bytes(png((600, 600))[:200])
    (tmp_path / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    gone = tmp_path / "gone.png"
    wrong = [tmp_path / n for n in ("notes.txt", "empty.png", "folder.png", "cut.png")]
    wrong += [tmp_path / "drawing.svg", huge(tmp_path / "huge.png"), gone]
    if hasattr(os, "mkfifo"):  # a file that would never end
        os.mkfifo(tmp_path / "pipe.png")
        wrong.append(tmp_path / "pipe.png")
    QTest.keyClicks(vision.field, "my question")
    sentences = []
    for path in wrong:
        vision.drop(path)
        assert vision.tab.presenter.attachments.busy
        await until(lambda: not vision.tab.presenter.attachments.busy)
        (refusals,) = visible(vision.tab, Refusals)
        sentences.append(refusals.accessibleName())
        refusals.clear()
        assert cards(vision) == []
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences)
    assert len(set(sentences)) >= 5, sentences  # each says what is wrong with it
    assert vision.field.toPlainText() == "my question"
    # The program lives: the next picture is taken.
    vision.drop(picture(tmp_path / "good.png"))
    await read(vision, 1)


async def test_one_bad_file_among_several_does_not_stop_the_others(
    vision: Run, tmp_path: Path
) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    good = [picture(tmp_path / f"{n}.png", (64 + n, 48)) for n in range(2)]
    vision.drop(good[0], tmp_path / "empty.png", huge(tmp_path / "huge.png"), good[1])
    await read(vision, 2)
    assert len(cards(vision)) == 2
    (refusals,) = visible(vision.tab, Refusals)
    assert len(refusals.accessibleName().splitlines()) == 2


async def test_a_drag_of_words_is_not_taken(vision: Run) -> None:
    data = QMimeData()
    data.setText("only words")
    assert not vision.tab.presenter.attachments.takes(data)


# Asking.


async def test_a_question_without_a_picture_says_what_is_missing(vision: Run) -> None:
    vision.ask("What is this?")
    assert vision.said == "Add a picture first, then ask about it."
    assert vision.field.toPlainText() == "What is this?"
    assert vision.chat.requests == []


async def test_a_question_is_held_back_while_its_picture_is_read(
    vision: Run, tmp_path: Path
) -> None:
    vision.drop(picture(tmp_path / "a.png"))
    vision.ask("What is this?")
    assert "still being read" in vision.said
    assert vision.field.toPlainText() == "What is this?"
    await read(vision, 1)
    vision.chat.scripts = [said("ok")]
    vision.key(Qt.Key.Key_Return)
    await vision.idle()
    assert vision.shown == ["What is this?", "ok"]


async def test_a_follow_up_question_sends_the_picture_again(vision: Run, tmp_path: Path) -> None:
    vision.drop(picture(tmp_path / "a.png"))
    await read(vision, 1)
    vision.chat.scripts = [said("teal"), said("a sea")]
    await vision.asked("What colour?")
    await vision.asked("What may it be?")
    assert vision.shown == ["What colour?", "teal", "What may it be?", "a sea"]
    assert sent_pictures(vision, 0) == sent_pictures(vision, 1)
    words = [
        c.text
        for turn in vision.chat.requests[1].turns
        for c in turn.content
        if isinstance(c, TextContent)
    ]
    assert words == ["What colour?", "teal", "What may it be?"]


async def test_a_picture_added_while_the_question_is_stored_waits_for_the_next(
    vision: Run, tmp_path: Path
) -> None:
    vision.drop(picture(tmp_path / "a.png"))
    await read(vision, 1)
    vision.chat.scripts = [said("one")]
    vision.ask("What?")
    vision.drop("https://example.com/b.png")
    await vision.idle()
    assert len(cards(vision)) == 1
    assert len(sent_pictures(vision)) == 1


async def test_editing_a_question_keeps_its_picture(vision: Run, tmp_path: Path) -> None:
    vision.drop(picture(tmp_path / "a.png"))
    await read(vision, 1)
    vision.chat.scripts = [said("one"), said("two")]
    await vision.asked("Waht?")
    vision.drop("https://example.com/next.png")
    vision.press("edit", 0)
    vision.field.selectAll()
    await vision.asked("What?")
    assert vision.shown == ["What?", "two"]
    assert len(vision.session.messages[0].images) == 1
    assert sent_pictures(vision, 0) == sent_pictures(vision, 1)
    assert len(cards(vision)) == 1  # what waits for the next question still waits


async def test_the_draft_and_its_pictures_survive_a_disk_that_refuses(
    vision: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.core.errors import ErrorKind, StudioError
    from studio.storage.history import conversations

    vision.drop(picture(tmp_path / "a.png"))
    await read(vision, 1)

    def full(*_: object, **__: object) -> None:
        raise StudioError(ErrorKind.STORAGE, "disk full")

    monkeypatch.setattr(conversations, "save_turn", full)
    await vision.asked("What?")
    assert vision.field.toPlainText() == "What?"
    assert len(cards(vision)) == 1


async def test_the_history_shows_the_picture_beside_the_question(
    vision: Run, tmp_path: Path
) -> None:
    vision.drop(picture(tmp_path / "a.png", (200, 200), "#FF0000"))
    await read(vision, 1)
    vision.chat.scripts = [said("red")]
    await vision.asked("What colour?")
    rows: Any = vision.tab.history.list
    row = rows.visualRect(rows.model().index(1, 0))

    def thumbnail() -> QColor:
        image = rows.viewport().grab().toImage()
        scale = image.devicePixelRatio()
        return QColor(
            image.pixelColor(round((row.left() + 28) * scale), round(row.center().y() * scale))
        )

    await until(lambda: thumbnail() == QColor("#FF0000"))


async def test_chat_and_vision_have_their_own_history_and_draft(
    vision: Run, tmp_path: Path
) -> None:
    vision.drop(picture(tmp_path / "a.png"))
    await read(vision, 1)
    QTest.keyClicks(vision.field, "about a picture")
    vision.window.perform("tab_chat")
    assert vision.field.toPlainText() == ""
    assert cards(vision) == []
    vision.chat.scripts = [said("hello")]
    await vision.asked("hi")
    vision.window.perform("tab_vision")
    assert vision.field.toPlainText() == "about a picture"
    assert len(cards(vision)) == 1
    assert vision.tab.history.list.model().rowCount() == 0
    assert "Your questions about pictures will be here." in texts(vision.tab.history)


async def test_the_question_about_a_picture_lives_on_while_many_chats_are_opened(
    vision: Run, tmp_path: Path
) -> None:
    vision.drop(picture(tmp_path / "a.png"))
    await read(vision, 1)
    vision.chat.scripts = [said("teal"), *(said(f"answer {n}") for n in range(12)), said("more")]
    await vision.asked("What colour?")
    vision.window.perform("tab_chat")
    for number in range(12):
        vision.ctrl(Qt.Key.Key_N)
        await vision.asked(f"question {number}")
    vision.window.perform("tab_vision")
    await vision.asked("And now?")
    assert vision.shown == ["What colour?", "teal", "And now?", "more"]


async def test_a_conversation_deleted_while_it_is_answered_stays_deleted(run: Run) -> None:
    run.chat.scripts = [[TextDelta("half"), asyncio.Event()]]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.STREAMING)
    key = run.session.conversation.id
    await run.studio.histories[run.tab._kind].reload()
    told: list[object] = []
    run.tasks.failed.connect(told.append)
    run.tab.history.list.delete_requested.emit([key])
    await until(lambda: run.tasks.count == 0)
    assert told == []
    assert run.shown == []
    assert run.studio.histories[run.tab._kind].titles == ()
    assert "trash" in run.said
    undo = next(b for b in visible(run.window, QAbstractButton) if b.text() == "Undo")
    click(undo)
    await until(lambda: run.tasks.count == 0)
    assert run.studio.histories[run.tab._kind].titles[0][0] == key
    run.tab.open_conversation(key)
    await until(lambda: bool(run.shown))
    assert run.shown == ["go", "half"]
