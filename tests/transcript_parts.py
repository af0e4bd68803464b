"""A conversation view to try: messages, the mouse, the keyboard, what is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication, QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.core.messages import (
    Message,
    MessageStatus,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    Timing,
    Usage,
)
from studio.ui.transcript.layout.buttons import Button
from studio.ui.transcript.layout.hit_test import code_buttons
from studio.ui.transcript.layout.message import ANSWER
from studio.ui.transcript.view import TranscriptView

_CORNER = 24  # bytes
_NONE = Qt.KeyboardModifier.NoModifier
WORDS = (
    *("the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "while"),
    *("敏捷的棕狐跳过懒狗", "and", "runs"),
)


def question(text: str) -> Message:
    """What the user asked."""
    return Message("c", Role.USER, (TextPart(text),), created_at=1_700_000_000)


def answer(text: str, reasoning: str = "", **more: Any) -> Message:
    """What a model answered."""
    parts: tuple[Part, ...] = (ReasoningPart(reasoning, 4.2),) if reasoning else ()
    if text:
        parts = (*parts, TextPart(text))
    made = Message(
        "c",
        Role.ASSISTANT,
        parts,
        model="Qwen/Qwen3.5-35B-A3B",
        usage=Usage(34, 412),
        timing=Timing(0.42, 7.2),
        created_at=1_700_000_000,
    )
    return replace(made, **more)


def conversation(count: int) -> list[Message]:
    """So many short questions and answers, all different."""
    messages = []
    for number in range(count):
        words = " ".join(WORDS[(number + i) % len(WORDS)] for i in range(number % 40 + 5))
        if number % 2:
            messages.append(answer(f"Answer **{number}**: {words}.\n\n- {words}\n- more `x`\n"))
        else:
            messages.append(question(f"Question {number}: {words}?"))
    return messages


def settle(condition: Callable[[], bool] = lambda: True, seconds: float = 10) -> None:
    """Let the loop run until a condition holds and nothing is left to paint."""
    loop = QEventLoop()
    tick = QTimer()
    tick.timeout.connect(lambda: loop.quit() if condition() else None)
    end = QTimer()
    end.setSingleShot(True)
    end.timeout.connect(loop.quit)
    tick.start(5)
    end.start(int(seconds * 1000))
    loop.exec()
    assert condition(), "it did not happen in time"
    QApplication.sendPostedEvents()


def stream(view: TranscriptView, message: Message, ends: Iterator[int] | Sequence[int]) -> Message:
    """Let the text of a message arrive up to each of `ends`, painting each step."""
    text = message.text
    for end in ends:
        part = replace(
            message, parts=_with_text(message, text[:end]), status=MessageStatus.STREAMING
        )
        view.update_message(part)
        view.flush()
        paint(view)
    view.update_message(message)
    view.flush()
    paint(view)
    return message


def _with_text(message: Message, text: str) -> tuple[Part, ...]:
    others = tuple(part for part in message.parts if not isinstance(part, TextPart))
    return (*others, TextPart(text)) if text else others


def started(message: Message) -> Message:
    """The message before its first token."""
    return replace(message, parts=(), status=MessageStatus.STREAMING)


def paint(view: TranscriptView) -> None:
    """Deliver what is posted, paints included."""
    QApplication.sendPostedEvents()
    QApplication.sendPostedEvents(view.viewport(), QEvent.Type.UpdateRequest)
    QApplication.sendPostedEvents(view.window(), QEvent.Type.UpdateRequest)


def on_screen(view: TranscriptView) -> QImage:
    """The pixels that are in the window: moved ones stay moved."""
    paint(view)
    window = view.window()
    whole = window.screen().grabWindow(window.winId()).toImage()
    ratio = whole.width() / window.width()
    rect = view.viewport().geometry()
    at = view.viewport().mapTo(window, QPoint(0, 0))
    picture = whole.copy(
        round(at.x() * ratio),
        round(at.y() * ratio),
        round(rect.width() * ratio),
        round(rect.height() * ratio),
    )
    return picture.convertToFormat(QImage.Format.Format_RGB32)


def painted_anew(view: TranscriptView) -> QImage:
    """The pixels as they are when everything is painted from nothing."""
    return view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def same_pixels(one: QImage, other: QImage) -> bool:
    """Whether two pictures are equal, but for a few pixels of a rounded corner.

    Where the corner of a frame is cut by the edge of the view, Qt smooths it differently for
    different clips.
    """
    if one.size() != other.size():
        return False
    if one.constBits() == other.constBits():
        return True
    mine, theirs = memoryview(one.constBits()), memoryview(other.constBits())
    return sum(a != b for a, b in zip(mine, theirs, strict=True)) <= _CORNER


# -- the mouse and the keyboard --------------------------------------------


def point_of(view: TranscriptView, message: int, words: str, *, end: bool = False) -> QPoint:
    """Where words of a message are, in the viewport; words beginning or ending there."""
    box = view.stage.box(message)
    flow = box.flows[ANSWER]
    for index in range(len(flow.heights)):
        found = box.section(ANSWER, index)
        assert found is not None
        section, x, y = found
        for placed in section.placed:
            at = placed.box.text.find(words)
            if at >= 0:
                caret = placed.box.caret(at + (len(words) if end else 0))
                left = x + placed.x + caret.x() + (-1 if end else 1)
                top = y + placed.y + caret.center().y()
                return QPoint(round(view.column_x + left), round(view.stage.y_of(message) + top))
    raise AssertionError(f"no {words!r} in message {message}")


def mouse(
    view: TranscriptView,
    kind: QEvent.Type,
    at: QPoint,
    modifiers: Qt.KeyboardModifier = _NONE,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    """One event of the mouse."""
    moved = kind is QEvent.Type.MouseMove
    pressed = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(
        kind,
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        Qt.MouseButton.NoButton if moved else button,
        pressed,
        modifiers,
    )
    QApplication.sendEvent(view.viewport(), event)


def click(view: TranscriptView, at: QPoint, modifiers: Qt.KeyboardModifier = _NONE) -> None:
    """Press and release."""
    mouse(view, QEvent.Type.MouseButtonPress, at, modifiers)
    mouse(view, QEvent.Type.MouseButtonRelease, at, modifiers)


def double_click(view: TranscriptView, at: QPoint) -> None:
    """As windows systems report it."""
    click(view, at)
    mouse(view, QEvent.Type.MouseButtonDblClick, at)
    mouse(view, QEvent.Type.MouseButtonRelease, at)


def drag(view: TranscriptView, start: QPoint, end: QPoint) -> None:
    """Press, move in steps, release."""
    mouse(view, QEvent.Type.MouseButtonPress, start)
    for step in range(1, 5):
        mouse(view, QEvent.Type.MouseMove, start + (end - start) * step / 4)
    mouse(view, QEvent.Type.MouseButtonRelease, end)


def key(view: TranscriptView, code: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
    """Press and release a key."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(view, QKeyEvent(kind, code, modifiers))


def buttons(view: TranscriptView, message: int) -> dict[str, Button]:
    """The buttons of a message by what they do."""
    box = view.stage.box(message)
    found = [*box.actions(), *box.card_buttons(), *code_buttons(box)]
    return {button.action: button for button in found}


def press(view: TranscriptView, message: int, action: str) -> None:
    """Click a button of a message."""
    rect = buttons(view, message)[action].rect
    at = rect.center() + QPoint(view.column_x, view.stage.y_of(message))
    mouse(view, QEvent.Type.MouseMove, at)
    click(view, at)


def clipboard() -> str:
    """What was copied last."""
    return QGuiApplication.clipboard().text(QClipboard.Mode.Clipboard)
