"""The data page: where conversations and pictures are, and how much room they take."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.operations.disk_usage import DiskUsage, PartName
from studio.sessions.operations.relocation import Relocation
from studio.ui.look import theme
from studio.ui.look.text import byte_size, labelled, translated
from studio.ui.widgets.controls import ElidedLabel, hairline, label, panel, push_button
from studio.ui.widgets.folder_dialogs import drive_words
from studio.ui.widgets.icon_mark import IconMark

_BAR = 8
_DOT = 8
_LEGEND_COLUMNS = 3
_LEAST = 3.0  # pixels, so that a small part still shows
# Colour of the theme by name, and how much of it.
_PART_COLOURS: dict[PartName, tuple[str, float]] = {
    PartName.PICTURES: ("accent", 1.0),
    PartName.BACKUPS: ("accent", 0.55),
    PartName.ATTACHMENTS: ("accent", 0.3),
    PartName.CONVERSATIONS: ("muted", 1.0),
    PartName.CACHE: ("line_strong", 1.0),
}
_PART_NAMES: dict[PartName, str] = {
    PartName.PICTURES: QT_TRANSLATE_NOOP("settings", "Pictures"),
    PartName.BACKUPS: QT_TRANSLATE_NOOP("settings", "Backups"),
    PartName.ATTACHMENTS: QT_TRANSLATE_NOOP("settings", "Sent pictures"),
    PartName.CONVERSATIONS: QT_TRANSLATE_NOOP("settings", "Conversations"),
    PartName.CACHE: QT_TRANSLATE_NOOP("settings", "Cache"),
}


def _fill(painter: QPainter, name: PartName) -> None:
    colour = theme.colour(_PART_COLOURS[name][0])
    colour.setAlphaF(_PART_COLOURS[name][1])
    painter.setBrush(colour)


class StorageBar(QWidget):
    """One bar in true proportions."""

    def __init__(self, disk_usage: DiskUsage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._disk_usage = disk_usage
        self.setFixedHeight(_BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), _BAR / 2, _BAR / 2)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme.colour("sunken"))
        painter.setPen(Qt.PenStyle.NoPen)
        left, total = 0.0, self._disk_usage.total
        sizes = {part.name: part.size for part in self._disk_usage.parts}
        for name in _PART_COLOURS:
            if not sizes.get(name) or not total:
                continue
            width = max(_LEAST, self.width() * sizes[name] / total)
            _fill(painter, name)
            painter.drawRect(QRectF(left, 0, width - 1, self.height()))
            left += width


class _Dot(QWidget):
    def __init__(self, name: PartName) -> None:
        super().__init__()
        self._name = name
        self.setFixedSize(_DOT, _DOT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        _fill(painter, self._name)
        painter.drawEllipse(self.rect())


class DataCard(QWidget):
    """Both folders with a way to open them, and the room that everything takes."""

    folder_activated = Signal(object)  # Path
    wanted = Signal(str)  # "move" or "remove_previous"

    def __init__(
        self, disk_usage: DiskUsage, relocation: Relocation, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._disk_usage, self._relocation = disk_usage, relocation
        self.move_data, self.open_previous = push_button(), push_button()
        self.remove_previous = push_button()
        self._previous_title, self._warning = label("strong"), label("warn", wrap=True)
        self._data_title, self._pictures_title = label("strong"), label("strong")
        self.open_data, self.open_pictures = push_button(), push_button()
        self._used, self._free = label("strong"), label("muted")
        self._sizes = {name: label("muted", wrap=True) for name in _PART_COLOURS}
        self._build()
        disk_usage.measured.connect(self.retranslate)
        relocation.changed.connect(self.retranslate)
        self.move_data.clicked.connect(partial(self.wanted.emit, "move"))
        self.remove_previous.clicked.connect(partial(self.wanted.emit, "remove_previous"))
        self.open_previous.clicked.connect(lambda: self.folder_activated.emit(relocation.previous))
        self.open_data.clicked.connect(lambda: self.folder_activated.emit(disk_usage.data))
        self.open_pictures.clicked.connect(lambda: self.folder_activated.emit(disk_usage.pictures))
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        card = panel("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        data, pictures = str(self._disk_usage.data), str(self._disk_usage.pictures)
        buttons = (self.open_data, self.move_data)
        column.addLayout(_folder_row("folder", self._data_title, data, *buttons))
        self._warning.setContentsMargins(space.l, 0, space.l, space.m)
        column.addWidget(self._warning)
        self._old = QWidget()
        old = QVBoxLayout(self._old)
        old.setContentsMargins(0, 0, 0, 0)
        old.setSpacing(0)
        old.addWidget(hairline())
        previous = str(self._relocation.previous or "")
        buttons = (self.open_previous, self.remove_previous)
        old.addLayout(_folder_row("folder", self._previous_title, previous, *buttons))
        column.addWidget(self._old)
        column.addWidget(hairline())
        column.addLayout(_folder_row("image", self._pictures_title, pictures, self.open_pictures))
        column.addWidget(hairline())
        room = QVBoxLayout()
        room.setContentsMargins(space.l, space.m, space.l, space.m + 2)
        room.setSpacing(space.s)
        first = QHBoxLayout()
        first.addWidget(self._used)
        first.addStretch(1)
        first.addWidget(self._free)
        room.addLayout(first)
        room.addWidget(StorageBar(self._disk_usage))
        legend = QGridLayout()
        legend.setHorizontalSpacing(space.s)
        legend.setVerticalSpacing(space.xs)
        for place, (name, size) in enumerate(self._sizes.items()):
            row, column_ = divmod(place, _LEGEND_COLUMNS)
            legend.addWidget(_Dot(name), row, 2 * column_)
            legend.addWidget(size, row, 2 * column_ + 1)
            legend.setColumnStretch(2 * column_ + 1, 1)
        room.addLayout(legend)
        column.addLayout(room)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    @property
    def used_words(self) -> str:
        """How much room everything takes, as shown."""
        return self._used.text()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        disk_usage = self._disk_usage
        self._data_title.setText(self.tr("Data folder"))
        self._pictures_title.setText(self.tr("Pictures folder"))
        self._previous_title.setText(self.tr("Old data folder"))
        self.move_data.setText(self.tr("Move to…"))
        self.move_data.setEnabled(self._relocation.can_move)
        fixed = self.tr("The folder was given on the command line.")
        self.move_data.setToolTip("" if self._relocation.can_move else fixed)
        self.remove_previous.setText(self.tr("Delete…"))
        self._old.setVisible(self._relocation.previous is not None)
        self._warning.setText(drive_words(self._relocation.drive))
        self._warning.setVisible(bool(self._warning.text()))
        for button, name in (
            (self.open_data, self._data_title.text()),
            (self.open_pictures, self._pictures_title.text()),
            (self.open_previous, self._previous_title.text()),
        ):
            button.setText(self.tr("Open"))
            button.setAccessibleName(labelled(button.text(), name))
        used = byte_size(disk_usage.total) if disk_usage.parts else "…"
        self._used.setText(self.tr("%1 used").replace("%1", used))
        self._free.setVisible(disk_usage.free is not None)
        free = byte_size(disk_usage.free or 0)
        self._free.setText(self.tr("%1 free on the disk").replace("%1", free))
        sizes = {part.name: part.size for part in disk_usage.parts}
        for name, shown in self._sizes.items():
            size = byte_size(sizes[name]) if name in sizes else "…"
            shown.setText(f"{translated('settings', _PART_NAMES[name])}  {size}")
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


def _folder_row(icon_name: str, title: QWidget, path: str, *buttons: QWidget) -> QHBoxLayout:
    space, side = theme.current().space, theme.current().size.icon
    row = QHBoxLayout()
    row.setContentsMargins(space.l, space.m, space.l, space.m)
    row.setSpacing(space.m)
    row.addWidget(IconMark(icon_name, side))
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(title)
    place = ElidedLabel("muted")
    place.setText(path)
    words.addWidget(place)
    row.addLayout(words, 1)
    for button in buttons:
        row.addWidget(button)
    return row
