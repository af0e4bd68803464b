"""What the keyboard does in the transcript: move, select, copy, press the painted buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence

from studio.ui.transcript.input import caret_movement
from studio.ui.transcript.layout.bubble import foot_words
from studio.ui.transcript.layout.buttons import Button
from studio.ui.transcript.layout.conversation_layout import Place
from studio.ui.transcript.layout.hit_test import code_buttons, table_at
from studio.ui.transcript.layout.message import MessageBox
from studio.ui.transcript.paint.message_paint import thought

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView

_Key = Qt.Key
_Standard = QKeySequence.StandardKey


class Keys:
    """Follows the keyboard for a view: which message has the focus, and which of its buttons."""

    def __init__(self, view: TranscriptView) -> None:
        self._view = view
        self.message_id = ""
        self.action = ""  # the focused button of that message; "" is the message itself

    @property
    def message(self) -> int:
        """The index of the focused message; -1 when none has the focus."""
        return self._view.stage.index_of(self.message_id) if self.message_id else -1

    def clear(self) -> None:
        """No message has the focus."""
        self._take("")

    def _take(self, message_id: str) -> None:
        """Another message has the focus, or none."""
        self.message_id, self.action = message_id, ""
        if self._view.hasFocus():
            # Whether letters are commands or the beginning of a message, see `own_letters`.
            QGuiApplication.inputMethod().update(Qt.InputMethodQuery.ImEnabled)

    def wants(self, letters: str) -> bool:
        """Whether letters are keys of the transcript now: while a message has the focus."""
        return self.message >= 0 and letters.lower() in ("", "j", "k")

    def press(self, event: QKeyEvent) -> bool:
        """Handle a key; False when it is for somebody else."""
        for standard, verb in self._standard().items():
            if event.matches(standard):
                verb()
                return True
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift and self._select(event.key(), control):
            return True
        return self._move(event.key(), control)

    def _standard(self) -> dict[QKeySequence.StandardKey, Callable[[], object]]:
        return {
            _Standard.Copy: self._view.copy,
            _Standard.SelectAll: self._view.select_all,
            _Standard.Find: self._view.finding.open,
            _Standard.FindNext: lambda: self._view.finding.go(True),
            _Standard.FindPrevious: lambda: self._view.finding.go(False),
        }

    # -- moving ------------------------------------------------------------

    def _move(self, key: int, control: bool) -> bool:
        bar = self._view.verticalScrollBar()
        verbs: dict[tuple[int, bool], Callable[[], object]] = {
            (_Key.Key_Up, True): lambda: self.focus_message(-1),
            (_Key.Key_Down, True): lambda: self.focus_message(1),
            (_Key.Key_K, False): lambda: self.focus_message(-1),
            (_Key.Key_J, False): lambda: self.focus_message(1),
            (_Key.Key_Up, False): lambda: bar.setValue(bar.value() - bar.singleStep()),
            (_Key.Key_Down, False): lambda: bar.setValue(bar.value() + bar.singleStep()),
            (_Key.Key_PageUp, False): lambda: bar.setValue(bar.value() - bar.pageStep() + 48),
            (_Key.Key_PageDown, False): lambda: bar.setValue(bar.value() + bar.pageStep() - 48),
            (_Key.Key_Space, False): self._press_or_page,
            (_Key.Key_Return, False): self._press,
            (_Key.Key_Enter, False): self._press,
            (_Key.Key_Home, False): self._view.go_to_top,
            (_Key.Key_End, False): self._view.go_to_bottom,
            (_Key.Key_Home, True): self._view.go_to_top,
            (_Key.Key_End, True): self._view.go_to_bottom,
        }
        verb = verbs.get((key, control))
        if verb is None:
            return key == _Key.Key_Escape and self._give_up()
        verb()
        return True

    def _give_up(self) -> bool:
        if self._view.selection.is_empty:
            return False
        self._view.selection.clear()
        self._view.viewport().update()
        return True

    def enter(self) -> None:
        """Go to the message that had the focus last, else to the last one in sight."""
        self.focus_message(-1 if self.message < 0 else 0)

    def focus_message(self, by: int) -> None:
        """Move the focus to the next or previous message and bring it into sight."""
        stage = self._view.stage
        if not stage.messages:
            return
        if self.message < 0:
            index = stage.message_at(stage.view_height - 1 if by < 0 else 0)[0]
        else:
            index = max(0, min(self.message + by, len(stage.messages) - 1))
        self._take(stage.messages[index].id)
        self._view.bring_into_sight(index)
        self._view.announcer.focused(index)

    # -- buttons -----------------------------------------------------------

    def _buttons(self) -> list[Button]:
        """All buttons of the focused message in reading order."""
        return self.buttons_of(self.message) if self.message >= 0 else []

    def is_focused(self, button: Button) -> bool:
        """Whether a button of the focused message has the focus."""
        return bool(self.action) and _name(button) == self.action

    def buttons_of(self, index: int) -> list[Button]:
        """All buttons of a message in reading order."""
        box = self._view.stage.box(index)
        fold = box.fold_rect()
        name = foot_words(box) if box.is_question else thought(box)
        folding = [Button("fold", "", name, rect=fold)] if not fold.isEmpty() else []
        usable = [button for button in box.actions() if button.enabled]
        return [*folding, *code_buttons(box), *box.card_buttons(), *usable]

    def tab(self, forward: bool) -> bool:
        """Go to the next button of the focused message; False when there is none."""
        names = ["", *(_name(button) for button in self._buttons())]
        at = names.index(self.action) if self.action in names else 0
        following = at + (1 if forward else -1)
        if len(names) == 1 or not 0 <= following < len(names):
            return False
        self.action = names[following]
        self._view.viewport().update()
        self._view.announcer.focused(self.message)
        return True

    def focused_button(self) -> Button | None:
        """The focused button of the focused message."""
        return next((each for each in self._buttons() if _name(each) == self.action), None)

    def _press(self) -> None:
        button = self.focused_button()
        if button is not None:
            centre = QPoint(button.rect.center())
            box = self._view.stage.box(self.message)
            self._view.pointer.do(button.action, self.message, box, centre)

    def _press_or_page(self) -> None:
        if self.action:
            self._press()
        else:
            self._move(_Key.Key_PageDown, False)

    def mark(self, index: int, box: MessageBox) -> bool:
        """Mark the focused button; returns whether the message has the focus."""
        focused = index == self.message and self._view.hasFocus()
        wanted = self.action if focused else ""
        for button in [*box.actions(), *(box.card.buttons if box.card else [])]:
            button.focused = bool(wanted) and button.action == wanted
        self._mark_table(box, wanted)
        return focused

    def _mark_table(self, box: MessageBox, wanted: str) -> None:
        """Show the buttons of a table while one of them has the focus."""
        if not wanted.startswith("copy_table"):
            return
        table = table_at(box, int(wanted.rpartition("@")[2]))
        if table is not None:
            table[0].pointed = True

    # -- selecting ---------------------------------------------------------

    def _select(self, key: int, control: bool) -> bool:
        selection, stage = self._view.selection, self._view.stage
        if not stage.messages:
            return False
        if key == _Key.Key_C and control:
            self._view.copy(markdown=True)
            return True
        place = selection.focus or caret_movement.first_place(max(self.message, 0))
        place = caret_movement.clamped(stage, place)
        found = self._moved(place, key, control)
        if found is None:
            return False
        selection.anchor = selection.anchor or place
        selection.extend(found)
        self._view.show_place(found)
        return True

    def _moved(self, place: Place, key: int, control: bool) -> Place | None:
        stage = self._view.stage
        if key in (_Key.Key_Left, _Key.Key_Right):
            return caret_movement.step(stage, place, forward=key == _Key.Key_Right, word=control)
        if key in (_Key.Key_Up, _Key.Key_Down):
            return caret_movement.line(stage, place, down=key == _Key.Key_Down)
        if key == _Key.Key_Home:
            return (
                caret_movement.first_place(0)
                if control
                else caret_movement.line_end(stage, place, forward=False)
            )
        if key == _Key.Key_End:
            last = len(stage.messages) - 1
            if control:
                return caret_movement.last_place(stage, last)
            return caret_movement.line_end(stage, place, forward=True)
        return None


def _name(button: Button) -> str:
    """What tells the buttons of a message apart: blocks of code have the same ones."""
    if button.action in ("copy_code", "save_code", "copy_table", "copy_table_source"):
        return f"{button.action}@{button.rect.y()}"
    return button.action
