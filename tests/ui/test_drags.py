"""What browsers and file managers really put on a drag or on the clipboard, as Qt hands it over.

The rows of `drags.json` were taken from the programs they name, on an X11 screen: a small picture
of one colour, dragged or copied in the ways a page offers. Forms that Qt and this program do not
look at are left out. Where the real programs are at hand, tests/end2end/test_browsers.py shows the
same in windows.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent, QImage
from PySide6.QtWidgets import QApplication

from studio.ui.chat.picture_tray import Refusals
from studio.ui.widgets import picture_sources
from studio.ui.widgets.picture_sources import means_pictures, sources_of, words_of
from tests.scripted import until
from tests.window_parts import Run, drag_enters, visible

Row = dict[str, Any]

ROWS: list[Row] = json.loads(
    (Path(__file__).parents[1] / "data" / "drags.json").read_text(encoding="utf-8")
)
BLANK = "\ufeff\u200b\ufffc\u00a0\r\n\0"


def mime(forms: dict[str, Any]) -> QMimeData:
    """The forms, and the pixels that Qt offers by itself where a picture is encoded."""
    data = QMimeData()
    for kind, form in forms.items():
        raw = form.encode() if isinstance(form, str) else base64.b64decode(form["base64"])
        data.setData(kind, raw)
        if kind == "image/png" and raw:
            data.setImageData(QImage.fromData(raw))
    return data


def rows(*, way: str = "", having: str = "") -> pytest.MarkDecorator:
    """Each recorded row of a way that has some right value."""
    chosen = [row for row in ROWS if row["way"].startswith(way) and having in row]
    assert chosen
    names = [f"{row['what']}, {row['way']} in {row['program']}" for row in chosen]
    return pytest.mark.parametrize("row", chosen, ids=names)


def colour(content: bytes) -> list[int]:
    """The colour in the middle of an encoded picture."""
    image = QImage.fromData(content)
    shade = QColor(image.pixel(image.rect().center()))
    return [shade.red(), shade.green(), shade.blue()]


@pytest.fixture(params=["offscreen", "xcb"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A window system where bytes come at once, and the one where they may not."""
    monkeypatch.setattr(picture_sources, "_bytes_are_slow", lambda: request.param == "xcb")
    return str(request.param)


@rows(having="colour")
def test_what_is_seen_as_a_picture_in_a_browser_is_taken_as_that_picture(
    row: Row, system: str
) -> None:
    data = mime(row["forms"])
    assert means_pictures(data)  # over the field for words too
    assert words_of(data) == ""
    found = sources_of(data)
    assert len(found.files) + bool(found.encoded) + len(found.addresses) == 1
    if found.files:
        assert [str(path) for path in found.files] == row["files"]
    elif found.encoded:
        seen = colour(found.encoded)
        assert all(abs(a - b) <= 3 for a, b in zip(seen, row["colour"], strict=True))
    elif found.addresses[0].startswith("data:"):
        assert colour(base64.b64decode(found.addresses[0].partition(",")[2])) == row["colour"]
    else:
        assert list(found.addresses) == [row["address"]]


@rows(way="drag", having="begins")
def test_a_drawing_dragged_is_the_drawing_so_that_it_can_be_said_why_not(
    qapp: QApplication, row: Row
) -> None:
    data = mime(row["forms"])
    assert means_pictures(data)
    assert sources_of(data).encoded.decode().startswith(row["begins"])


@rows(having="words")
def test_words_are_words_whatever_pictures_are_between_them(row: Row) -> None:
    data = mime(row["forms"])
    assert not means_pictures(data)
    assert " ".join(words_of(data).split()) == row["words"]


@rows(having="files")
def test_files_of_a_file_manager_are_all_of_them_and_by_their_names(row: Row) -> None:
    data = mime(row["forms"])
    assert means_pictures(data)
    assert words_of(data) == ""
    assert [str(path) for path in sources_of(data).files] == row["files"]


def test_files_that_are_only_listed_as_a_desktop_lists_them_are_found() -> None:
    listed = "cut\nfile:///home/user/a.png\nfile:///home/user/b%20c.png"
    data = mime({"x-special/gnome-copied-files": listed})
    assert [path.name for path in sources_of(data).files] == ["a.png", "b c.png"]
    assert means_pictures(data)


