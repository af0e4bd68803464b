"""A strip of earlier pictures that stays fast with thousands: only what is seen is asked for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.core.images import GeneratedImage
from studio.sessions.images.gallery import GalleryModel, GalleryRole
from studio.ui.look import theme
from studio.ui.look.text import moment

CELL_WIDTH = 102
CAPTION = 20
GAP = 10
BATCH = 200


class ThumbnailDelegate(QStyledItemDelegate):
    """Draws a picture cropped to the cell with its time below; all cells have one size."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The same for every picture, so that the view need not ask each."""
        return QSize(CELL_WIDTH + GAP, theme.current().size.filmstrip + CAPTION)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The picture, or a quiet place for it while it is decoded."""
        rect, state = option.rect, option.state
        place = QRect(rect.left(), rect.top(), CELL_WIDTH, theme.current().size.filmstrip)
        picture: QImage | None = index.data(Qt.ItemDataRole.DecorationRole)
        image: GeneratedImage = index.data(GalleryRole.IMAGE)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        radius = theme.current().radius.inner
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(place), radius, radius)
        painter.fillPath(outline, theme.colour("sunken"))
        if picture is not None and not picture.isNull():
            painter.setClipPath(outline)
            painter.drawImage(place, picture, cropped(picture.size(), place.size()))
            painter.setClipping(False)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(theme.colour("accent" if chosen else "line_strong"), 2))
            painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), radius, radius)
        painter.setFont(theme.ui_font(theme.current().type.caption))
        painter.setPen(theme.colour("muted"))
        caption = QRect(place.left(), place.bottom() + 3, place.width(), CAPTION - 3)
        painter.drawText(caption, Qt.AlignmentFlag.AlignVCenter, moment(image.created_at))
        painter.restore()


def cropped(source: QSize, cell: QSize) -> QRect:
    """The middle of a picture that has the proportions of a cell."""
    part = cell.scaled(source, Qt.AspectRatioMode.KeepAspectRatio)
    return QRect(
        (source.width() - part.width()) // 2,
        (source.height() - part.height()) // 2,
        part.width(),
        part.height(),
    )


class Filmstrip(QListView):
    """`opened(GeneratedImage)` when the user goes to a picture by mouse or keyboard."""

    opened = Signal(object)

    def __init__(self, gallery: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(gallery)
        self.setItemDelegate(ThumbnailDelegate(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        # Without these Qt asks every picture of thousands for its size and its thumbnail.
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        bar = self.horizontalScrollBar()
        bar.setSingleStep(CELL_WIDTH + GAP)
        self.setFixedHeight(theme.current().size.filmstrip + CAPTION + bar.sizeHint().height())
        bar.valueChanged.connect(self._look_ahead)
        bar.rangeChanged.connect(self._look_ahead)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.clicked.connect(self._on_current)

    def choose(self, image_id: str) -> None:
        """Mark a picture without telling; "" marks none."""
        gallery = self.model()
        assert isinstance(gallery, GalleryModel)
        row = gallery.row_of(image_id)
        selection = self.selectionModel()
        selection.blockSignals(True)
        if row < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(gallery.index(row, 0))
        selection.blockSignals(False)
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """An ordinary wheel moves the strip sideways."""
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        moved = delta.x() or delta.y()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - moved)
        event.accept()

    def _look_ahead(self) -> None:
        """Fetch the next page two screens before the end, so that scrolling does not stop there."""
        bar = self.horizontalScrollBar()
        near = bar.value() >= bar.maximum() - 2 * self.viewport().width()
        if near and self.isVisible() and self.model().canFetchMore(self.rootIndex()):
            self.model().fetchMore(self.rootIndex())

    def _on_current(self, index: QModelIndex) -> None:
        image = index.data(GalleryRole.IMAGE) if index.isValid() else None
        if image is not None:
            self.opened.emit(image)
