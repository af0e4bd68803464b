"""Fields of the image form that are more than one control: size, seed and negative prompt."""

from __future__ import annotations

import random

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.core.models import ModelFamily, Range
from studio.ui.images.prompt_field import PromptEditor, PromptField
from studio.ui.images.ratio_chips import RatioChips
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.widgets.controls import icon_button, leave_keyboard, name_it
from studio.ui.widgets.number_field import NumberField


def caption_row(name: QLabel, note: QLabel | None = None) -> QHBoxLayout:
    """The line above a field: its name, and a note at the right."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, theme.current().space.xs)
    row.addWidget(name)
    row.addStretch(1)
    if note is not None:
        row.addWidget(note)
    return row


class SizeField(QWidget):
    """Chips with the family's sizes, and width and height for any other."""

    value_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = theme.current().space
        self._chips = RatioChips()
        self.width_field, self.height_field = (NumberField(takes_size=True) for _ in range(2))
        self._swap = icon_button("arrows-left-right")
        sides = QHBoxLayout()
        sides.setSpacing(space.xs)
        sides.addWidget(self.width_field, 1)
        sides.addWidget(self._swap)
        sides.addWidget(self.height_field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.s)
        column.addWidget(self._chips)
        column.addLayout(sides)
        self._chips.chosen.connect(self.set_sides)
        self._swap.clicked.connect(self._on_swap)
        for field in (self.width_field, self.height_field):
            field.value_changed.connect(self._on_changed)
            field.size_pasted.connect(self.set_sides)
        self._retranslate()

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where Tab stops, in order; the chips are made anew for each family."""
        return (self._chips, self.width_field, self._swap, self.height_field)

    def size_pixels(self) -> tuple[int, int] | None:
        """Width and height; None when both are empty and the model's default holds.

        A side that is missing counts as 0, which no family allows.
        """
        width, height = self.width_field.whole(), self.height_field.whole()
        empty = not (self.width_field.text().strip() or self.height_field.text().strip())
        return None if empty else (width or 0, height or 0)

    def set_size(self, size: tuple[int, int] | None) -> None:
        """Show a size; None leaves it to the model."""
        self.set_sides(*(size or (None, None)))

    def set_sides(self, width: int | None, height: int | None) -> None:
        """Show width and height."""
        self.width_field.set_value(width)
        self.height_field.set_value(height)

    def set_family(self, family: ModelFamily, before: ModelFamily) -> None:
        """Offer a family's sizes; a size that was one of the last family's takes the same place."""
        for field in (self.width_field, self.height_field):
            field.set_range(family.side, family.side_step)
        self._chips.set_sizes(family.size_chips)
        size = self.size_pixels()
        if not family.size_chips:
            return
        if size is None:
            self.set_size(family.size_chips[0])
        elif size in before.size_chips and size not in family.size_chips:
            place = min(before.size_chips.index(size), len(family.size_chips) - 1)
            self.set_size(family.size_chips[place])
        else:
            self._chips.mark(*size)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.width_field.set_caption(self.tr("Width"))
        self.height_field.set_caption(self.tr("Height"))
        name_it(self.width_field, self.tr("Width in pixels"))
        name_it(self.height_field, self.tr("Height in pixels"))
        name_it(self._swap, self.tr("Swap width and height"))

    def _on_swap(self) -> None:
        width, height = self.width_field.whole(), self.height_field.whole()
        self.set_sides(height, width)

    def _on_changed(self) -> None:
        self._chips.mark(self.width_field.whole(), self.height_field.whole())
        self.value_changed.emit()


class SeedField(QWidget):
    """A seed with dice and lock; without the lock every picture gets a new one."""

    value_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = Range(0, 0, 0)
        self.field = NumberField()
        self._dice = icon_button("dice-five")
        self._lock = icon_button("lock-simple-open", "lock-simple")
        # In the accent, so that a kept seed is seen at a glance.
        self._lock.setIcon(icon("lock-simple-open", "lock-simple", "muted", "accent_text"))
        self._lock.setProperty("look", "kept")
        self._lock.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().space.xs)
        row.addWidget(self.field, 1)
        row.addWidget(self._dice)
        row.addWidget(self._lock)
        self.field.value_changed.connect(self.value_changed)
        # A seed somebody typed is one they want to keep.
        self.field.textEdited.connect(lambda: self._lock.setChecked(bool(self.field.text())))
        self._dice.clicked.connect(self.roll)
        self._lock.toggled.connect(self._on_locked)
        self._retranslate()

    @property
    def locked(self) -> bool:
        """Whether the seed stays for the next picture."""
        return self._lock.isChecked()

    def value(self) -> int | None:
        """The seed, or None before the first was drawn."""
        return self.field.whole()

    def set_value(self, seed: int | None, *, locked: bool) -> None:
        """Show a seed."""
        self.field.set_value(seed)
        self._lock.setChecked(locked)

    def set_range(self, allowed: Range) -> None:
        """Bounds of the dice."""
        self._range = allowed
        self.field.set_range(allowed)

    def roll(self) -> None:
        """Draw a new seed."""
        # Chance, not secrecy.
        self.field.set_value(random.randint(int(self._range.low), int(self._range.high)))

    def draw(self) -> None:
        """Draw a seed for the next picture, unless one is kept: the service wants it from us."""
        if not self.field.unreadable and (not self.locked or self.value() is None):
            self.roll()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.field.setPlaceholderText(self.tr("drawn when you generate"))
        self.field.setAccessibleName(self.tr("Seed"))
        name_it(self._dice, self.tr("Draw a new seed"))
        name_it(self._lock, self.tr("Keep this seed for the next picture"))

    def _on_locked(self) -> None:
        self.value_changed.emit()


class NegativePrompt(QWidget):
    """What the picture should not show; folded to one line until it is wanted."""

    text_changed = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold = leave_keyboard(QPushButton())
        self._fold.setCheckable(True)
        self._fold.setProperty("look", "fold")
        self._fold.setIcon(icon("caret-right", "caret-down", "muted"))
        side = theme.current().type.body
        self._fold.setIconSize(QSize(side, side))
        self._prompt = PromptField(lines=2)
        self._prompt.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space.xs)
        column.addWidget(self._fold)
        column.addWidget(self._prompt)
        self._fold.toggled.connect(self._on_folded)
        self._prompt.text_changed.connect(self.text_changed)
        self._prompt.submitted.connect(self.submitted)
        self._retranslate()

    @property
    def editor(self) -> PromptEditor:
        """The editor itself."""
        return self._prompt.editor

    def text(self) -> str:
        """What was written."""
        return self._prompt.text()

    def set_text(self, text: str) -> None:
        """Replace the text, and unfold when there is any."""
        self._prompt.set_text(text)
        self._fold.setChecked(bool(text))

    def set_limit(self, limit: int) -> None:
        """How many characters the counter counts to."""
        self._prompt.set_limit(limit)

    def set_problem(self, problem: bool) -> None:
        """A problem is never folded away."""
        self._prompt.set_problem(problem)
        if problem:
            self._fold.setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        name = self.tr("Negative prompt")
        self._prompt.set_texts(name, self.tr("What the picture should not show"))
        self._fold.setAccessibleName(name)
        self._name_fold()

    def _name_fold(self) -> None:
        name, text = self.tr("Negative prompt"), " ".join(self.text().split())
        folded = text and not self._fold.isChecked()
        room = max(self.width() - self.fontMetrics().horizontalAdvance(name) - 60, 0)
        short = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        self._fold.setText(f"{name}  {short}" if folded else name)

    def _on_folded(self, unfolded: bool) -> None:
        self._prompt.setVisible(unfolded)
        self._name_fold()
        if unfolded and self._fold.hasFocus():
            self._prompt.setFocus()
