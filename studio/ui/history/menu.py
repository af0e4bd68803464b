"""The menus of the history: of chosen conversations, and of a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from studio.ui.history.words import HistoryWords
from studio.ui.look.icons import icon
from studio.ui.look.text import in_menu
from studio.ui.widgets.corners import Menu

if TYPE_CHECKING:
    from studio.sessions.history.rows import Folder
    from studio.ui.history.commands import HistoryVerbs


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a menu is about; `ids` is asked when something is done with them."""

    count: int
    pinned: bool  # all that are known
    folder_id: str | None  # that all known ones are in
    title: str  # of a single one
    with_ids: Callable[[Callable[[list[str]], None]], None]


def conversation_menu(parent: QWidget, verbs: HistoryVerbs, chosen: Chosen) -> QMenu:
    """What can be done with one or several conversations."""
    translate = QCoreApplication.translate
    menu = _menu(parent)
    if chosen.count > 1:
        menu.addAction(HistoryWords().conversations(chosen.count)).setEnabled(False)
        menu.addSeparator()
    else:
        menu.addAction(
            icon("pencil-simple"),
            translate("history", "Rename…"),
            lambda: chosen.with_ids(lambda ids: verbs.rename(ids[0], chosen.title)),
        )
    menu.addAction(
        icon("push-pin-slash" if chosen.pinned else "push-pin"),
        translate("history", "Unpin") if chosen.pinned else translate("history", "Pin"),
        lambda: chosen.with_ids(lambda ids: verbs.pin(ids, not chosen.pinned)),
    )
    menu.addMenu(_folder_menu(menu, verbs, chosen))
    menu.addAction(
        icon("export"),
        translate("history", "Export…"),
        lambda: chosen.with_ids(verbs.export_requested.emit),
    )
    menu.addSeparator()
    menu.addAction(
        icon("trash"), translate("history", "Delete"), lambda: chosen.with_ids(verbs.delete)
    )
    return menu


def _folder_menu(parent: QMenu, verbs: HistoryVerbs, chosen: Chosen) -> QMenu:
    translate = QCoreApplication.translate
    menu = Menu(parent, translate("history", "Move to folder"))
    menu.setIcon(icon("folder"))

    def offer(words: str, icon_name: str, folder_id: str | None) -> None:
        action = menu.addAction(
            icon(icon_name),
            in_menu(words),
            lambda: chosen.with_ids(lambda ids: verbs.move(ids, folder_id)),
        )
        action.setEnabled(folder_id != chosen.folder_id)

    for folder in verbs.folders:
        offer(folder.name, "folder", folder.id)
    if verbs.folders:
        menu.addSeparator()
        offer(translate("history", "No folder"), "folder-minus", None)
    menu.addAction(
        icon("folder-plus"),
        translate("history", "New folder…"),
        lambda: chosen.with_ids(verbs.new_folder),
    )
    return menu


def folder_menu(parent: QWidget, verbs: HistoryVerbs, folder: Folder) -> QMenu:
    """What can be done with a folder."""
    translate = QCoreApplication.translate
    menu = _menu(parent)
    menu.addAction(
        icon("pencil-simple"),
        translate("history", "Rename…"),
        lambda: verbs.rename_folder(folder.id),
    )
    menu.addAction(
        icon("folder-plus"), translate("history", "New folder…"), lambda: verbs.new_folder(())
    )
    menu.addSeparator()
    menu.addAction(
        icon("trash"),
        translate("history", "Delete the folder, keep its conversations"),
        lambda: verbs.delete_folder(folder),
    )
    return menu


def ground_menu(parent: QWidget, verbs: HistoryVerbs, more: Callable[[QMenu], None]) -> QMenu:
    """What can be done beside the conversations; `more` adds to it."""
    menu = _menu(parent)
    menu.addAction(
        icon("folder-plus"),
        QCoreApplication.translate("history", "New folder…"),
        lambda: verbs.new_folder(()),
    )
    more(menu)
    return menu


def _menu(parent: QWidget) -> QMenu:
    menu = Menu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def popup(menu: QMenu, ground: QWidget, place: QPoint) -> None:
    """Open a menu at a place of a viewport."""
    menu.popup(ground.mapToGlobal(place))
