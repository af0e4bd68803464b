"""The pictures that go along with the next question: small, named, with what will be sent."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.look.text import labelled
from studio.ui.widgets.controls import ElidedLabel, icon_button, label, name_it, push_button

CARD_WIDTH = 300
THUMBNAIL = QSize(72, 54)


class Thumbnail(QWidget):
    """A small picture, cropped to fill its rounded place; an icon while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setFixedSize(THUMBNAIL)

    def show_image(self, image: QImage) -> None:
        """Show a decoded picture."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        outline = QPainterPath()
        radius = theme.current().radius.inner
        outline.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme.colour("sunken"))
        if self._image.isNull():
            middle = QRect(0, 0, 20, 20)
            middle.moveCenter(self.rect().center())
            paint_icon(painter, middle, "image", "faint")
            return
        fitting = self._image.size().scaled(
            self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding
        )
        target = QRect(self.rect().topLeft(), fitting)
        target.moveCenter(self.rect().center())
        painter.drawImage(target, self._image)


class PictureCard(QFrame):
    """One picture: thumbnail, name, original size, what will be sent, and a way to remove it.

    `offer_taken`: another way of sending it, which `offer` named, is wanted.
    """

    removed = Signal()
    offer_taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setFixedWidth(CARD_WIDTH)
        space = theme.current().space
        self.thumbnail = Thumbnail()
        self._name = ElidedLabel("title")
        self._facts = label("muted")
        self._sent = label("caption", wrap=True)
        self._remove = icon_button("x")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        words.addWidget(self._sent)
        self._offer = push_button("link")
        self._offer.hide()
        words.addWidget(self._offer, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, space.s, space.xs, space.s)
        row.setSpacing(space.s)
        row.addWidget(self.thumbnail, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._remove, 0, Qt.AlignmentFlag.AlignTop)
        self._remove.clicked.connect(self.removed)
        self._offer.clicked.connect(self.offer_taken)
        self.retranslate()

    def set_words(self, name: str, facts: str, sent: str) -> None:
        """File name, original size, and what will be sent; foreign text, shown as it is."""
        self._name.setText(name)
        self._facts.setText(facts)
        self._sent.setText(sent)
        self.setAccessibleName(f"{name}, {facts}, {sent}")

    def offer(self, words: str) -> None:
        """Offer another way of sending it; "" offers none."""
        self._offer.setText(words)
        self._offer.setVisible(bool(words))

    def retranslate(self) -> None:
        """Set all words anew."""
        name_it(self._remove, self.tr("Remove this picture"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class Refusals(QFrame):
    """Files that were not taken, each with its name and the reason, until they are closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        space = theme.current().space
        self._lines: dict[str, str] = {}
        self._words = label("bad", wrap=True)
        self._close = icon_button("x")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, space.xs, space.xs, space.xs)
        row.addWidget(self._words, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._close.clicked.connect(self.clear)
        self.retranslate()
        self.hide()

    def add(self, name: str, reason: str) -> None:
        """Name one more; foreign text, shown as it is."""
        self._lines[name] = labelled(name, reason)
        words = "\n".join(self._lines.values())
        self._words.setText(words)
        self.setAccessibleName(words)
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._lines[name]))

    def clear(self) -> None:
        """Forget all of them."""
        self._lines.clear()
        self.hide()

    def retranslate(self) -> None:
        """Set all words anew."""
        name_it(self._close, self.tr("Close"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class PictureTray(QScrollArea):
    """A row of cards that scrolls sideways where they do not fit; `removed(key)`."""

    removed = Signal(str)
    offer_taken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, PictureCard] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._inside = QWidget()
        self._inside.setProperty("look", "page")
        self._row = QHBoxLayout(self._inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.current().space.s)
        self._row.addStretch(1)
        self.setWidget(self._inside)
        self.hide()

    def sizeHint(self) -> QSize:
        heights = [card.heightForWidth(CARD_WIDTH) for card in self._cards.values()]
        wide = self._inside.minimumSizeHint().width() > self.width()
        bar = self.horizontalScrollBar().sizeHint().height() if wide else 0
        return QSize(CARD_WIDTH, max(heights, default=0) + theme.current().space.xs + bar)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        done = super().eventFilter(watched, event)
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # a card's words may need another height
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()  # the bar comes and goes

    def add(self, key: str) -> PictureCard:
        """A card for a new picture."""
        card = PictureCard()
        card.removed.connect(lambda: self.removed.emit(key))
        card.offer_taken.connect(lambda: self.offer_taken.emit(key))
        self._cards[key] = card
        self._row.insertWidget(self._row.count() - 1, card, 0, Qt.AlignmentFlag.AlignTop)
        self.show()
        return card

    def card(self, key: str) -> PictureCard | None:
        """The card of a picture that is still there."""
        return self._cards.get(key)

    def remove(self, key: str) -> None:
        """Take a card away."""
        card = self._cards.pop(key, None)
        if card is not None:
            self._row.removeWidget(card)
            card.deleteLater()
        self.setVisible(bool(self._cards))
