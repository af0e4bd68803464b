"""What opens above the window: its round corners, and what it leaves behind when it closes.

The corners are see-through where the desktop can show that. Where an X server has no compositor,
what is see-through is black: there they are cut off.
"""

from __future__ import annotations

import sys
from functools import cache

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import (
    QBitmap,
    QGuiApplication,
    QHideEvent,
    QIcon,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QFrame, QMenu, QWidget

from studio.ui.look import theme


def round_off(window: QWidget, radius: int) -> None:
    """Give a window that was not yet shown the corners that its style sheet draws."""
    if _sees_through():
        window.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    else:
        window.installEventFilter(_Cut(window, radius))


class Popover(QFrame):
    """A card that opens above the window, and closes when one clicks elsewhere."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        round_off(self, theme.current().radius.card)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.setBrush(theme.colour("surface"))
        radius = theme.current().radius.card
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        _end_hover(self)


class Menu(QMenu):
    """A menu with round corners, and so are those within it."""

    def __init__(self, parent: QWidget, title: str = "") -> None:
        super().__init__(title, parent)
        self.setProperty("look", "round")
        round_off(self, theme.current().radius.control)

    def add_menu(self, icon: QIcon, title: str) -> Menu:
        """A menu within this one."""
        made = Menu(self, title)
        made.setIcon(icon)
        self.addMenu(made)
        return made

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        _end_hover(self)


def _end_hover(popup: QWidget) -> None:
    """Draw the buttons anew: Qt does not, where the pointer left one when `popup` opened."""
    owner = popup.parentWidget()
    for each in owner.window().findChildren(QAbstractButton) if owner is not None else ():
        each.update()


class _Cut(QObject):
    """Cuts the corners off as often as the size changes."""

    def __init__(self, window: QWidget, radius: int) -> None:
        super().__init__(window)
        self._window, self._radius = window, radius

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            self._window.setMask(_rounded(self._window.rect(), self._radius))
        return False


def _rounded(place: QRect, radius: int) -> QRegion:
    bits = QBitmap(place.size())
    bits.clear()
    painter = QPainter(bits)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.color1)
    painter.drawRoundedRect(place, radius, radius)
    painter.end()
    return QRegion(bits)


def _sees_through() -> bool:
    return QGuiApplication.platformName() != "xcb" or _is_composited()


@cache
def _is_composited() -> bool:
    """Whether a compositor of the X server runs; it owns a selection as long as it does."""
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        x = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XInternAtom.restype = x.XGetSelectionOwner.restype = ctypes.c_ulong
    display = x.XOpenDisplay(None)
    if not display:
        return False
    handle = ctypes.c_void_p(display)
    number = x.XDefaultScreen(handle)
    atom = x.XInternAtom(handle, b"_NET_WM_CM_S%d" % number, 0)
    owner = x.XGetSelectionOwner(handle, ctypes.c_ulong(atom))
    x.XCloseDisplay(handle)
    return bool(owner)
