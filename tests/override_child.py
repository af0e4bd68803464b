"""Raises what C raises in every kind of override of Qt's, and tells what came of it.

    python tests/override_child.py guarded          -> all kinds
    python tests/override_child.py bare KIND        -> one kind, without the guard

Prints a line of JSON for each kind once it was survived: which errors were told, by
`sys.excepthook` or to the one that called Qt.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
if "bare" not in sys.argv:
    import studio.overrides  # before any class is made

    studio.overrides.REST_SECONDS = 0.0

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QEvent,
    QIdentityProxyModel,
    QObject,
    QPointF,
    QRect,
    QRunnable,
    QSize,
    Qt,
    QThread,
    QThreadPool,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QIcon,
    QIconEngine,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QAccessibleWidget,
    QApplication,
    QCheckBox,
    QLabel,
    QListView,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

EMPTY_LIST: list[int] = []
EMPTY_DICT: dict[str, int] = {}
NOTHING: Any = None
RAISED: dict[str, Callable[[], Any]] = {
    "IndexError": lambda: EMPTY_LIST[5],
    "KeyError": lambda: EMPTY_DICT["x"],
    "AttributeError": lambda: NOTHING.x,
}
told: list[str] = []
kept: list[object] = []  # what Qt has and Python must not collect
raised = ""


def fail(*_: object) -> Any:
    """Raise as C does."""
    return RAISED[raised]()


def failing(base: type, *names: str, **others: Any) -> Any:
    """An object whose overrides `names` raise."""
    made: Any = type(
        f"Failing{base.__name__}", (base,), {**others, **{n: override() for n in names}}
    )
    kept.append(made())
    return kept[-1]


def override() -> Callable[..., Any]:
    return lambda *_: fail()


def three_rows(_self: object, *_: object) -> int:
    return 3


def turn() -> None:
    """Let the event loop have its turn, as it is without any Python around."""
    QTimer.singleShot(30, QApplication.quit)
    QApplication.exec()


def of_a_model(name: str) -> None:
    source = failing(QAbstractTableModel, name, **_rest(name))
    model = QIdentityProxyModel()
    model.setSourceModel(source)
    model.index(0, 0).data()
    model.flags(model.index(0, 0))
    model.headerData(0, Qt.Orientation.Horizontal)
    model.columnCount()
    model.rowCount()
    model.canFetchMore(model.index(-1, -1))


def _rest(name: str) -> dict[str, Any]:
    sizes = {"rowCount": three_rows, "columnCount": three_rows, "data": lambda *_: "word"}
    return {known: method for known, method in sizes.items() if known != name}


def rows_in_a_view() -> None:
    view = QListView()
    view.setModel(failing(QAbstractListModel, "data", "flags", rowCount=three_rows))
    view.show()
    turn()
    view.setCurrentIndex(view.model().index(1, 0))


def paint(self: QWidget, _event: object) -> None:
    painter = QPainter(self)
    painter.fillRect(self.rect(), Qt.GlobalColor.red)
    fail()


def paint_on_a_page(self: QWidget, _event: object) -> None:
    page = QPixmap(20, 20)
    pen = QPainter(page)
    pen.fillRect(page.rect(), Qt.GlobalColor.red)
    fail()


def painting(method: Callable[..., None]) -> None:
    widget = failing(QWidget, "sizeHint", paintEvent=method)
    widget.show()
    turn()  # from the loop ...
    widget.resize(300, 200)
    turn()
    grabbed = widget.grab()  # ... and asked for
    assert not grabbed.isNull()


def events() -> None:
    widget = failing(QWidget, "mousePressEvent", "keyPressEvent", "changeEvent", "resizeEvent")
    widget.show()
    at, left = QPointF(1, 1), Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    press = QEvent.Type.MouseButtonPress
    QApplication.postEvent(widget, QMouseEvent(press, at, at, left, left, none))
    QApplication.postEvent(widget, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, none, "a"))
    turn()
    QApplication.sendEvent(widget, QMouseEvent(press, at, at, left, left, none))


def event() -> None:
    widget = failing(QWidget, "event")
    QApplication.postEvent(widget, QEvent(QEvent.Type.User))
    turn()
    QApplication.sendEvent(widget, QEvent(QEvent.Type.User))


def event_filter() -> None:
    watched = QObject()
    watched.installEventFilter(failing(QObject, "eventFilter"))
    QApplication.postEvent(watched, QEvent(QEvent.Type.User))
    turn()
    QApplication.sendEvent(watched, QEvent(QEvent.Type.User))


def timer() -> None:
    failing(QObject, "timerEvent").startTimer(5)
    turn()
    kept.clear()


def sizes() -> None:
    page = QWidget()
    kept.append(page)
    column = QVBoxLayout(page)
    column.addWidget(failing(QLabel, "sizeHint", "minimumSizeHint", "heightForWidth"))
    column.addWidget(failing(QCheckBox, "sizeHint", "hitButton"))
    page.show()
    turn()
    page.adjustSize()


def focus() -> None:
    page = failing(QWidget, "focusNextPrevChild")
    page.show()
    tab = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page, tab)


def view() -> None:
    names = ("moveCursor", "indexAt", "visualRect", "updateGeometries", "viewportEvent")
    made = failing(QListView, *names, "keyPressEvent", "scrollContentsBy", "doItemsLayout")
    made.setModel(failing(QAbstractListModel, rowCount=three_rows, data=lambda *_: "word"))
    made.show()
    turn()
    down = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(made, down)


def delegate() -> None:
    made = QListView()
    made.setItemDelegate(failing(QStyledItemDelegate, "paint", "sizeHint"))
    made.setModel(failing(QAbstractListModel, rowCount=three_rows, data=lambda *_: "word"))
    made.show()
    turn()
    made.sizeHintForRow(0)


def icon() -> None:
    made = QIcon(failing(QIconEngine, "paint"))
    with QPainter(page := QPixmap(20, 20)) as painter:
        made.paint(painter, QRect(0, 0, 20, 20))
    assert not page.isNull()


def page_of_an_icon(_self: object, size: QSize, *_: object) -> QPixmap:
    page = QPixmap(size)
    pen = QPainter(page)
    pen.fillRect(page.rect(), Qt.GlobalColor.red)
    fail()
    return page


def icon_page() -> None:
    made = QIcon(failing(QIconEngine, pixmap=page_of_an_icon, scaledPixmap=page_of_an_icon))
    label = QLabel()
    label.setPixmap(made.pixmap(20, 20))


def accessible() -> None:
    names = ("childCount", "text", "role", "rect", "state", "child", "indexOfChild")
    widget = QWidget()
    widget.show()

    class Told(QAccessibleWidget):
        def __init__(self, owner: QWidget) -> None:
            super().__init__(owner)

    for name in names:
        setattr(Told, name, override())
    if "bare" not in sys.argv:
        from studio.overrides import guard_class

        guard_class(Told)

    def make(_key: str, of: QObject) -> QAccessibleInterface:
        assert isinstance(of, QWidget)
        kept.append(Told(of))
        return kept[-1]  # type: ignore[return-value]  # the one of above

    QAccessible.installFactory(make)
    made = QAccessible.queryAccessibleInterface(widget)
    assert isinstance(made, QAccessibleInterface)
    QAccessibleWidget.childAt(made, 1, 1)  # type: ignore[arg-type]


def document() -> None:
    made = failing(QTextDocument, "loadResource")
    made.resource(QTextDocument.ResourceType.ImageResource.value, QUrl("a.png"))


def run_in_a_pool() -> None:
    pool = QThreadPool()
    work = failing(QRunnable, "run")
    work.setAutoDelete(False)
    pool.start(work)
    pool.start(fail)
    pool.waitForDone()


def run_in_a_thread() -> None:
    thread = failing(QThread, "run")
    thread.start()
    thread.wait()


def slots() -> None:
    class Speaker(QObject):
        said = Signal(int)

        def listen(self, _number: int) -> None:
            fail()

    speaker = Speaker()
    speaker.said.connect(speaker.listen)
    speaker.said.connect(speaker.listen, Qt.ConnectionType.QueuedConnection)
    speaker.said.connect(lambda _number: fail())
    speaker.said.emit(1)
    QTimer.singleShot(0, fail)
    turn()


KINDS: dict[str, Callable[[], None]] = {
    **{
        f"a model's {name}": lambda name=name: of_a_model(name)  # type: ignore[misc]
        for name in ("rowCount", "columnCount", "data", "flags", "headerData", "canFetchMore")
    },
    "rows in a view": rows_in_a_view,
    "a widget's painting": lambda: painting(paint),
    "painting on a page": lambda: painting(paint_on_a_page),
    "a widget's events": events,
    "event": event,
    "an event filter": event_filter,
    "a timer's event": timer,
    "sizes": sizes,
    "the way of the focus": focus,
    "a view's virtual methods": view,
    "a delegate": delegate,
    "an icon's painting": icon,
    "an icon's page": icon_page,
    "what a screen reader asks": accessible,
    "a document's resources": document,
    "work in a pool": run_in_a_pool,
    "work in a thread": run_in_a_thread,
    "slots": slots,
}


def main() -> int:
    """Go through the kinds."""
    global raised
    faulthandler.enable()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    sys.excepthook = lambda kind, *_: told.append(kind.__name__)
    sys.unraisablehook = lambda fault: told.append(fault.exc_type.__name__)
    for kind in sys.argv[2:] or KINDS:
        found = set()
        for raised in RAISED:
            told.clear()
            try:
                KINDS[kind]()
            except (IndexError, KeyError, AttributeError) as error:
                told.append(type(error).__name__)
            found |= set(told) & {raised}
            for each in kept:
                with contextlib.suppress(LookupError, AttributeError):
                    if isinstance(each, QWidget):
                        each.close()
        gc.collect()
        print(json.dumps({"kind": kind, "told": sorted(found)}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