@pytest.mark.parametrize("kind", ["image/png", "image/webp", "application/octet-stream"])
def test_a_form_that_is_named_and_empty_does_not_stand_for_the_picture(
    qapp: QApplication, kind: str
) -> None:
    address = "https://site.example/a.png"
    data = mime({kind: "", "text/uri-list": address, "text/html": f"<img src={address}>"})
    assert sources_of(data).addresses == (address,)


@pytest.mark.parametrize("words", [BLANK, *BLANK])
def test_what_is_seen_as_nothing_is_no_text_beside_a_picture(words: str) -> None:
    png = next(row for row in ROWS if row["what"] == "a canvas")["forms"]["image/png"]
    assert means_pictures(mime({"text/plain": words, "image/png": png}))
    assert words_of(mime({"text/plain": words})) == ""


@pytest.mark.parametrize(
    "tag",
    [
        '<img data-src="https://a.example/small.png" src="{}">',
        "<img alt='a > b, src=\"x\"' src='{}'>",
        '<img alt="it\'s" data-original-src=x.png src={} />',
        '<img/src="{}">',
        '<img title="src=https://a.example/small.png"src="{}">',
        '<img srcset="small.png 1x" src = \'{}\' src="second.png">',
        '<imgs src="https://a.example/small.png"><IMG\nSRC="{}"',
    ],
)
def test_the_picture_of_a_tag_is_its_own_address_whatever_else_it_says(tag: str) -> None:
    address = "https://a.example/large.png"
    assert sources_of(mime({"text/html": tag.replace("{}", address)})).addresses == (address,)


@pytest.mark.parametrize("piece", ["<img ", "<img '\"", "<style>", "<!--", "<img a=", "<b"])
def test_a_page_that_never_closes_what_it_opens_is_read_once(piece: str) -> None:
    data = mime({"text/html": piece * 100_000})
    assert not means_pictures(data)
    assert not sources_of(data).any


def test_several_addresses_with_the_same_as_text_are_no_words() -> None:
    listed = ["https://a.example/1.png", "https://a.example/%E5%9B%BE.png"]
    data = mime(
        {
            "text/uri-list": "\r\n".join(listed),
            "text/plain": f"{listed[0]}\n\nhttps://a.example/图.png",
        }
    )
    assert words_of(data) == ""
    assert list(sources_of(data).addresses) == listed


# In the window.


def drop(run: Run, data: QMimeData, times: int = 1) -> None:
    run.ctrl(Qt.Key.Key_2)
    run.drop_data(data, times)


@rows(way="drag", having="words")
async def test_words_dropped_with_a_picture_between_them_come_into_the_message(
    run: Run, row: Row
) -> None:
    drop(run, mime(row["forms"]))
    assert " ".join(run.field.toPlainText().split()) == row["words"]
    assert not run.tab.presenter.attachments.any


async def test_words_of_an_office_program_come_into_the_message_by_drop_as_by_paste(
    run: Run,
) -> None:
    png = next(row for row in ROWS if row["what"] == "a canvas")["forms"]["image/png"]
    drop(run, mime({"text/plain": "Total\t12", "text/html": "<b>Total</b>", "image/png": png}))
    assert run.field.toPlainText() == "Total\t12"
    assert not run.tab.presenter.attachments.any


@rows(way="drag", having="colour")
async def test_a_picture_of_a_browser_let_go_over_the_field_is_no_address_in_it(
    run: Run, row: Row
) -> None:
    run.ctrl(Qt.Key.Key_2)
    field, data = run.field, mime(row["forms"])
    at = field.viewport().rect().center()
    entering = drag_enters(at, data)
    QApplication.sendEvent(field.viewport(), entering)
    assert entering.isAccepted()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(field.viewport(), QDropEvent(QPointF(at), copy, data, left, none))
    attachments = run.tab.presenter.attachments
    await until(lambda: not attachments.busy)
    # The files of the rows are not here: those are refused by name.
    assert len(attachments.parts) + len(visible(run.tab, Refusals)) == 1
    assert field.toPlainText() == ""


@pytest.mark.parametrize(
    "what", ["a picture that only the page has", "a picture within its address"]
)
@pytest.mark.parametrize("program", ["Firefox 153", "Chromium 156"])
async def test_a_drag_that_is_delivered_twice_is_one_picture(
    run: Run, program: str, what: str
) -> None:
    (row,) = (
        row for row in ROWS if (row["program"], row["way"], row["what"]) == (program, "drag", what)
    )
    drop(run, mime(row["forms"]), times=2)
    attachments = run.tab.presenter.attachments
    await until(lambda: bool(attachments.parts) and not attachments.busy)
    assert len(attachments.parts) == 1
