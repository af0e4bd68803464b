"""What models, services and files are called is shown as text, wherever it is shown."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from PySide6 import QtGui
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QMessageBox,
    QToolTip,
    QWidget,
)

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.models import Capability, ModelInfo
from studio.sessions.states import SessionState
from studio.ui.shell.palette import PaletteSheet
from studio.ui.shell.palette_entries import Entry
from studio.ui.widgets.model_popup import ModelPopup
from studio.ui.widgets.notice import Notice
from tests.scripted import said, until
from tests.window_parts import Run, child, click, named, picture, visible

PAYLOADS = [
    "<b>bold</b>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="file:///etc/passwd">',
    "<svg onload=alert(1)><circle r=9></svg>",
    "<iframe src=//evil.example></iframe>",
    "<style>*{display:none}</style>",
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    '<a href="javascript:alert(1)">click</a>',
    "<table><tr><td>cell</td></tr></table>",
    "<!-- hidden --><!doctype html>",
    "&lt;b&gt; &amp; & \\u202e \u202e",
    "![alt](file:///etc/passwd)",
]


def as_seen(words: str, how: Qt.TextFormat = Qt.TextFormat.AutoText) -> str:
    """What Qt would show of a text in a label or a tooltip."""
    rich = how is Qt.TextFormat.RichText
    if rich or (how is Qt.TextFormat.AutoText and QtGui.Qt.mightBeRichText(words)):
        document = QTextDocument()
        document.setHtml(words)
        return document.toPlainText()
    return words


def one_line(words: str) -> str:
    """Without the breaks that labels and HTML do not keep."""
    return " ".join(words.split())


def holders(root: QWidget, payload: str) -> list[QWidget]:
    """Every widget that has a payload in its text or tooltip; each must show it whole."""
    found: list[QWidget] = []
    core = one_line(payload)
    for widget in [root, *root.findChildren(QWidget)]:
        tip = one_line(as_seen(widget.toolTip()))
        if _touched(widget.toolTip(), core):
            assert core in tip, (widget, widget.toolTip())
            found.append(widget)
        if isinstance(widget, QLabel) and _touched(widget.text(), core):
            seen = one_line(as_seen(widget.text(), widget.textFormat()))
            assert core in seen, (widget, widget.text())
            found.append(widget)
    return found


def _offers(palette: PaletteSheet, title: str) -> bool:
    rows = [palette._rows.row(n) for n in range(palette._rows.rowCount())]
    return title in [row.words for row in rows if isinstance(row, Entry)]


def _touched(words: str, core: str) -> bool:
    return core in one_line(words) or core in one_line(as_seen(words))


async def test_a_title_is_text_in_head_history_tooltip_and_palette(run: Run) -> None:
    for payload in PAYLOADS:
        run.ctrl(Qt.Key.Key_N)
        run.chat.scripts = [said("ok")]
        run.field.setPlainText(payload)
        run.key(Qt.Key.Key_Return)
        await run.idle()
        assert run.shown[0] == payload
        title = run.session.conversation.title
        assert holders(run.tab.head, title)
        rows = run.tab.history.list
        place = rows.visualRect(rows.model().index(1, 0)).center()
        over = QHelpEvent(QEvent.Type.ToolTip, place, rows.viewport().mapToGlobal(place))
        QApplication.sendEvent(rows.viewport(), over)
        assert title in as_seen(QToolTip.text())
        run.ctrl(Qt.Key.Key_K)
        palette = run.window._sheets["palette"]
        assert isinstance(palette, PaletteSheet)
        await until(partial(_offers, palette, title))
        palette.close_sheet()


async def test_a_model_s_name_is_text_in_picker_list_and_card(run: Run) -> None:
    capabilities = frozenset({Capability.CHAT})
    run.builders.hub.listed = tuple(ModelInfo(payload, capabilities) for payload in PAYLOADS)
    await run.studio.catalogue.refresh()
    picker = run.tab.head.picker
    picker.open()
    popup = child(picker, ModelPopup)
    rows = popup.list.model()
    tips = [
        as_seen(rows.index(row, 0).data(Qt.ItemDataRole.ToolTipRole))
        for row in range(rows.rowCount())
    ]
    popup.hide()
    for payload in PAYLOADS:
        assert any(one_line(payload) in one_line(tip) for tip in tips), payload
        run.tab.use_model(payload)
        assert holders(picker, payload)
        run.chat.scripts = [[StudioError(ErrorKind.MODEL_GONE, payload, values={"model": payload})]]
        await run.asked("go")
        view = run.tab.presenter.view
        card = view.stage.box(len(view.stage.messages) - 1).card
        assert card is not None
        assert payload in card.spoken()


async def test_a_remark_at_the_bottom_is_text(run: Run) -> None:
    for payload in PAYLOADS:
        run.window.say(Notice(f"It said: {payload}", "Do it", lambda: None))
        assert payload in run.said
        assert holders(run.window, payload)
        values = {"model": payload, "host": payload}
        run.tasks.failed.emit(StoredError(ErrorKind.MODEL_GONE, payload, values=values))
        assert payload in run.said
        assert holders(run.window, payload)


async def test_a_file_s_name_is_text(run: Run, tmp_path: Path) -> None:
    run.window.perform("tab_vision")
    for payload in PAYLOADS:
        name = payload.replace("/", "_").replace("\\", "_")
        run.drop(picture(tmp_path / f"{name}.png"))
        await until(lambda: bool(run.tab.presenter.attachments.parts))
        assert holders(run.tab.composer, f"{name}.png")
        click(named(run.tab, QAbstractButton, "Remove this picture"))
        assert not run.tab.presenter.attachments.any


async def test_a_request_in_the_queue_is_text(run: Run) -> None:
    for payload in PAYLOADS:
        run.ctrl(Qt.Key.Key_N)
        run.chat.scripts = [[asyncio.Event()]]
        run.tab.use_model(payload)
        run.field.setPlainText(payload)
        run.key(Qt.Key.Key_Return)
        await until(lambda: run.session.state is SessionState.WAITING)
        run.window.perform("queue")
        popover = named(run.window, QWidget, "Queue")
        assert holders(popover, run.session.conversation.title)
        popover.close()
        await run.wake()
        run.session.stop()
        await run.idle()


async def test_the_question_before_a_link_opens_is_text(run: Run) -> None:
    asked = 0
    for payload in PAYLOADS:
        run.window._on_link(f"https://example.com/?q={payload.replace(' ', '+')}")
        for box in visible(run.window, QMessageBox):
            asked += 1
            for each in box.findChildren(QLabel):
                assert as_seen(each.text(), each.textFormat()) == each.text()
            box.reject()
    assert asked


async def test_a_dropped_address_is_text(run: Run) -> None:
    run.window.perform("tab_vision")
    run.drop("https://example.com/a%3Cb%3Ebold.png")
    assert holders(run.tab.composer, "a<b>bold.png")


def test_these_tests_would_see_what_is_lost() -> None:
    # Each of these is shown shortened, or not at all, by a label that guesses.
    for payload in (
        "<b>bold</b>",
        "<img src=x onerror=alert(1)>",
        "<style>*{display:none}</style>",
    ):
        with pytest.raises(AssertionError):
            assert holders(QLabel(payload), payload)
