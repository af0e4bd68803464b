"""The empty Vision tab: a large place to drop a picture on, and the other ways to bring one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.actions import keys_of
from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.controls import hairline, label, push_button
from studio.ui.widgets.sheet import ScrollPage

HEIGHT = 404
_PICTURE = 72


class _Sheaf(QWidget):
    """Three picture icons fanned out; decoration only."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(112)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cards = ((-88, -7.0, "eye"), (88, 7.0, "chat-circle-text"), (0, 0.0, "image"))
        for offset, angle, icon_name in cards:
            painter.save()
            painter.translate(self.width() / 2 + offset, self.height() / 2 + 4)
            painter.rotate(angle)
            size = _PICTURE + (20 if not offset else 0)
            rect = QRect(-size // 2, -size // 2, size, size)
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.setBrush(theme.colour("surface"))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
            inner = rect.adjusted(size // 3, size // 3, -size // 3, -size // 3)
            paint_icon(painter, inner, icon_name, "accent_text")
            painter.restore()


class DropZone(QWidget):
    """Invites a picture; the tab around it takes the drop, `set_hovered` shows that it would."""

    browse_requested = Signal()
    paste_requested = Signal()
    url_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered = False
        self._build()
        self.retranslate()

    def _build(self) -> None:
        style = theme.current()
        self._title = label("heading")
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._invitation = label("muted")
        self._invitation.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._browse = push_button("primary", "folder-open", "accent_on")
        self._paste = push_button("", "clipboard")
        self._url = push_button("", "link")
        self._promise = label("muted", wrap=True)
        self._promise.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = QHBoxLayout()
        buttons.setSpacing(style.space.s)
        buttons.addStretch(1)
        for button in (self._browse, self._paste, self._url):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._page = ScrollPage()
        column = self._page.column
        column.setSpacing(style.space.s)
        column.addStretch(1)
        self._sheaf = _Sheaf()
        column.addWidget(self._sheaf)
        column.addSpacing(style.space.s)
        column.addWidget(self._title)
        column.addWidget(self._invitation)
        column.addSpacing(style.space.m)
        column.addLayout(buttons)
        column.addStretch(1)
        self._line = hairline()
        column.addWidget(self._line)
        column.addWidget(self._promise)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(style.space.xl, style.space.m, style.space.xl, style.space.m)
        outer.addWidget(self._page)
        self.setMaximumSize(style.size.reading, HEIGHT)
        self.setMinimumHeight(style.size.head)  # what one writes has the room first
        self._browse.clicked.connect(self.browse_requested)
        self._paste.clicked.connect(self.paste_requested)
        self._url.clicked.connect(self.url_requested)

    def retranslate(self) -> None:
        """Set all words anew."""
        self._title.setText(self.tr("Drop a picture here"))
        self._invitation.setText(self.tr("Then ask anything about it."))
        self._browse.setText(self.tr("Browse files…"))
        self._browse.setToolTip(keys_of("attach"))
        self._paste.setText(self.tr("Paste"))
        self._url.setText(self.tr("Picture address"))
        self._promise.setText(
            self.tr(
                "Before it is sent it is turned upright, freed of camera data and shrunk to the "
                "model's limit. Your file is not touched."
            )
        )
        self.setAccessibleName(self.tr("Drop a picture here"))
        self._fit()

    def set_hovered(self, hovered: bool) -> None:
        """Show that a drag over the tab would be taken."""
        self._hovered = hovered
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the decoration goes first, and then what is good to know."""
        layout = self.layout()
        assert layout is not None
        room = self.size().shrunkBy(layout.contentsMargins())
        for gone in range(4):
            self._sheaf.setVisible(gone < 1)
            self._invitation.setVisible(gone < 2)
            for each in (self._line, self._promise):
                each.setVisible(gone < 3)
            if self._page.content_height(room.width()) <= room.height():
                break

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge, ground = ("accent", "accent_soft") if self._hovered else ("line_strong", "window")
        painter.setPen(QPen(theme.colour(edge), 2, Qt.PenStyle.DashLine))
        painter.setBrush(theme.colour(ground))
        radius = theme.current().radius.composer
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
