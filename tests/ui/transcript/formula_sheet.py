"""The formulas of the corpus as one picture, which people look at and tests compare with.

    python -m tests.ui.transcript.formula_sheet

draws `tests/data/formulas/sheet.png` anew; look at it before it is kept.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from studio.ui.transcript.layout.maths import Formula, draw_formula

FOLDER = Path(__file__).resolve().parents[2] / "data" / "formulas"
SHEET = FOLDER / "sheet.png"
COLUMNS, WIDTH, HEIGHT, MARGIN = 4, 440, 150, 6
SIZE = 18


def corpus() -> list[str]:
    """Formulas as models write them; lines that begin with % are headings."""
    lines = (FOLDER / "corpus.tex").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("%")]


def drawn(source: str, colour: str = "#000000") -> Formula | None:
    """A formula as the sheet shows it."""
    return draw_formula(source, True, SIZE, colour, 1.0, QFont())


def place(number: int) -> QRect:
    """Where the formula with a number is on the sheet."""
    row, column = divmod(number, COLUMNS)
    return QRect(column * WIDTH, row * HEIGHT, WIDTH, HEIGHT)


def cell(formula: Formula | None) -> QImage:
    """A formula on white, cut where the cell ends."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    if formula is not None:
        painter = QPainter(image)
        painter.drawImage(QPoint(MARGIN, MARGIN), formula.image)
        painter.end()
    return image


def sheet() -> QImage:
    """All formulas, in the order of the corpus."""
    formulas = corpus()
    rows = -(-len(formulas) // COLUMNS)
    image = QImage(COLUMNS * WIDTH, rows * HEIGHT, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    painter = QPainter(image)
    for number, source in enumerate(formulas):
        painter.drawImage(place(number).topLeft(), cell(drawn(source)))
    painter.end()
    return image


if __name__ == "__main__":
    import os

    from PySide6.QtWidgets import QApplication

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    sheet().save(str(SHEET))
