"""A sheet: a panel over the dimmed window that keeps the keyboard to itself until it closes."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
    QWidgetItem,
)

from studio.ui.look import theme

_LOW = 480  # a window below this height gives a sheet all it has
_SHADOW_STEPS = 20  # rings of the soft shadow, two logical pixels each


class _Panel(QFrame):
    """The sheet itself: rounded, with its parts clipped to the same corners."""

    grown = Signal()  # the content wants another size

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.grown.emit()
        return done

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline.addRoundedRect(edge, look.radius.composer, look.radius.composer)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme.colour("surface"))
        for part in self.findChildren(SheetPart):
            # Painted here and not by the part, whose own rectangle would stick out of the corners.
            place = QRect(part.mapTo(self, part.rect().topLeft()), part.size())
            painter.fillRect(place, theme.colour("window"))
            painter.setPen(QPen(theme.colour("line"), 1))
            part.draw_edge(painter, QRectF(place))
        painter.setClipping(False)
        painter.setPen(QPen(theme.colour("line_strong" if look.dark else "line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)


class SheetPart(QWidget):
    """A part of a sheet on the window's colour, with a hairline towards the rest."""

    def __init__(self, *, top: bool = False, parent: QWidget | None = None) -> None:
        """`top`: the rest is above (a footer); otherwise it is at the right (a navigation)."""
        super().__init__(parent)
        self._top = top

    def draw_edge(self, painter: QPainter, place: QRectF) -> None:
        """Draw the hairline on the side that meets the rest of the sheet."""
        inner = place.adjusted(0.5, 0.5, -0.5, -0.5)
        if self._top:
            painter.drawLine(inner.topLeft(), inner.topRight())
        else:
            painter.drawLine(inner.topRight(), inner.bottomRight())


class ScrollPage(QScrollArea):
    """A part that scrolls up and down when the sheet has too little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        page = QWidget()
        page.setProperty("look", "page")
        self.setWidget(page)
        self.column = QVBoxLayout(page)
        self.column.setSpacing(0)
        self._right = 0
        self.set_margins(0, 0, 0, 0)
        self.verticalScrollBar().rangeChanged.connect(self._keep_edge)

    def set_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Space around the content; the bar, while there is one, stands in the right margin."""
        self._right = right
        self.column.setContentsMargins(left, top, right, bottom)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        done = super().eventFilter(watched, event)
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # the sheet may grow with its content
        return done

    def missing(self) -> int:
        """How many pixels of the content are out of sight, once it is laid out."""
        return self.verticalScrollBar().maximum()

    def _keep_edge(self, _low: int, high: int) -> None:
        bar = self.verticalScrollBar().sizeHint().width() if high > 0 else 0
        margins = self.column.contentsMargins()
        margins.setRight(max(0, self._right - bar))
        self.column.setContentsMargins(margins)

    def content_height(self, width: int) -> int:
        """How high the content is when it is `width` wide."""
        if self.column.hasHeightForWidth():
            return self.column.totalHeightForWidth(width)
        return self.column.totalSizeHint().height()

    def reveal(self, widget: QWidget) -> None:
        """Scroll so that `widget` shows."""
        self.ensureWidgetVisible(widget, 0, theme.current().space.m)


