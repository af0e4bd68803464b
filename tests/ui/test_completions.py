"""What a field offers while one types, as in dialogs of files, is read in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QCompleter, QLineEdit, QListView

from studio.ui.look import theme


@pytest.fixture(params=[theme.LIGHT, theme.DARK], ids=["light", "dark"], autouse=True)
def _themed(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    theme.apply(qapp, request.param)
    yield
    theme.apply(qapp, theme.LIGHT)


def line() -> QLineEdit:
    made = QLineEdit()
    made.setCompleter(QCompleter(["pictures.zip", "plans.json"], made))
    return made


def combo() -> QComboBox:
    made = QComboBox()
    made.setEditable(True)
    made.addItems(["pictures.zip", "plans.json"])
    made.clearEditText()
    completer = made.completer()
    assert completer is not None
    completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    return made


@pytest.mark.parametrize("make", [line, combo])
def test_the_list_of_completions_has_a_ground_below_its_words(make: type[QLineEdit]) -> None:
    field = make()
    field.resize(300, 32)
    field.show()
    QTest.keyClicks(field, "p")
    completer = field.completer()
    assert completer is not None
    popup = completer.popup()
    assert isinstance(popup, QListView)
    assert popup.isVisible()
    image = popup.grab().toImage()
    corner = QPoint(image.width() - 6, image.height() - 6)
    assert image.pixelColor(corner) == QColor(theme.current().colour.surface)
    assert popup.palette().color(popup.foregroundRole()) != image.pixelColor(corner)
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    field.deleteLater()
