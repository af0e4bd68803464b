"""An answer that grows: what is painted, where the reader stays, how little is done for it."""

from __future__ import annotations

import random
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint

from studio.core.messages import MessageStatus, ReasoningPart, TextPart
from studio.ui.transcript.layout.message import ANSWER
from studio.ui.transcript.paint.repaint_throttle import RepaintThrottle
from studio.ui.transcript.view import TranscriptView
from tests.markdown_parts import answers
from tests.transcript_parts import (
    answer,
    conversation,
    mouse,
    on_screen,
    paint,
    painted_anew,
    point_of,
    question,
    same_pixels,
    settle,
    started,
    stream,
)


def _ends(text: str, seed: int, most: int = 60) -> list[int]:
    dice, ends, at = random.Random(seed), [], 0
    while at < len(text):
        at += dice.randint(1, most)
        ends.append(min(at, len(text)))
    return ends


@pytest.mark.parametrize("name", answers())
def test_pixels_that_were_moved_equal_pixels_painted_anew(view: TranscriptView, name: str) -> None:
    """Scrolling by moving pixels and painting only the tail leaves nothing behind."""
    message = answer(answers()[name])
    view.set_messages([question("Go"), started(message)])
    text = message.text
    for step, end in enumerate(_ends(text, 3)):
        part = replace(message, parts=(TextPart(text[:end]),), status=MessageStatus.STREAMING)
        view.update_message(part)
        view.flush()
        paint(view)
        if step % 6 == 0:
            assert same_pixels(on_screen(view), painted_anew(view)), f"step {step}, {end}"
    view.update_message(message)
    view.flush()
    settle(lambda: not view.stage.box(1).flows[ANSWER]._outline.is_stale)
    assert same_pixels(on_screen(view), painted_anew(view))


@pytest.mark.parametrize("name", answers())
@pytest.mark.parametrize("seed", [1, 2])
def test_a_streamed_answer_looks_like_one_that_came_at_once(
    view: TranscriptView, name: str, seed: int
) -> None:
    """Line breaks, heights and all pixels are the same."""
    message = answer(answers()[name])
    view.set_messages([question("Go"), started(message)])
    stream(view, message, _ends(message.text, seed))
    _see_everything(view)
    streamed, whole = painted_anew(view), view.stage.whole
    view.set_messages([question("Go"), message])
    _see_everything(view)
    assert view.stage.whole == whole
    assert same_pixels(painted_anew(view), streamed)


def _see_everything(view: TranscriptView) -> None:
    """So that no height is a guess: neither of what was not seen, nor of a late formula."""
    _let_everything_be_drawn(view)
    for _ in range(2):
        view.go_to_top()
        paint(view)
        view.go_to_bottom()
        paint(view)


def _let_everything_be_drawn(view: TranscriptView) -> None:
    """Formulas and colours come from another thread."""
    workshop = view._workshop

    def idle() -> bool:
        paint(view)
        return workshop.is_idle

    for _ in range(3):
        settle(idle)


def test_the_view_follows_the_end_only_if_the_reader_is_there(view: TranscriptView) -> None:
    """Who scrolled up keeps the very same pixels while the answer grows below."""
    message = answer("word " * 3_000)
    view.set_messages([*conversation(6), started(message)])
    stream(view, replace(message, parts=(TextPart(message.text[:9_000]),)), range(0, 9_000, 900))
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(bar.value() - 400)
    before, at = on_screen(view), view.stage.top
    stream(view, message, range(9_000, 15_000, 500))
    assert view.stage.top == at
    assert same_pixels(on_screen(view), before)
    assert bar.maximum() > at + 400


def test_the_view_does_not_move_while_the_reader_selects(view: TranscriptView) -> None:
    """A drag that began at the end holds the text where it is."""
    message = answer("first words here. " + "word " * 2_000)
    view.set_messages([question("Go"), started(message)])
    stream(view, replace(message, parts=(TextPart(message.text[:2_000]),)), [2_000])
    at = point_of(view, 1, "first words")
    view.go_to_bottom()
    at = QPoint(view.column_x + 40, 300)
    mouse(view, QEvent.Type.MouseButtonPress, at)
    mouse(view, QEvent.Type.MouseMove, at + QPoint(150, 30))
    before = view.stage.top
    part = replace(message, parts=(TextPart(message.text[:6_000]),), status=MessageStatus.STREAMING)
    view.update_message(part)
    view.flush()
    assert view.stage.top == before
    mouse(view, QEvent.Type.MouseButtonRelease, at + QPoint(150, 30))
    assert not view.selection.is_empty


