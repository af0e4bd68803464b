"""Formulas as models write them: drawn as they were when somebody looked, or not at all."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QImage, QImageReader

from studio.core.markdown.latex import prepared
from studio.ui.transcript.layout.maths import LONGEST, Formula, draw_formula, speak_formula
from tests.ui.transcript.formula_sheet import (
    HEIGHT,
    MARGIN,
    SHEET,
    WIDTH,
    cell,
    corpus,
    drawn,
    place,
)

_OTHER_LETTERS = re.compile(r"[^\x00-\u024f]")
_NEAR = 2.0  # of 255, on the mean over a formula: a letter that differs is beyond


@pytest.fixture(scope="module")
def kept(qapp: object) -> QImage:
    """The picture that somebody looked at."""
    image = QImageReader(str(SHEET)).read()
    assert not image.isNull()
    return image.convertToFormat(QImage.Format.Format_Grayscale8)


def _far(formula: Formula | None, kept: QImage, number: int) -> float:
    """How different a formula is from the one on the sheet, on the mean over its own size."""
    assert formula is not None
    place_on_sheet = place(number)
    own = formula.image.rect().translated(MARGIN, MARGIN).intersected(QRect(0, 0, WIDTH, HEIGHT))
    one = cell(formula).copy(own)
    other = kept.copy(own.translated(place_on_sheet.topLeft()))
    return sum(abs(a - b) for a, b in zip(_pixels(one), _pixels(other), strict=True)) / (
        own.width() * own.height()
    )


def _pixels(image: QImage) -> bytes:
    # Without what fills a line up to a multiple of four bytes.
    every, step = bytes(image.constBits()), image.bytesPerLine()
    return b"".join(every[y * step : y * step + image.width()] for y in range(image.height()))


@pytest.mark.parametrize(("number", "source"), list(enumerate(corpus())))
def test_a_formula_looks_as_it_did(number: int, source: str, kept: QImage) -> None:
    formula = drawn(source)
    assert formula is not None
    assert formula.ascent <= formula.height
    if not _OTHER_LETTERS.search(source):  # those come from the fonts of the machine
        assert _far(formula, kept, number) < _NEAR


def test_another_formula_would_be_noticed(kept: QImage) -> None:
    """The tolerance is smaller than the difference between two formulas that are alike."""
    assert _far(drawn(corpus()[0].replace("4ac", "4ab")), kept, 0) > _NEAR
    assert _far(drawn(corpus()[0].replace("4ac", "9bd")), kept, 0) > _NEAR
    assert _far(drawn(corpus()[8]), kept, 0) > _NEAR


def test_the_corpus_is_as_long_as_it_is_said_to_be() -> None:
    assert len(corpus()) >= 150
    assert len(set(corpus())) == len(corpus())


@pytest.mark.parametrize(
    "source",
    [
        *(r"\frac{1}{2", r"\left( x", r"\foo{x}", r"\begin{pmatrix} 1 & 2", r"x^", r"x^2^3", r"x}"),
        *(r"\end{a}", r"\sqrt", r"\begin{foo} x \end{foo}", r"\frac{1}", "", " ", "\\", "\x00"),
        *(r"\includegraphics{/etc/passwd}", r"\input{/etc/passwd}", r"\href{http://x.example}{y}"),
        *(r"\def\a{\a}\a", r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}\a", "{" * 500 + "}" * 500),
        *(r"\rule{100000em}{100000em}", r"\hspace{1e9em}x", "x+" * LONGEST),
    ],
)
def test_what_is_not_understood_whole_shows_its_source(source: str, qapp: object) -> None:
    assert draw_formula(source, True, 15, "#000000", 1.0, QFont()) is None


def _columns(source: str) -> list[int]:
    """How much ink there is in each column of pixels."""
    formula = draw_formula(source, True, 30, "#000000", 1.0, QFont())
    assert formula is not None
    image = formula.image
    return [
        sum(image.pixelColor(x, y).alpha() > 128 for y in range(image.height()))
        for x in range(image.width())
    ]


@pytest.mark.parametrize(
    "array",
    [
        r"\begin{array}{c|c} 1 & 2 \\ 3 & 4 \end{array}",
        r"\frac{1}{\begin{array}{c|c} 1 & 2 \\ 3 & 4 \\ 5 & 6 \end{array}}",
        r"\begin{array}{c|c} 1 & \dfrac{1}{2} \\ 3 & 4 \end{array}",
        r"\begin{array}{c|c} 1 & 2 \end{array}",
    ],
)
def test_a_line_between_columns_reaches_from_the_first_row_to_the_last(
    array: str, qapp: object
) -> None:
    rows = array.count("\\\\") + 1
    assert max(_columns(array)) > rows * 30 * 1.1


def test_a_frame_is_closed(qapp: object) -> None:
    ink = _columns(r"\boxed{x}")
    assert max(ink[:2]) > 30 * 0.9 and max(ink[-4:]) > 30 * 0.9


def test_rows_with_fractions_do_not_touch(qapp: object) -> None:
    for name in ("pmatrix", "bmatrix", "vmatrix", "cases", "array", "aligned"):
        columns = "{c}" if name == "array" else ""
        source = (
            rf"\begin{{{name}}}{columns} \frac{{111}}{{222}} \\ \frac{{333}}{{444}} \end{{{name}}}"
        )
        formula = draw_formula(source, True, 30, "#000000", 1.0, QFont())
        assert formula is not None
        image = formula.image
        # The middle of the fractions, without what stands around them.
        ink = [
            any(
                image.pixelColor(x, y).alpha() > 40
                for x in range(image.width() * 11 // 20, image.width() * 13 // 20)
            )
            for y in range(image.height())
        ]
        stretches = re.findall("1+", "".join("1" if each else "0" for each in ink))
        assert len(stretches) >= 6, (name, stretches)  # two numbers and a bar, twice


def test_letters_that_the_maths_font_lacks_come_from_the_text_s_font(qapp: object) -> None:
    for source in (
        r"\text{价格 p}",
        r"v_{\text{最大}}",
        r"\mathrm{价}",
        r"\operatorname{最大}_x",
        r"\ce{A ->[催化剂] B}",
        r"x = 价格",
        r"\text{かな} + \text{한글}",
        r"\tag{式1} x",
    ):
        with_letters = draw_formula(source, True, 30, "#000000", 1.0, QFont())
        assert with_letters is not None, source
        assert with_letters.image.width() > 20


def test_black_ink_is_the_ink_of_the_theme(qapp: object) -> None:
    formula = draw_formula(r"\color{black}{x}", True, 30, "#FFFFFF", 1.0, QFont())
    assert formula is not None
    lightest = max(
        formula.image.pixelColor(x, y).lightness()
        for x in range(formula.image.width())
        for y in range(formula.image.height())
    )
    assert lightest > 240


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"f(x)＝x^2，x＞0", r"f(x)=x^2,\,x>0"),
        (r"\text{若，则}＝1", r"\text{若，则}=1"),
        (r"\tag{1} x", r"x \tag{1}"),
        (r"\operatorname*{arg\,min}_x", r"\mathop{\text{arg min}}\limits_x"),
        (r"\operatorname{softmax}(x)", r"\operatorname{softmax}(x)"),
        (r"\mathbb{1}", "𝟙"),
        (r"\mathbb{R}", r"\mathbb{R}"),
        (r"\pu{1.2e3 kJ mol-1}", r"1.2 \times 10^{3}\,\mathrm{kJ\,mol^{-1}}"),
        (r"\texttt{a b}", r"\mathtt{a\ b}"),
        (r"\begin{eqnarray*} a &=& b \end{eqnarray*}", r"\begin{array}{rcl} a &=& b \end{array}"),
        (r"\begin{matrix} 1 \\ 2 \end{matrix}", r"\begin{matrix} 1 \\ 2 \end{matrix}"),
    ],
)
def test_a_formula_is_brought_into_the_form_that_is_drawn_right(written: str, read: str) -> None:
    assert prepared(written).strip() == read


def test_a_formula_is_said_in_words_of_the_window_s_language() -> None:
    assert speak_formula(r"\frac{a}{b}", "en") != r"\frac{a}{b}"
    assert "分之" in speak_formula(r"\frac{a}{b}", "zh")
    assert speak_formula(r"\foo{a}", "en") == r"\foo{a}"
