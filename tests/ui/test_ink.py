"""Chinese is as heavy in the dark theme as in the light one, measured in pixels."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QTextOption
from PySide6.QtWidgets import QApplication

from studio.core.markdown.runs import Face, Run
from studio.core.messages import Message, Role, TextPart
from studio.ui.look import theme
from studio.ui.transcript.layout.style import wrapping
from studio.ui.transcript.layout.text_run import TextRun
from studio.ui.transcript.view import TranscriptView

HAN = "快速排序选出一个基准，把数组分成两部分，再分别对它们排序。" * 6
MIXED = "快速排序（quicksort）选出一个基准，把 array 分成两部分，再分别排序。" * 6
LATIN = "Quicksort picks a pivot, parts the array in two, and sorts each of them. " * 6
MOST = 0.08


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication) -> object:
    yield
    theme.apply(qapp, theme.LIGHT)


def ink_of(image: QImage, ground: str, colour: str) -> float:
    """How much of the ground is covered, as if all of it were of this colour."""
    pixels = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = bytes(pixels.constBits())
    below, full = QColor(ground).green(), QColor(colour).green()
    return sum(abs(each - below) for each in raw[1::4]) / abs(full - below)


def answer_ink(words: str) -> float:
    view = TranscriptView()
    view.resize(900, 500)
    view.show()
    view.set_messages([Message("c", Role.ASSISTANT, (TextPart(words),))])
    colours = theme.current().colour
    # Without the name and the actions, which are not in the colour of text.
    box = view.stage.box(0)
    area = QRect(view.column_x, view.stage.y_of(0) + 40, box.width, box.height - 90)
    image = view.viewport().grab().toImage().copy(area)
    view.deleteLater()
    return ink_of(image, colours.surface, colours.text)


def painted_ink(words: str, name: str, pixels: int, weight: QFont.Weight) -> float:
    colours = theme.current().colour
    image = QImage(900, 60, QImage.Format.Format_RGB32)
    image.fill(QColor(colours.surface))
    painter = QPainter(image)
    painter.setFont(theme.ui_font(pixels, weight))
    painter.setPen(theme.colour(theme.words_colour(name, words)))
    painter.drawText(QRect(4, 4, 890, 52), 0, words)
    painter.end()
    return ink_of(image, colours.surface, getattr(colours, name))


@pytest.mark.parametrize(
    "words", [HAN, MIXED, LATIN, f"# 标题\n\n- {HAN}\n- **重点** `code` {HAN}"]
)
def test_an_answer_in_the_dark_theme_has_the_ink_of_the_light_one(
    qapp: QApplication, words: str
) -> None:
    theme.apply(qapp, theme.LIGHT)
    light = answer_ink(words)
    theme.apply(qapp, theme.DARK)
    dark = answer_ink(words)
    assert light > 1000
    assert abs(dark / light - 1) <= MOST


def test_italics_slant_latin_letters_and_no_chinese_ones(qapp: QApplication) -> None:
    view = TranscriptView()
    runs = [Run("更小", Face.ITALIC), Run(" and "), Run("smaller", Face.ITALIC)]
    style, kind = view.stage.style, view.stage.style.reading
    strip = TextRun(0, "".join(run.text for run in runs), 0, kind)
    strip.lay(600, wrapping(QTextOption.WrapMode.WordWrap), runs, kind, style)
    slanted = [each.format.fontItalic() for each in strip.layout.formats()]
    assert slanted == [False, True]
    view.deleteLater()


@pytest.mark.parametrize("name", ["text", "muted"])
@pytest.mark.parametrize("weight", [QFont.Weight.Normal, QFont.Weight.DemiBold])
@pytest.mark.parametrize("pixels", [13, 14, 15, 22])
def test_titles_and_notes_have_it_too(
    qapp: QApplication, name: str, weight: QFont.Weight, pixels: int
) -> None:
    theme.apply(qapp, theme.LIGHT)
    light = painted_ink(HAN[:30], name, pixels, weight)
    theme.apply(qapp, theme.DARK)
    assert abs(painted_ink(HAN[:30], name, pixels, weight) / light - 1) <= MOST