def test_a_delta_lays_out_one_section(view: TranscriptView) -> None:
    """However long the answer is; two where it ends one block and begins another."""
    text = "\n\n".join(f"Paragraph {n} with **some** words in it." for n in range(300))
    message = answer(text)
    view.set_messages([question("Go"), started(message)])
    stream(view, replace(message, parts=(TextPart(text[:-400]),)), range(0, len(text) - 400, 700))
    flow = view.stage.box(1).flows[ANSWER]
    outline = flow.outline
    for end in range(len(text) - 399, len(text) + 1, 7):
        laid_out, reads, settled = flow.laid_out, outline.reads, outline.settled
        part = replace(message, parts=(TextPart(text[:end]),), status=MessageStatus.STREAMING)
        view.update_message(part)
        view.flush()
        paint(view)
        assert flow.laid_out - laid_out <= 1 + (outline.settled - settled)
        assert outline.reads - reads <= 1


def test_many_deltas_within_a_frame_are_painted_once(view: TranscriptView) -> None:
    """The first at once, the rest together a frame later."""
    now = [100.0]
    view.pace = RepaintThrottle(lambda: now[0])
    message = answer("one two three four five six seven")
    view.set_messages([question("Go"), started(message)])
    shown: list[str] = []
    for end in range(1, 20):
        part = replace(
            message, parts=(TextPart(message.text[:end]),), status=MessageStatus.STREAMING
        )
        view.update_message(part)
        shown.append(view.stage.messages[1].text)
    assert set(shown) == {"o"}
    now[0] += 0.016
    settle(lambda: view.stage.messages[1].text == message.text[:19])


def test_a_pour_is_painted_less_often() -> None:
    """From 400 and 3,000 tokens a second on; slower answers each frame."""
    now = [0.0]
    pace = RepaintThrottle(lambda: now[0])
    for per_frame, painted in ((20, 30), (32, 15), (150, 15), (400, 10)):
        length, count = 0, 0
        pace.painted(0)
        for _ in range(30):
            now[0] += 1 / 60
            length += per_frame
            if not pace.wait():
                pace.painted(length)
                count += 1
        assert abs(count - painted) <= 1


def test_the_reasoning_is_folded_when_the_answer_begins(view: TranscriptView) -> None:
    """Open while the model thinks; the user's own choice is remembered."""
    message = answer("The answer.", "Hm, " * 50)
    thinking = replace(message, parts=message.parts[:1], status=MessageStatus.STREAMING)
    view.set_messages([question("Go"), thinking])
    assert view.stage.box(1).is_open
    view.update_message(replace(message, status=MessageStatus.STREAMING))
    view.flush()
    assert not view.stage.box(1).is_open
    told: list[tuple[str, bool]] = []
    view.reasoning_toggled.connect(lambda *what: told.append(what))
    view.toggle_reasoning(message.id)
    view.update_message(message)
    view.flush()
    assert view.stage.box(1).is_open
    assert told == [(message.id, True)]


def test_thinking_paints_only_its_tail(view: TranscriptView) -> None:
    """A long reasoning is as flat as a long answer, and leaves nothing behind."""
    thought = "I think, therefore I write. " * 120
    message = answer("", thought)
    view.set_messages([question("Go"), started(message)])
    for end in range(40, len(thought), 160):
        part = ReasoningPart(thought[:end])
        view.update_message(replace(message, parts=(part,), status=MessageStatus.STREAMING))
        view.flush()
        paint(view)
    assert same_pixels(on_screen(view), painted_anew(view))
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0


_PIECE = """## What it costs

Each of these words arrives **alone**, and `none()` of them may cost more than the first one did.
魔搭社区提供开源模型的推理接口，用户可以用标准的方式调用大语言模型与图像生成模型。

- one item, and
- another one

| Name | Cost |
|---|---:|
| words | 12 |

```
def cost(words):
    return len(words)
```

"""


def _calls_of_growing(view: TranscriptView, times: int) -> int:
    """How many calls, ours and of C, the same words take at the end of so many pieces."""
    message = answer("")
    view.set_messages([question("Go"), started(message)])
    text = _PIECE * (times + 2)

    def show(end: int) -> None:
        part = replace(message, parts=(TextPart(text[:end]),), status=MessageStatus.STREAMING)
        view.update_message(part)
        view.flush()
        paint(view)

    for end in range(0, len(_PIECE) * (times + 1), 200):
        show(end)
    show(len(_PIECE) * (times + 1))
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    for end in range(len(_PIECE) * (times + 1), len(text), 20):
        sys.setprofile(count)
        try:
            show(end)
        finally:
            sys.setprofile(None)
    return calls


def test_words_at_the_end_of_a_long_answer_cost_what_they_cost_at_its_beginning(
    view: TranscriptView,
) -> None:
    short, long = _calls_of_growing(view, 6), _calls_of_growing(view, 150)
    assert long <= 1.05 * short
