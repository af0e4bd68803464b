"""The context menu of the transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QMenu

from studio.core.markdown.links import safe_link
from studio.ui.look.icons import icon
from studio.ui.transcript.clipboard import copy_text
from studio.ui.transcript.layout.hit_test import code_at, link_at
from studio.ui.transcript.layout.message import MessageBox
from studio.ui.transcript.layout.tables import whole_table
from studio.ui.widgets.corners import Menu

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView


def popup_at(view: TranscriptView, place: QPoint) -> None:
    """Open the menu for what is at a point of the screen."""
    at = view.viewport().mapFromGlobal(place)
    index, top = view.stage.message_at(at.y())
    inside = QPoint(at.x() - view.column_x, at.y() - top)
    _menu(view, index, view.stage.box(index), inside).popup(place)


def popup_for(view: TranscriptView, index: int) -> None:
    """Open the menu of a message below its actions."""
    box = view.stage.box(index)
    rect = box.statistics_rect().translated(view.column_x, view.stage.y_of(index))
    at = rect.bottomLeft()
    at.setY(max(0, min(at.y(), view.stage.view_height)))
    _menu(view, index, box, QPoint(-1, -1)).popup(view.viewport().mapToGlobal(at))


def _menu(view: TranscriptView, index: int, box: MessageBox, at: QPoint) -> QMenu:
    """What can be done with what is at a point of a message, and with the message."""
    translate = QCoreApplication.translate
    menu = Menu(view)
    menu.setObjectName("transcript_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    link = safe_link(link_at(box, at.x(), at.y()))
    if link:
        opening = menu.addAction(icon("arrow-square-out"), translate("transcript", "Open link"))
        opening.triggered.connect(lambda: view.link_activated.emit(link))
        copying = menu.addAction(icon("link"), translate("transcript", "Copy address"))
        copying.triggered.connect(lambda: copy_text(link))
        menu.addSeparator()
    _add_copying(menu, view, box, at)
    menu.addSeparator()
    for button in box.actions():
        if not button.enabled or button.action in ("copy", "details"):
            continue
        action = menu.addAction(icon(button.icon), button.name)
        action.triggered.connect(
            lambda checked=False, name=button.action: view.pointer.do(name, index, box, at)
        )
    details = menu.addAction(icon("info"), translate("transcript", "Details"))
    message_id = view.stage.messages[index].id
    details.triggered.connect(lambda: view.action_triggered.emit("details", message_id))
    return menu


def _add_copying(menu: QMenu, view: TranscriptView, box: MessageBox, at: QPoint) -> None:
    translate = QCoreApplication.translate
    if not view.selection.is_empty:
        copying = menu.addAction(icon("copy"), translate("transcript", "Copy"))
        copying.triggered.connect(view.copy)
        source = menu.addAction(translate("transcript", "Copy as Markdown"))
        source.triggered.connect(lambda: view.copy(markdown=True))
    else:
        whole = menu.addAction(icon("copy"), translate("transcript", "Copy message"))
        whole.triggered.connect(lambda: copy_text(box.plain_text(), box.html()))
        source = menu.addAction(translate("transcript", "Copy message as Markdown"))
        source.triggered.connect(lambda: copy_text(box.message.text))
    table = whole_table(box, at.y())
    if table is not None:
        copying = menu.addAction(icon("table"), translate("transcript", "Copy table"))
        copying.triggered.connect(table.copy)
        source = menu.addAction(translate("transcript", "Copy table as Markdown"))
        source.triggered.connect(table.copy_markdown)
    found = code_at(box, at.y())
    if found is not None:
        code = found[0]
        copying = menu.addAction(icon("code"), translate("transcript", "Copy code"))
        copying.triggered.connect(lambda: copy_text(code.text))
    selecting = menu.addAction(translate("transcript", "Select all"))
    selecting.triggered.connect(view.select_all)
    finding = menu.addAction(icon("magnifying-glass"), translate("transcript", "Find…"))
    finding.triggered.connect(view.finding.open)
