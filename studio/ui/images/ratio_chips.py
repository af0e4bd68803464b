"""The sizes a model family suggests, as chips that show their proportions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from studio.ui.look import theme

_RATIOS = ((1, 1), (4, 3), (3, 2), (16, 9), (21, 9), (3, 4), (2, 3), (9, 16), (9, 21))
_CHIP_HEIGHT = 48
_FRAME = 18  # longer side of the little frame


def ratio_name(width: int, height: int) -> str:
    """The customary proportion nearest to a size, as 4:3; families round sides to multiples."""
    ratio = width / height
    across, down = min(_RATIOS, key=lambda each: abs(each[0] / each[1] / ratio - 1))
    return f"{across}:{down}"


class _Chip(QPushButton):
    """One size: a small frame of its proportions above their name."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.size_pixels = (width, height)
        self.setProperty("look", "ratio")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as frame and name need; the style sheet would make it a line of text."""
        return QSize(_CHIP_HEIGHT, _CHIP_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Chips share what width there is."""
        return QSize(1, _CHIP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button without text, then frame and name."""
        super().paintEvent(event)
        width, height = self.size_pixels
        name = "accent_text" if self.isChecked() else "muted"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(name), 1.2))
        scale = _FRAME / max(width, height)
        frame = QRectF(0, 0, width * scale, height * scale)
        frame.moveCenter(QRectF(self.rect()).center())
        frame.translate(0, -9)
        painter.drawRoundedRect(frame, 2, 2)
        font = theme.ui_font(theme.current().type.caption)
        font.setBold(self.isChecked())
        painter.setFont(font)
        box = QRect(0, self.height() - 21, self.width(), 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, ratio_name(width, height))


class RatioChips(QWidget):
    """Chips for the sizes of a family; `chosen(width, height)` when the user takes one."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[_Chip] = []
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._on_clicked)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.current().space.s)

    def set_sizes(self, sizes: tuple[tuple[int, int], ...]) -> None:
        """Replace the chips."""
        if tuple(chip.size_pixels for chip in self._chips) == sizes:
            return
        for chip in self._chips:
            self._group.removeButton(chip)
            self._row.removeWidget(chip)
            chip.deleteLater()
        self._chips = [_Chip(width, height) for width, height in sizes]
        for chip in self._chips:
            self._group.addButton(chip)
            self._row.addWidget(chip, 1)
        self._retranslate()

    def mark(self, width: int | None, height: int | None) -> None:
        """Check the chip of a size, or none."""
        # An exclusive group cannot be left without a checked button.
        self._group.setExclusive(False)
        for chip in self._chips:
            chip.setChecked(chip.size_pixels == (width, height))
        self._group.setExclusive(True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        for chip in self._chips:
            width, height = chip.size_pixels
            words = self.tr("{ratio}, {width} by {height} pixels")
            words = words.replace("{ratio}", ratio_name(width, height))
            words = words.replace("{width}", str(width)).replace("{height}", str(height))
            chip.setAccessibleName(words)
            chip.setToolTip(words)

    def _on_clicked(self, chip: _Chip) -> None:
        self.chosen.emit(*chip.size_pixels)
