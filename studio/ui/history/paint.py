"""Draws the rows of the history: headings, folders, conversations, and lines still being read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from studio.sessions.history.rows import UNKNOWN, Group
from studio.sessions.states import Mark
from studio.ui.look import text, theme
from studio.ui.look.icons import paint_icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QImage

    from studio.sessions.history.rows import ConversationSummary, Folder

_LEFT = Qt.AlignmentFlag.AlignVCenter
_DOT = " · "
_CARET, _ICON = 12, 16
_ARC = 110  # degrees, as of a ring that turns
_MENU = 28  # the … at the right end, see row_menu.py


def group_words(group: Group) -> str:
    """The heading of a group."""
    translate = QCoreApplication.translate
    return {
        Group.PINNED: translate("history", "Pinned"),
        Group.TODAY: translate("history", "Today"),
        Group.YESTERDAY: translate("history", "Yesterday"),
        Group.THIS_WEEK: translate("history", "Last 7 days"),
        Group.EARLIER: translate("history", "Earlier"),
    }[group]


def title_words(summary: ConversationSummary) -> str:
    """The title of a conversation, also of one that has none."""
    return summary.title or QCoreApplication.translate("history", "Untitled")


def facts_of(summary: ConversationSummary) -> str:
    """Model and time of a conversation."""
    return f"{summary.model.rsplit('/', 1)[-1]}{_DOT}{text.moment(summary.updated_at)}"


def elided(painter: QPainter, words: str, width: int) -> str:
    """`words` in one line, cut with … where there is no room."""
    one_line = " ".join(words.split())
    return painter.fontMetrics().elidedText(one_line, Qt.TextElideMode.ElideRight, width)


def elided_facts(painter: QPainter, words: str, width: int) -> str:
    """Facts in one line: where there is no room the first, a model, is cut, and never the last."""
    first, dot, rest = words.partition(_DOT)
    metrics = painter.fontMetrics()
    room = width - metrics.horizontalAdvance(dot + rest)
    return metrics.elidedText(first, Qt.TextElideMode.ElideMiddle, room) + dot + rest


class RowLooks(NamedTuple):
    """How a conversation is drawn: lit, set in by some pixels, with room for its …, marked."""

    lit: bool = False
    indent: int = 0
    has_menu: bool = False
    mark: Mark | None = None


class RowPaint:
    """Draws rows of one history; with `pictures`, each has a thumbnail."""

    def __init__(self, pictures: bool) -> None:
        self._pictures = pictures
        self.thumbnail: Callable[[str], QImage | None] | None = None

    def ground(self, painter: QPainter, rect: QRect, colour: str) -> None:
        """The rounded ground of a row under the pointer, or of a selected one."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(colour))
        radius = theme.current().radius.inner
        painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), radius, radius)

    def ring(self, painter: QPainter, rect: QRect) -> None:
        """Where the keyboard is, or what would take what is dragged."""
        painter.setPen(theme.colour("accent"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = theme.current().radius.inner
        inside = QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5)
        painter.drawRoundedRect(inside, radius, radius)

    def heading(self, painter: QPainter, rect: QRect, group: Group) -> None:
        """The heading of a day, or of what is pinned."""
        style = theme.current()
        painter.setFont(theme.ui_font(style.type.caption, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("faint"))
        inside = rect.adjusted(style.space.s, style.space.s, 0, 0)
        painter.drawText(inside, _LEFT, group_words(group))

    def folder(self, painter: QPainter, rect: QRect, folder: Folder, *, counts: bool) -> None:
        """The heading of a folder: open or closed, and, if it `counts`, how many it holds."""
        style = theme.current()
        middle = rect.center().y()
        left = rect.left() + style.space.xs
        caret = QRect(left, middle - _CARET // 2, _CARET, _CARET)
        paint_icon(painter, caret, "caret-right" if folder.closed else "caret-down", "faint")
        mark = QRect(caret.right() + style.space.xs, middle - _ICON // 2, _ICON, _ICON)
        paint_icon(painter, mark, "folder" if folder.closed else "folder-open", "muted")
        painter.setFont(theme.ui_font(style.type.small))
        painter.setPen(theme.colour("faint"))
        count = text.number(folder.length) if counts and folder.length != UNKNOWN else ""
        right = rect.adjusted(0, 0, -style.space.s, 0)
        painter.drawText(right, _LEFT | Qt.AlignmentFlag.AlignRight, count)
        room = painter.fontMetrics().horizontalAdvance(count) if counts else _MENU
        room += 2 * style.space.s
        painter.setFont(theme.ui_font(style.type.small, QFont.Weight.DemiBold))
        painter.setPen(theme.colour(theme.words_colour("text", folder.name)))
        inside = QRect(mark.right() + style.space.s, rect.top(), 0, rect.height())
        inside.setRight(rect.right() - room)
        painter.drawText(inside, _LEFT, elided(painter, folder.name, inside.width()))

    def waiting(self, painter: QPainter, rect: QRect) -> None:
        """A line that is still being read."""
        style = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        left = rect.left() + style.space.s + 2
        for top, width, height in ((13, 140, 10), (33, 90, 8)):
            painter.drawRoundedRect(QRect(left, rect.top() + top, width, height), 3, 3)

    def row(
        self, painter: QPainter, rect: QRect, summary: ConversationSummary, looks: RowLooks
    ) -> None:
        """A conversation: its title, below it model and time."""
        style, selected = theme.current(), looks.lit
        right = style.space.s + (_MENU if looks.has_menu else 0)
        inside = rect.adjusted(style.space.s + 2 + looks.indent, 0, -right, 0)
        if self._pictures:
            inside = self._paint_thumbnail(painter, inside, summary.thumbnail)
        weight = QFont.Weight.DemiBold if selected else QFont.Weight.Normal
        painter.setFont(theme.ui_font(style.type.body, weight))
        title = title_words(summary)
        plain = theme.words_colour("text", title)
        painter.setPen(theme.colour("accent_text" if selected else plain))
        top = QRect(inside.left(), inside.top() + 8, inside.width(), 20)
        if looks.mark is not None:
            top.setRight(inside.right() - _ICON - style.space.xs)
            sign = QRect(inside.right() - _ICON + 1, inside.top() + 10, _ICON, _ICON)
            self._paint_mark(painter, sign, looks.mark)
        painter.drawText(top, _LEFT, elided(painter, title, top.width()))
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("accent_text" if selected else "faint"))
        bottom = QRect(inside.left(), inside.top() + 28, inside.width(), 18)
        painter.drawText(bottom, _LEFT, elided_facts(painter, facts_of(summary), bottom.width()))

    def _paint_mark(self, painter: QPainter, sign: QRect, mark: Mark) -> None:
        """Each has a shape of its own: colours are not told apart by everybody."""
        painter.save()
        if mark is Mark.WAITING:
            paint_icon(painter, sign, "hourglass-medium", "muted")
        elif mark is Mark.CUT:
            paint_icon(painter, sign, "warning-circle", "warn")
        elif mark is Mark.UNREAD:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(sign.adjusted(4, 4, -4, -4))
        else:
            ring = QRectF(sign).adjusted(2.5, 2.5, -2.5, -2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("line_strong"), 2))
            painter.drawEllipse(ring)
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawArc(ring, 90 * 16, -_ARC * 16)
        painter.restore()

    def _paint_thumbnail(self, painter: QPainter, inside: QRect, sha256: str) -> QRect:
        style = theme.current()
        side = style.size.thumbnail
        place = QRect(inside.left(), inside.center().y() - side // 2, side, side)
        image = self.thumbnail(sha256) if sha256 and self.thumbnail is not None else None
        from PySide6.QtGui import QPainterPath

        outline = QPainterPath()
        outline.addRoundedRect(QRectF(place), style.radius.inner, style.radius.inner)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(place, theme.colour("sunken"))
        if image is None:
            paint_icon(painter, place.adjusted(10, 10, -10, -10), "image", "faint")
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            target = QRect(QPoint(0, 0), size)
            target.moveCenter(place.center())
            painter.drawImage(target, image)
        painter.restore()
        return inside.adjusted(side + style.space.s, 0, 0, 0)
