"""Shows one picture as large as fits, with rounded corners and a bar of actions over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QWidget

from studio.ui.look import theme
from studio.ui.widgets.controls import icon_button
from studio.ui.widgets.focus_ring import ring_after

# While the window is being dragged larger the old pixels are stretched; then sharp ones are asked.
_SETTLE_MS = 120
_BAR_HEIGHT = 44


class PictureBar(QWidget):
    """A flat dark bar of icon buttons that is legible over any picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        space = theme.current().space
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(space.s, space.xs, space.s, space.xs)
        self._row.setSpacing(space.s)

    def add_button(self, icon_name: str) -> QToolButton:
        """A button at the right end; whoever adds it names it."""
        button = icon_button(icon_name, colour="veil_text")
        button.setProperty("look", "veil")
        self._row.addWidget(button)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("veil"))
        radius = theme.current().radius.control
        painter.drawRoundedRect(self.rect(), radius, radius)


class ImageViewer(QWidget):
    """`pixels_wanted(box)` asks for sharp pixels (device pixels); `show_image` gives them.

    The bar appears under the pointer and with the keyboard's focus, which Tab moves into it.
    """

    pixels_wanted = Signal(QSize)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._pixels = QSize()
        self._ring = False
        self.bar = PictureBar(self)
        self.bar.setVisible(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMinimumSize(160, 120)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLE_MS)
        self._settling.timeout.connect(self._ask)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def prepare(self, pixels: QSize, preview: QImage | None) -> None:
        """Get ready for a picture of `pixels`; a small preview stands in until it is decoded."""
        self._pixels = pixels
        self._image = preview or QImage()
        self._place_bar()
        self.update()
        self._ask()

    def show_image(self, image: QImage) -> None:
        """Show decoded pixels."""
        self._image = image
        self.update()

    @property
    def image(self) -> QImage:
        """What is shown now."""
        return self._image

    def picture_rect(self) -> QRect:
        """Where the picture lies: never larger than its own pixels."""
        if self._pixels.isEmpty():
            return QRect()
        ratio = self.devicePixelRatioF()
        own = QSize(round(self._pixels.width() / ratio), round(self._pixels.height() / ratio))
        if own.width() > self.width() or own.height() > self.height():
            own.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), own)
        place.moveCenter(self.rect().center())
        return place

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture with round corners, and a ring while it has the focus."""
        place = self.picture_rect()
        if place.isEmpty():
            return
        radius = theme.current().radius.card
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(place), radius, radius)
        painter.fillPath(outline, theme.colour("sunken"))
        if not self._image.isNull():
            painter.setClipPath(outline)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._image)
            painter.setClipping(False)
        if self.hasFocus() and self._ring:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), radius, radius)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right step through the pictures."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._ring = True
        self.stepped.emit(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stretch now, sharpen when it settles."""
        super().resizeEvent(event)
        self._place_bar()
        if not self._pixels.isEmpty():
            self._settling.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what was wanted while hidden."""
        super().showEvent(event)
        self._ask()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer came."""
        super().enterEvent(event)
        self._show_bar()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left."""
        super().leaveEvent(event)
        self._show_bar()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard came."""
        self._ring = ring_after(event, self._ring)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard left."""
        super().focusOutEvent(event)
        self.update()

    def _on_focus_changed(self, _old: QObject | None, _new: QObject | None) -> None:
        self._show_bar()

    def _show_bar(self) -> None:
        focus = QApplication.focusWidget()
        inside = focus is not None and (focus is self or self.bar.isAncestorOf(focus))
        self.bar.setVisible(not self._pixels.isEmpty() and (inside or self.underMouse()))

    def _place_bar(self) -> None:
        space = theme.current().space
        place = self.picture_rect()
        width = min(self.bar.sizeHint().width(), max(self.width() - 2 * space.s, 1))
        left = place.center().x() - width // 2
        left = max(space.s, min(left, self.width() - width - space.s))
        top = place.bottom() - _BAR_HEIGHT - space.s
        self.bar.setGeometry(left, max(top, 0), width, _BAR_HEIGHT)

    def _ask(self) -> None:
        place = self.picture_rect()
        if not place.isEmpty() and self.isVisible():
            self.pixels_wanted.emit(place.size() * self.devicePixelRatioF())
