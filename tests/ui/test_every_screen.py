"""What holds on every screen: names for screen readers, tooltips, drops, and where a click leaves
the keyboard."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QDragEnterEvent,
    QDropEvent,
    QTextDocumentFragment,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QToolButton,
    QToolTip,
    QWidget,
)

from studio.core.settings import Language
from studio.ui.images.image_viewer import ImageViewer
from studio.ui.settings.page_button import PageButton
from studio.ui.transcript.view import TranscriptView
from tests.scripted import until
from tests.ui.screens import screens
from tests.window_parts import Run, drag_enters, links, named, picture, visible

Speak = Callable[[Language], None]
BOTH = pytest.mark.parametrize("spoken", [Language.ENGLISH, Language.CHINESE])
_PRESSED = {
    QAccessible.Role.Button,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.CheckBox,
    QAccessible.Role.RadioButton,
    QAccessible.Role.Link,
    QAccessible.Role.MenuItem,
    QAccessible.Role.ListItem,
    QAccessible.Role.EditableText,
    QAccessible.Role.Slider,
    QAccessible.Role.SpinBox,
}
# Where a click goes on with the keyboard: what is written in, and what is walked through.
_TAKES_CLICKS = (
    QLineEdit,
    QPlainTextEdit,
    QAbstractSpinBox,
    QAbstractItemView,
    TranscriptView,
    ImageViewer,
    PageButton,
)


# Names.


def tree(item: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """All that a screen reader finds."""
    yield item
    for number in range(item.childCount()):
        inner: QAccessibleInterface | None = item.child(number)
        if inner is not None and not inner.state().invisible:
            yield from tree(inner)


def nameless(root: QWidget) -> list[str]:
    """What can be reached or pressed, and what frames written words, without name or role."""
    found = []
    for each in tree(QAccessible.queryAccessibleInterface(root)):
        widget: QObject | None = each.object()
        around = widget.parent() if widget is not None else None
        frame = isinstance(around, QPlainTextEdit) and widget is around.viewport()
        if not (each.state().focusable or each.role() in _PRESSED or frame):
            continue
        if isinstance(widget, QScrollArea):
            continue
        if not each.text(QAccessible.Text.Name) or each.role() is QAccessible.Role.NoRole:
            found.append(f"{each.role()} {widget} in {around}")
    return found


@BOTH
async def test_a_screen_reader_has_a_name_for_all_that_can_be_reached_or_pressed(
    language: Speak, run: Run, tmp_path: Path, spoken: Language
) -> None:
    language(spoken)
    async for name, root in screens(run, tmp_path):
        assert nameless(root) == [], name


@BOTH
async def test_the_icons_of_a_search_field_are_named_also_the_one_that_empties_it(
    language: Speak, run: Run, spoken: Language
) -> None:
    language(spoken)
    search = run.tab.history.search
    search.setText("x")
    said = {each.text() for each in visible(search, QToolButton)}
    empties = {Language.ENGLISH: "Empty the field", Language.CHINESE: "清空"}[spoken]
    assert said == {search.accessibleName(), empties}


# Tooltips.


def _seen(tip: str) -> str:
    plain = QTextDocumentFragment.fromHtml(tip).toPlainText() if "<" in tip else tip
    return plain.strip()


def _words(widget: QWidget) -> set[str]:
    """What can be read on a widget."""
    icon_only = isinstance(widget, QToolButton) and (
        widget.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly
    )
    inside = {each.text() for each in visible(widget, QLabel)}
    if isinstance(widget, QAbstractButton | QLabel) and not icon_only:
        inside.add(widget.text())
    if isinstance(widget, QLineEdit) and not widget.text():
        inside.add(widget.placeholderText())
    return {words.strip() for words in inside if words.strip()}


def repeating(root: QWidget) -> list[str]:
    """Tooltips that say what can be read on the thing itself or right beside it."""
    found = []
    for each in visible(root, QWidget):
        tip = _seen(each.toolTip())
        around = each.parentWidget() or root
        beside = {label.text() for label in visible(around, QLabel) if label is not each}
        cut = isinstance(each, QLabel) and (
            each.fontMetrics().horizontalAdvance(each.text()) > each.width()
        )
        if tip and not cut and any(tip.partition("  (")[0] == w for w in _words(each) | beside):
            found.append(f"{each}: {tip}")
    return found


@BOTH
async def test_no_tooltip_repeats_what_can_be_read(
    language: Speak, run: Run, tmp_path: Path, spoken: Language
) -> None:
    language(spoken)
    async for name, root in screens(run, tmp_path):
        assert repeating(root) == [], name


# Drops.


def drop(widget: QWidget, *sources: Path | str) -> None:
    """Let go of files or addresses over a widget; it goes to whoever around takes the drag."""
    data = links(*sources)
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none, at = Qt.KeyboardModifier.NoModifier, QPoint(3, 3)
    target: QWidget | None = widget
    while target is not None:
        entering: QDragEnterEvent = drag_enters(at, data)
        if target.acceptDrops() and target.isEnabled():
            QApplication.sendEvent(target, entering)
            if entering.isAccepted():
                break
        target = None if target.isWindow() else target.parentWidget()
    if target is not None:
        QApplication.sendEvent(target, QDropEvent(QPointF(at), copy, data, left, none))


@BOTH
async def test_a_file_dropped_on_a_field_never_becomes_its_path(
    language: Speak, run: Run, tmp_path: Path, spoken: Language
) -> None:
    language(spoken)
    notes = tmp_path / "notes.txt"
    notes.write_text("words")
    tried = 0
    async for name, root in screens(run, tmp_path):
        for field in visible(root, QLineEdit):
            if getattr(field, "takes_files", False):
                continue
            before = field.text()
            drop(field, notes)
            assert field.text() == before, (name, field)
            tried += 1
    assert tried > 20


async def test_a_picture_dropped_on_the_search_is_attached_as_anywhere_in_the_conversation(
    run: Run, tmp_path: Path
) -> None:
    run.window.perform("tab_vision")
    drop(run.tab.history.search, picture(tmp_path / "cat.png"))
    await until(lambda: len(run.tab.presenter.attachments.parts) == 1)
    assert run.tab.history.search.text() == ""


async def test_a_file_dropped_where_only_words_go_is_refused_in_a_sentence(
    run: Run, tmp_path: Path
) -> None:
    run.window.perform("tab_images")
    seed = named(run.window.current_tab, QLineEdit, "Seed")
    drop(seed, tmp_path / "cat.png")
    assert QToolTip.text() == "Only words go here, so the path of the file was not put in."
    run.window.open_palette()
    (field,) = visible(run.window, QLineEdit)[-1:]
    QToolTip.hideText()
    drop(field, tmp_path / "cat.png")
    assert field.text() == ""
    assert QToolTip.text()


async def test_a_certificate_dropped_on_its_field_is_taken_by_its_path(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "company ca.pem"
    file.write_text("-")
    run.window.open_settings("network")
    field = named(run.window, QLineEdit, "Extra certificate file")
    drop(field, file)
    assert field.text() == str(file)
    assert run.studio.preferences.settings.certificate_file == str(file)


async def test_words_and_links_dropped_on_a_field_are_words(run: Run) -> None:
    search = run.tab.history.search
    data = links("https://x.example/page")
    data.setText("https://x.example/page")
    QApplication.sendEvent(search, drag_enters(QPoint(3, 3), data))
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(search, QDropEvent(QPointF(3, 3), copy, data, left, none))
    assert search.text() == "https://x.example/page"


# The keyboard.


async def test_a_click_leaves_the_keyboard_where_one_writes_whatever_is_clicked(
    run: Run, tmp_path: Path
) -> None:
    async for name, root in screens(run, tmp_path):
        taking = [
            each
            for each in visible(root, QWidget)
            if each.focusPolicy() & Qt.FocusPolicy.ClickFocus
            and not isinstance(each, (*_TAKES_CLICKS, QScrollArea))
            and not isinstance(root, QDialog)  # Qt's own, whose buttons close it
        ]
        assert taking == [], name


def test_no_field_is_made_that_would_take_a_path() -> None:
    root = Path(__file__).parents[2] / "studio" / "ui"
    own = root / "widgets" / "words_line.py"
    found = [
        path.name
        for path in root.rglob("*.py")
        if path != own and ("QLineEdit()" in path.read_text() or "(QLineEdit)" in path.read_text())
    ]
    assert found == []


async def test_the_icons_of_a_field_follow_the_language_whatever_opened_meanwhile(
    language: Speak, run: Run, tmp_path: Path
) -> None:
    async for _ in screens(run, tmp_path):
        pass
    gc.collect()
    for spoken, empties in ((Language.CHINESE, "清空"), (Language.ENGLISH, "Empty the field")):
        language(spoken)
        search = run.tab.history.search
        search.setText("x")
        said = {each.text() for each in visible(search, QToolButton)}
        assert said == {search.accessibleName(), empties}