class Sheet(QWidget):
    """Covers `parent`, dims it and holds a panel; `closed` follows every way of closing.

    Below `width` x `height` (0: as high as the content asks) the panel shrinks with the window;
    what should scroll then is a ScrollPage. Shortcuts of the window rest, Tab stays within, and so
    does the keyboard when the control that has it goes, or something below asks for it.
    """

    closed = Signal()

    def __init__(self, parent: QWidget, width: int, height: int = 0) -> None:
        super().__init__(parent)
        self.panel = _Panel(self)
        self.panel.grown.connect(self.fit)
        self._owner = parent
        self._width, self._height = width, height
        self._before: QWidget | None = None
        self.hide()
        parent.installEventFilter(self)

    @property
    def owner(self) -> QWidget:
        """The window that is dimmed."""
        return self._owner

    def open(self) -> None:
        """Show over the window, with the keyboard in the first control."""
        self._before = QApplication.focusWidget()
        self._cover()
        self.show()
        self.raise_()
        self._cover()
        for page in self.panel.findChildren(ScrollPage):
            # Later: within a layout that is under way, what stands below would be left behind.
            queued = Qt.ConnectionType.QueuedConnection
            page.verticalScrollBar().rangeChanged.connect(self._give_room, queued)
        self._give_room()
        self._hold()
        _application().focusChanged.connect(self._on_focus_changed)

    def close_sheet(self) -> None:
        """Hide, give the keyboard back and tell."""
        if self.isHidden():
            return
        _application().focusChanged.disconnect(self._on_focus_changed)
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        self.closed.emit()

    def focus_first(self) -> None:
        """Put the keyboard where most people begin."""
        self.focusNextPrevChild(True)

    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is None or self._is_below(now):
            # Later: in the middle of a change it would be lost again.
            QTimer.singleShot(0, self, self._hold_again)

    def _is_below(self, widget: QWidget) -> bool:
        return self._owner.isAncestorOf(widget) and not self.isAncestorOf(widget)

    def _hold_again(self) -> None:
        if self._is_top and not self._has_keyboard:
            self._hold()

    @property
    def _has_keyboard(self) -> bool:
        now: QWidget | None = self.window().focusWidget()
        return now is self or (now is not None and self.isAncestorOf(now))

    @property
    def _is_top(self) -> bool:
        """Whether it is seen, and no other sheet lies over it."""
        shown = [each for each in self._owner.children() if isinstance(each, Sheet)]
        return self.isVisible() and [each for each in shown if each.isVisible()][-1] is self

    def _hold(self) -> None:
        """Take the keyboard: the control to begin with, else any, else the sheet itself."""
        for take in (self.focus_first, lambda: self.focusNextPrevChild(True), self.setFocus):
            take()
            if self._has_keyboard:
                return

    def fit(self) -> None:
        """Lay the panel out again after its content grew or shrank."""
        if self.isVisible():
            self._cover()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._owner and event.type() == QEvent.Type.Resize and self.isVisible():
            self._cover()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # The window's own shortcuts must not work on what is dimmed; leaving must. Esc would
            # stop an answer there; here it closes.
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            plain = event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1)
            if plain or (control and event.key() != Qt.Key.Key_Q):
                event.accept()
                return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Move within the sheet only, round and round."""
        start = QApplication.focusWidget()
        if start is None or not self.panel.isAncestorOf(start):
            start = self.panel
        each = start
        for _ in range(4096):  # a chain of focus is a ring; this only bounds a broken one
            each = _neighbour(each, forward)
            if each is start:
                break
            tabs = each.focusPolicy() & Qt.FocusPolicy.TabFocus
            shown = each.isVisible() and each.isEnabled()
            if shown and tabs and each.focusProxy() is None and self.panel.isAncestorOf(each):
                reason = (
                    Qt.FocusReason.TabFocusReason
                    if forward
                    else (Qt.FocusReason.BacktabFocusReason)
                )
                each.setFocus(reason)
                self._reveal(each)
                return True
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("overlay"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = theme.current().radius.composer
        for step in range(_SHADOW_STEPS, 0, -1):
            # Each ring lies on the wider ones: their sum falls off towards the edge.
            painter.setBrush(QColor(0, 0, 0, 1 + (_SHADOW_STEPS - step) // 14))
            spread = 2 * step
            ring = self.panel.geometry().adjusted(-spread, 6 - spread, spread, 10 + spread)
            painter.drawRoundedRect(ring, radius + spread, radius + spread)

    def _reveal(self, widget: QWidget) -> None:
        for page in self.panel.findChildren(ScrollPage):
            if page.isAncestorOf(widget):
                page.reveal(widget)

    def _cover(self) -> None:
        owner = self._owner
        self.setGeometry(owner.rect())
        margin = self._margin()
        width = min(self._width, owner.width() - 2 * margin)
        self.panel.resize(width, self.panel.height())
        wanted = self._height or self._wanted_height(width)
        height = min(wanted, owner.height() - 2 * margin)
        left, top = (owner.width() - width) // 2, (owner.height() - height) // 2
        self.panel.setGeometry(left, top, width, height)

    def _margin(self) -> int:
        """What is seen of the window around the panel: little where every line counts."""
        space = theme.current().space
        return space.xl if self._owner.height() >= _LOW else space.xs

    def _give_room(self) -> None:
        """Grow by what a part still has to scroll: wrapped words can need more than they said."""
        if self._height or not self.isVisible():
            return
        most = self._owner.height() - 2 * self._margin()
        missing = max((page.missing() for page in self.panel.findChildren(ScrollPage)), default=0)
        height = min(self.panel.height() + missing, most)
        if missing and height > self.panel.height():
            top = (self._owner.height() - height) // 2
            self.panel.setGeometry(self.panel.x(), top, self.panel.width(), height)

    def _wanted_height(self, width: int) -> int:
        layout = self.panel.layout()
        if layout is None:
            return self.panel.sizeHint().height()
        # Not the layout's own answer: it would never let a scrolling part be less than its content.
        return sum(_height_of(item, width) for item in _items(layout, self.panel))


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def _neighbour(widget: QWidget, forward: bool) -> QWidget:
    found = widget.nextInFocusChain() if forward else widget.previousInFocusChain()
    return found or widget


def _items(layout: QLayout, owner: QWidget) -> Iterator[QLayoutItem]:
    # Items of our own: those that `itemAt` hands out die before their wrappers do.
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    for each in owner.findChildren(QWidget, options=direct):
        if layout.indexOf(each) >= 0:
            yield QWidgetItem(each)
    yield from (each for each in layout.children() if isinstance(each, QLayout))


def _height_of(item: QLayoutItem, width: int) -> int:
    widget = item.widget()
    if isinstance(widget, ScrollPage):
        return widget.content_height(width)
    if item.hasHeightForWidth():
        return item.heightForWidth(width)
    return item.sizeHint().height()
