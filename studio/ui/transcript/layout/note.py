"""The head of a quotation that is a note, a tip or a warning: an icon and its name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRect

from studio.ui.look.icons import paint_icon
from studio.ui.transcript.layout.boxes import Box, Mark, PaintContext, centred
from studio.ui.transcript.layout.style import Style, draw_text

_ICON = 18


# The icon and the colour of each kind.
_LOOKS = {
    "note": ("info", "accent_text"),
    "tip": ("lightbulb", "good"),
    "important": ("star", "accent_text"),
    "warning": ("warning", "warn"),
    "caution": ("prohibit", "bad"),
}


def note_name(note: str) -> str:
    """What a kind of note is called in the language of the window."""
    translate = QCoreApplication.translate
    return {
        "note": translate("transcript", "Note"),
        "tip": translate("transcript", "Tip"),
        "important": translate("transcript", "Important"),
        "warning": translate("transcript", "Warning"),
        "caution": translate("transcript", "Caution"),
    }[note]


def bar_colour(note: str) -> str:
    """The colour of the bar beside a quotation, by the kind of note that it is."""
    return _LOOKS[note][1] if note else "line_strong"


class NoteBox(Box):
    """Its text is what is copied; what is shown is in the language of the window."""

    def __init__(self, style: Style, note: str, width: int) -> None:
        self._note = note
        self.text = note.capitalize()
        self.width = width
        self.height = style.name.pitch + style.px(2)

    def paint(self, ink: PaintContext, x: int, y: int, marks: Sequence[Mark]) -> None:
        style = ink.style
        icon = centred(QRect(x, y, style.px(_ICON), self.height), style.px(_ICON))
        name, colour = _LOOKS[self._note]
        paint_icon(ink.painter, icon, name, colour)
        left, top = x + style.px(_ICON + 6), y + (self.height - style.name.pitch) // 2
        draw_text(ink.painter, left, top, note_name(self._note), style.name, style.colour(colour))
