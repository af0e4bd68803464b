"""The one place for remarks: between the answers and where one writes, with room of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer
from PySide6.QtWidgets import QWidget

from studio.ui.look import theme

WIDEST = 560
_FIT = (
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.LayoutRequest,
    QEvent.Type.Move,
    QEvent.Type.Resize,
)


class Remarks(QObject):
    """Stacks what is remarked above the field of the tab that is shown, and covers nothing.

    A tab offers `remarks`, an empty widget of its layout that is made as high as they need; in
    one that offers none they stand at the lower edge.
    """

    def __init__(self, ground: QWidget, tab: Callable[[], QWidget]) -> None:
        super().__init__(ground)
        self._ground, self._tab = ground, tab
        self._items: list[QWidget] = []
        self._room: QWidget | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.place)

    def add(self, item: QWidget) -> None:
        """Give an item, a child of the ground, its place from now on."""
        self._items.append(item)
        item.installEventFilter(self)
        self.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Later: what changes is in the middle of a layout.
        if event.type() in _FIT and not self._later.isActive():
            self._later.start()
        return False

    def place(self) -> None:
        """Make room for what is shown, and put it there."""
        shown = [each for each in self._items if not each.isHidden()]
        tab, gap = self._tab(), theme.current().space.s
        room = getattr(tab, "remarks", None)
        if room is not self._room:
            if self._room is not None:
                self._room.removeEventFilter(self)
                self._room.setFixedHeight(0)
            self._room = room
            if room is not None:
                room.installEventFilter(self)
        around: QWidget = room or tab
        width = min(WIDEST, around.width() - 2 * gap)
        heights = [
            max(each.heightForWidth(width), each.minimumSizeHint().height()) for each in shown
        ]
        needed = sum(heights) + gap * len(shown)
        if room is not None and room.height() != needed:
            room.setFixedHeight(needed)
            layout = room.parentWidget().layout()
            if layout is not None:
                layout.activate()
        top = 0 if room is not None else tab.height() - needed
        corner = around.mapTo(self._ground, QPoint((around.width() - width) // 2, top))
        for each, height in zip(shown, heights, strict=True):
            each.setGeometry(corner.x(), corner.y(), width, height)
            each.raise_()
            corner += QPoint(0, height + gap)
