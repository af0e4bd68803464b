"""Work that is too slow for a frame: colouring long code and drawing formulas, on one thread.

Who needs a result asks for it while painting and shows the text plainly until it is there;
`finished` says that asking again is worth it. Results are cached.
"""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal
from PySide6.QtGui import QFont

from studio.ui.transcript.layout.embedded import draw_picture
from studio.ui.transcript.layout.maths import Formula, draw_formula
from studio.ui.transcript.paint.colours import LONGEST_LINE, Lines, colour_lines, load_lexer

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_CODES = 128
_PICTURES = 32
_FORMULAS = 512
# A usual formula takes half a millisecond: short ones are there at once, as long as a frame has
# time for them. The rest is drawn on the thread.
ON_THE_SPOT = 500  # characters
AT_ONCE_SECONDS = 0.006
_Result = TypeVar("_Result")


class _Cache(Generic[_Result]):
    """Keeps the results that were used last; None stands for one that is being made."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[object, _Result | None] = OrderedDict()

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def get(self, key: object) -> _Result | None:
        found = self._kept[key]
        self._kept.move_to_end(key)
        return found

    def put(self, key: object, result: _Result | None) -> None:
        self._kept[key] = result
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)


class BackgroundRenderer(QObject):
    """`finished(formulas)`: something is ready; True when a formula is among it."""

    finished = Signal(bool)
    _made = Signal(object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._codes: _Cache[Lines] = _Cache(_CODES)
        self._formulas: _Cache[Formula | bool] = _Cache(_FORMULAS)
        self._pictures: _Cache[Formula | bool] = _Cache(_PICTURES)
        self._lexers: dict[str, Lexer | None] = {}
        self._asked: set[str] = set()
        self._spent = 0.0  # seconds on formulas in this turn of the event loop
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._begin_turn)
        self._open = 0  # what was asked for and is not done
        self._made.connect(self._on_made)

    def close(self) -> None:
        """Forget what waits, and end what is being done."""
        self._pool.clear()
        self._pool.waitForDone()

    @property
    def is_idle(self) -> bool:
        """Whether everything that was asked for is done."""
        return not self._open

    # -- code --------------------------------------------------------------

    def lexer(self, language: str) -> Lexer | None:
        """The lexer of a language; None while it is loaded, or when there is none."""
        if not language or language in self._asked:
            return self._lexers.get(language)
        self._asked.add(language)

        def store(lexer: Lexer | None) -> None:
            self._lexers[language] = lexer

        self._start(lambda: load_lexer(language), store, None, formula=False)
        return None

    def colours(self, code: str, language: str) -> Lines | None:
        """The colours of whole code; None while they are made, empty when there are none."""
        key = (language, code)
        if key in self._codes:
            return self._codes.get(key)
        lexer = self.lexer(language)
        if lexer is None:
            return None
        self._codes.put(key, None)

        none: Lines = []

        def work() -> Lines:
            if any(len(line) >= LONGEST_LINE for line in code.split("\n")):
                return []
            return colour_lines(lexer, code)

        self._start(work, lambda lines: self._codes.put(key, lines), none, formula=False)
        return None

    # -- formulas ----------------------------------------------------------

    def formula(
        self, source: str, display: bool, size: int, colour: str, ratio: float, font: QFont
    ) -> Formula | bool | None:
        """A drawn formula; None while it is drawn, False when that is not possible."""
        key = (source, display, size, colour, ratio)
        if key in self._formulas:
            return self._formulas.get(key)
        font = QFont(font)

        def work() -> Formula | bool:
            return draw_formula(source, display, size, colour, ratio, font) or False

        impossible: Formula | bool = False
        if len(source) <= ON_THE_SPOT and self._spent < AT_ONCE_SECONDS:
            return self._draw_at_once(key, work)
        self._formulas.put(key, None)
        self._start(work, lambda drawn: self._formulas.put(key, drawn), impossible, formula=True)
        return None

    def _draw_at_once(self, key: object, work: Callable[[], Formula | bool]) -> Formula | bool:
        """Draw within this turn of the event loop: it is quicker than the way to the thread."""
        if not self._spent:
            self._turn.start()
        begin = time.perf_counter()
        drawn = work()
        self._spent += time.perf_counter() - begin
        self._formulas.put(key, drawn)
        return drawn

    def _begin_turn(self) -> None:
        self._spent = 0.0

    def picture(self, data: str, width: int, height: int, ratio: float) -> Formula | bool | None:
        """A picture from a `data:` address; None while it is read, False when that fails."""
        key = (data, width, height, ratio)
        if key in self._pictures:
            return self._pictures.get(key)
        self._pictures.put(key, None)
        impossible: Formula | bool = False

        def work() -> Formula | bool:
            return draw_picture(data, width, height, ratio) or False

        self._start(work, lambda drawn: self._pictures.put(key, drawn), impossible, formula=True)
        return None

    # -- the thread --------------------------------------------------------

    def _start(
        self,
        work: Callable[[], _Result],
        store: Callable[[_Result], None],
        failed: _Result,
        *,
        formula: bool,
    ) -> None:
        """Do `work` on the thread, and `store` what it returns on this one.

        `failed` is stored when it raises: then it is not tried again.
        """
        self._open += 1

        def run() -> None:
            result = failed
            try:
                result = work()
            finally:
                # The view may be gone by the time it is done.
                with contextlib.suppress(RuntimeError, AttributeError):
                    self._made.emit(lambda: store(result), formula)

        self._pool.start(run)

    def _on_made(self, store: Callable[[], None], formula: bool) -> None:
        store()
        self._open -= 1
        self.finished.emit(formula)
