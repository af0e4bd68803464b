"""One task of the transcript's benchmark: prints what it measured as JSON, by name."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from _answers import CHARACTERS, answer, code
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QPlainTextEdit, QTextEdit

from studio.core.messages import Message, MessageStatus, Role, TextPart
from studio.ui.look import theme
from studio.ui.transcript.layout.message import ANSWER
from studio.ui.transcript.paint.repaint_throttle import RepaintThrottle
from studio.ui.transcript.view import TranscriptView

FRAMES = 60  # a second
Measured = dict[str, list[float]]


def cpu(work: Callable[[], object]) -> float:
    """Milliseconds of CPU that this thread needs, paints included."""
    start = time.thread_time()
    work()
    _app().processEvents()
    return (time.thread_time() - start) * 1e3


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def _shown(widget: QAbstractScrollArea) -> None:
    widget.resize(900, 700)
    widget.show()
    _app().processEvents()


def _view(messages: list[Message]) -> TranscriptView:
    view = TranscriptView()
    _shown(view)
    view.set_messages(messages)
    _app().processEvents()
    return view


def _gone(widget: QAbstractScrollArea) -> None:
    widget.close()
    widget.deleteLater()
    _app().processEvents()


def _text(text: str, status: MessageStatus = MessageStatus.COMPLETE) -> Message:
    return Message("c", Role.ASSISTANT, (TextPart(text),), model="q/Q", status=status)


# -- streaming -------------------------------------------------------------


def _stream_view(text: str, rate: int) -> list[float]:
    """CPU of each frame while the text streams into a view, on a clock of our own."""
    first = _text("", MessageStatus.STREAMING)
    view = _view([replace(first, role=Role.USER, parts=(TextPart("Go"),), id="q"), first])
    now = [0.0]
    view.pace = RepaintThrottle(lambda: now[0])
    step = max(1, rate // FRAMES) * CHARACTERS
    frames = []
    for end in range(step, len(text) + step, step):
        message = replace(first, parts=(TextPart(text[:end]),))
        now[0] += 1 / FRAMES
        frames.append(cpu(lambda message=message: view.update_message(message)))  # type: ignore[misc]
    frames.append(cpu(view.flush))
    _gone(view)
    return frames


def _stream_limit(text: str, rate: int) -> list[float]:
    """The same frames appended to a QTextEdit as plain text."""
    edit = QTextEdit()
    edit.setReadOnly(True)
    edit.setUndoRedoEnabled(False)
    edit.setFont(theme.ui_font(theme.current().type.reading))
    _shown(edit)
    cursor = QTextCursor(edit.document())
    bar = edit.verticalScrollBar()
    step = max(1, rate // FRAMES) * CHARACTERS

    def add(part: str) -> None:
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(part)
        bar.setValue(bar.maximum())

    frames = [
        cpu(lambda start=start: add(text[start : start + step]))  # type: ignore[misc]
        for start in range(0, len(text), step)
    ]
    _gone(edit)
    return frames


def stream(tokens: int, rate: int, runs: int) -> Measured:
    """An answer of so many tokens at so many a second, and its limit, in turn."""
    text = answer(tokens)
    _stream_view(text[:8_000], rate)
    found: Measured = {"view": [], "limit": [], "worst": []}
    for _ in range(runs):
        frames = _stream_view(text, rate)
        limit = _stream_limit(text, rate)
        found["view"].append(sum(frames) / tokens * 1_000)
        found["limit"].append(sum(limit) / tokens * 1_000)
        found["worst"].append(max(frames))
    return found


class _Always(RepaintThrottle):
    """Every frame is painted at once: none of one view falls into the time of another."""

    def wait(self) -> float:
        return 0.0


class _Growing:
    """A view whose answer grows by a piece again and again."""

    def __init__(self, piece: str, times: int) -> None:
        self._piece, self._end = piece, 0
        self._message = _text("", MessageStatus.STREAMING)
        asked = replace(self._message, role=Role.USER, parts=(TextPart("Go"),), id="q")
        self.view = _view([asked, self._message])
        self.view.pace = _Always()
        for _ in range(times * 16):
            self.grow(len(piece) // 16)
        self.grow(len(piece) * times - self._end)

    def grow(self, step: int) -> float:
        """CPU of the frame that shows so many characters more."""
        self._end += step
        text = self._piece * (self._end // len(self._piece) + 1)
        message = replace(self._message, parts=(TextPart(text[: self._end]),))
        return cpu(lambda: self.view.update_message(message))


def growth(tokens: int, runs: int) -> Measured:
    """The same frames at the beginning of a long answer and at its end, in turn.

    The same words: two tenths of one answer differ by more than they may grow. And in turn,
    because on a busy machine one half of a minute costs more than the other.
    """
    step = 16 * CHARACTERS
    piece = answer(1_000)
    piece = piece[: piece.rindex("\n\n## ") + 2]
    piece += "\n" * (-len(piece) % step)
    first, last = _Growing(piece, 3), _Growing(piece, tokens * CHARACTERS // len(piece) - runs)
    found: Measured = {"first": [], "last": []}
    for number in range(runs):
        frames: Measured = {"first": [], "last": []}
        for _ in range(len(piece) // step):
            pair = [("first", first), ("last", last)]
            for name, view in pair if number % 2 else reversed(pair):
                frames[name].append(view.grow(step))
        for name in found:
            found[name].append(statistics.mean(frames[name]))
    _gone(first.view)
    _gone(last.view)
    return found


def colours(tokens: int, rate: int, runs: int) -> Measured:
    """One long block of code, in a language and in none."""
    found: Measured = {"coloured": [], "plain": []}
    _stream_view(code(500, "python"), rate)
    for _ in range(runs):
        for name, language in (("coloured", "python"), ("plain", "")):
            frames = _stream_view(code(tokens, language), rate)
            found[name].append(sum(frames) / tokens * 1_000)
    return found


def counts(tokens: int) -> Measured:
    """How many sections that were there before are read again for one delta."""
    text = answer(tokens)
    first = _text("", MessageStatus.STREAMING)
    view = _view([first])
    now = [0.0]
    view.pace = RepaintThrottle(lambda: now[0])
    view.update_message(replace(first, parts=(TextPart(text[:8]),)))
    flow = view.stage.box(0).flows[ANSWER]
    worst = 0
    for end in range(16, len(text), 8):
        now[0] += 1 / FRAMES
        outline = flow.outline
        reads, laid_out, there = outline.reads, flow.laid_out, len(outline.sections)
        view.update_message(replace(first, parts=(TextPart(text[:end]),)))
        fresh = max(0, len(outline.sections) - there)
        worst = max(worst, outline.reads - reads, flow.laid_out - laid_out - fresh)
        _app().processEvents()
    return {"reads": [float(worst)]}


# -- long conversations ----------------------------------------------------


def conversation(count: int) -> list[Message]:
    """Questions and answers of 20 to 1,000 tokens."""
    pool = [answer(tokens, tokens) for tokens in (20, 60, 120, 200, 300, 450, 700, 1_000)]
    messages = []
    for number in range(count):
        asked = number % 2 == 0
        text = f"{pool[number * 7 % 3 if asked else 2 + number * 5 % 6]} #{number}"
        role = Role.USER if asked else Role.ASSISTANT
        messages.append(Message("c", role, (TextPart(text),), model="q/Q", id=str(number)))
    return messages


def open(few: int, many: int, runs: int) -> Measured:
    """CPU until the end of the conversation is painted whole."""
    found: Measured = {"few": [], "many": [], "screens": []}
    all_messages = conversation(many)
    view = _view([])
    for _ in range(runs + 1):
        for name, count in (("few", few), ("many", many)):
            messages = all_messages[-count:]
            view.set_messages([])
            _app().processEvents()
            found[name].append(cpu(lambda messages=messages: view.set_messages(messages)))  # type: ignore[misc]
        laid_out = sum(
            section.height
            for box in view.stage._boxes.values()
            for flow in box.flows.values()
            for _, section in flow.laid()
        )
        found["screens"].append(laid_out / view.stage.view_height)
    return {name: values[1:] for name, values in found.items()}


def _resident() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def memory(count: int) -> Measured:
    """Megabytes that showing and walking through a conversation adds to its text."""
    messages = conversation(count)
    view = _view([_text(answer(400))])
    before = _resident()
    view.set_messages(messages)
    _app().processEvents()
    bar = view.verticalScrollBar()
    for _ in range(120):
        bar.setValue(bar.value() - 400)
        _app().processEvents()
    return {"added": [_resident() - before]}


def scroll(count: int, steps: int, runs: int) -> Measured:
    """The 99th percentile of frames, up from the end through what was never seen."""
    messages = conversation(count)
    plain = QPlainTextEdit()
    plain.setReadOnly(True)
    plain.setUndoRedoEnabled(False)
    plain.setFont(theme.ui_font(theme.current().type.reading))
    plain.setPlainText("\n\n".join(message.text for message in messages))
    _shown(plain)
    line = plain.fontMetrics().lineSpacing()
    pixels = line * 5  # the same for both
    found: Measured = {"view": [], "limit": []}
    for _ in range(runs):
        view = _view(messages)
        found["view"].append(_percentile(_scrolled(view, -pixels, steps)))
        _gone(view)
        plain.verticalScrollBar().setValue(plain.verticalScrollBar().maximum())
        _app().processEvents()
        found["limit"].append(_percentile(_scrolled(plain, -5, steps)))
    return found


CORPUS = Path(__file__).resolve().parents[1] / "data" / "formulas" / "corpus.tex"


def formulas(streamed: int, scrolled: int) -> Measured:
    """CPU of the longest hold while formulas stream in, and while one scrolls over many."""
    lines = CORPUS.read_text("utf-8").splitlines()
    known = [line for line in lines if line and not line.startswith("%")]
    many = [known[number % len(known)] for number in range(scrolled)]
    text = "".join(f"式 {n}：$a_{{{n}}}$\n\n$$\n{each}\n$$\n\n" for n, each in enumerate(many))
    short = text[: text.index(f"式 {streamed}：")]
    _gone(_view([_text("The first *answer* of all")]))  # what is done once in a run
    view = _view([_text("", MessageStatus.STREAMING)])
    first = view.stage.messages[0]
    frames = []
    for end in range(24, len(short) + 24, 24):
        grown = replace(first, parts=(TextPart(short[:end]),))
        frames.append(cpu(partial(_show, view, grown)))
    _gone(view)
    view = _view([_text(text)])
    steps = _scrolled(view, -60, 400)
    _gone(view)
    return {"streamed": [max(frames)], "scrolled": [max(steps)]}


def _show(view: TranscriptView, grown: Message) -> None:
    view.update_message(grown)
    view.flush()


def _scrolled(area: QAbstractScrollArea, by: int, steps: int) -> list[float]:
    bar = area.verticalScrollBar()
    return [cpu(lambda: bar.setValue(bar.value() + by)) for _ in range(steps)]


def _percentile(frames: list[float]) -> float:
    return sorted(frames)[int(len(frames) * 0.99)]


def resize(few: int, many: int, runs: int) -> Measured:
    """CPU until everything in sight is painted at another width."""
    all_messages = conversation(many)
    views = {"few": _view(all_messages[-few:]), "many": _view(all_messages)}
    found: Measured = {"few": [], "many": []}
    for run in range(runs * 2 + 2):
        for name, view in views.items():
            width = 700 if run % 2 else 900
            found[name].append(cpu(lambda view=view, width=width: view.resize(width, 700)))  # type: ignore[misc]
    return {name: values[2:] for name, values in found.items()}


def find(count: int, runs: int) -> Measured:
    """CPU of looking for a word in everything, and the longest slice of it."""
    view = _view(conversation(count))
    found: Measured = {"cpu": [], "held": []}
    for _ in range(runs):
        slices = [cpu(lambda: view.finding.find("Request", False))]
        while not view.finder.is_done:
            slices.append(cpu(lambda: None))
        assert view.finder.count > count / 2
        view.finding.find("", False)
        found["cpu"].append(sum(slices))
        found["held"].append(max(slices))
    return found


# -- hostile text ----------------------------------------------------------

HOSTILE = {
    "nested quotes": ">" * 5_000 + " x",
    "nested lists": "- " * 5_000 + "x",
    "nested stars": "* " * 5_000 + "x",
    "nested by indentation": "".join("  " * depth + "- x\n" for depth in range(300)),
    "line of 1 MB": "word " * 200_000,
    "line of 1 MB without a space": "a" * 1_000_000,
    "han": "汉字" * 300_000,
    "10,000 rows": "| a | b | c |\n|---|---|---|\n" + "| 1 | **2** | 3 |\n" * 10_000,
    "2,000 columns": "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n",
    "backticks": "`" * 100_000,
    "stars": "*" * 100_000,
    "brackets": "[" * 100_000,
    "pictures": "![" * 50_000,
    "nested tables": "<table><tr><td>" * 5_000,
    "references": "".join(f"[r{n}]: http://x.y/{n}\n" for n in range(5_000)) + "\n[r1]",
    "code of 1 MB": "```python\n" + "x = 1\n" * 150_000,
    "code in one line": "```json\n" + '{"a":1},' * 120_000,
    "items": "- item **b**\n" * 20_000,
    "paragraphs": "para\n\n" * 20_000,
    "lines": "line\n" * 50_000,
    "formulas": "$a_1$ " * 20_000,
}


def hostile() -> Measured:
    """The longest time the window is held by each text, at once and streamed, and by scrolling."""
    held: list[float] = []
    for text in HOSTILE.values():
        held.append(max(_hostile_at_once(text)))
        held.append(max(_hostile_stream(text)))
    return {"held": held}


def _hostile_at_once(text: str) -> list[float]:
    view = TranscriptView()
    _shown(view)
    message = _text(text)
    held = [cpu(lambda: view.set_messages([message]))]
    while not view.stage.box(0).is_read:
        held.append(cpu(lambda: None))
    bar = view.verticalScrollBar()
    for share in (0.0, 0.5, 1.0):
        held.append(cpu(lambda share=share: bar.setValue(int(bar.maximum() * share))))  # type: ignore[misc]
    _gone(view)
    return held


def _hostile_stream(text: str) -> list[float]:
    first = _text("", MessageStatus.STREAMING)
    view = _view([first])
    view.pace = RepaintThrottle(lambda: 0.0)
    step = len(text) // 100 + 1
    held = []
    for end in range(step, len(text) + step, step):
        view.update_message(replace(first, parts=(TextPart(text[:end]),)))
        held.append(cpu(view.flush))
    view.update_message(_final(first, text))
    held.append(cpu(view.flush))
    _gone(view)
    return held


def _final(message: Message, text: str) -> Message:
    return replace(message, parts=(TextPart(text),), status=MessageStatus.COMPLETE)


TASKS: dict[str, Callable[..., Measured]] = {
    "stream": stream,
    "growth": growth,
    "colours": colours,
    "counts": counts,
    "open": open,
    "memory": memory,
    "scroll": scroll,
    "resize": resize,
    "find": find,
    "formulas": formulas,
    "hostile": hostile,
}


def main() -> None:
    """Do the task that is named, with its options as JSON."""
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    options: dict[str, Any] = json.loads(sys.argv[2])
    print(json.dumps(TASKS[sys.argv[1]](**options)))


if __name__ == "__main__":
    main()
