"""Formulas and colours of code: cached, long ones off this thread, readable when they fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QFont, QImage

from studio.core.messages import ImagePart, MessageStatus, TextPart
from studio.ui.look import theme
from studio.ui.transcript.layout.background import AT_ONCE_SECONDS, ON_THE_SPOT, BackgroundRenderer
from studio.ui.transcript.layout.code import CodeBox
from studio.ui.transcript.layout.maths import draw_formula
from studio.ui.transcript.layout.message import ANSWER
from studio.ui.transcript.paint.colours import Span, colour_lines, load_lexer
from studio.ui.transcript.view import TranscriptView
from tests.transcript_parts import (
    answer,
    clipboard,
    drag,
    paint,
    painted_anew,
    point_of,
    question,
    same_pixels,
    settle,
    started,
)

GOOD = [
    r"E=mc^2",
    r"\frac{-b\pm\sqrt{b^2-4ac}}{2a}",
    r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
    r"\int_{-\infty}^{\infty} e^{-x^2}\,dx=\sqrt{\pi}",
    r"\begin{pmatrix}a&b\\c&d\end{pmatrix}",
    r"\begin{cases}x&x>0\\0&\text{otherwise}\end{cases}",
    r"\begin{aligned}a&=b+c\\&=d\end{aligned}",
    r"\operatorname{argmax}_\theta \prod_i p(x_i;\theta)",
    r"x = 5 \tag{1}",
    r"\text{价格} = 5",
]
BAD = [r"\frac{a", r"x^{", r"\unknowncommand{x}", r"\begin{foo}x\end{foo}", "{" * 400]


def _ink(image: QImage) -> int:
    """How many pixels are not empty."""
    return sum(
        image.pixelColor(x, y).alpha() > 0
        for x in range(image.width())
        for y in range(image.height())
    )


@pytest.mark.parametrize("source", GOOD)
def test_formulas_are_drawn_with_a_baseline(source: str, qapp: object) -> None:
    """At the size of the text, sharp for the screen."""
    drawn = draw_formula(source, False, 15, "#1B1C22", 2.0, QFont())
    assert drawn is not None
    assert _ink(drawn.image) > 20
    assert drawn.image.devicePixelRatio() == 2.0
    assert 0 < drawn.ascent <= drawn.height < 90


@pytest.mark.parametrize("source", BAD)
def test_what_is_not_understood_is_not_drawn(source: str, qapp: object) -> None:
    """Rather its source than half of it."""
    assert draw_formula(source, True, 15, "#000000", 1.0, QFont()) is None


def test_words_in_chinese_are_drawn_in_a_font_that_has_them(qapp: object) -> None:
    """The stand-ins of the maths font are replaced, not painted over."""
    plain = draw_formula(r"\text{——} = 5", False, 30, "#000000", 1.0, QFont())
    chinese = draw_formula(r"\text{价格} = 5", False, 30, "#000000", 1.0, QFont())
    assert plain is not None and chinese is not None
    assert abs(plain.width - chinese.width) < 2
    assert plain.image != chinese.image


def _drawn(view: TranscriptView) -> None:
    def idle() -> bool:
        paint(view)
        return view._workshop.is_idle

    for _ in range(3):
        settle(idle)


def test_a_long_formula_shows_its_source_until_it_is_drawn(view: TranscriptView) -> None:
    """Then its picture: it is drawn on another thread."""
    rows = r" \\\\ ".join(["x &= y + z"] * 60)
    view.set_messages([answer(rf"$$\begin{{aligned}}{rows}\end{{aligned}}$$")])
    paint(view)
    source = painted_anew(view)
    _drawn(view)
    assert not same_pixels(painted_anew(view), source)


def test_a_short_formula_is_there_at_once(view: TranscriptView) -> None:
    """Its text stays the source: found, selected and copied."""
    view.set_messages([answer(r"The energy $E=mc^2$ and then $\frac{a}{b}$ in a line.")])
    paint(view)
    assert view._workshop.is_idle
    assert all(view._workshop._formulas._kept.values())
    section = view.stage.box(0).flows[ANSWER].ensure(0)
    assert section.placed[0].box.text == r"The energy $E=mc^2$ and then $\frac{a}{b}$ in a line."
    drag(view, point_of(view, 0, "energy"), point_of(view, 0, "then", end=True))
    view.copy()
    assert clipboard() == "energy $E=mc^2$ and then"


def test_a_tall_formula_makes_room_in_its_line(view: TranscriptView) -> None:
    """The lines around it do not overlap it."""
    words = "words and words " * 12
    view.set_messages([answer(f"{words}$x$ {words}")])
    paint(view)
    before = view.stage.box(0).flows[ANSWER].height
    view.set_messages([answer(rf"{words}$\dfrac{{\dfrac{{a}}{{b}}}}{{c}}$ {words}")])
    paint(view)
    _drawn(view)
    flow = view.stage.box(0).flows[ANSWER]
    assert flow.height > before
    tops = [
        placed.box.caret(index).top()
        for placed in flow.ensure(0).placed
        for index in range(0, len(placed.box.text), 40)
    ]
    assert tops == sorted(tops)


def test_a_formula_is_drawn_only_when_its_partner_has_come(view: TranscriptView) -> None:
    """Half a formula is text."""
    message = answer("So $$\\frac{a}{b}$$ it is")
    view.set_messages([question("Go"), started(message)])
    for end, drawn in ((14, 0), (20, 1)):
        part = TextPart(message.text[:end])
        view.update_message(replace(message, parts=(part,), status=MessageStatus.STREAMING))
        view.flush()
        _drawn(view)
        assert len(view._workshop._formulas._kept) == drawn


def test_formulas_follow_the_theme_and_the_zoom(view: TranscriptView) -> None:
    """Drawn anew in other colours and sizes."""
    view.set_messages([answer("$$x^2$$")])
    _drawn(view)
    count = len(view._workshop._formulas._kept)
    view.set_zoom(1.5)
    _drawn(view)
    assert len(view._workshop._formulas._kept) == count + 1


@pytest.mark.parametrize("language", ["python", "js", "json", "bash", "sql", "html", "c++", "PY"])
def test_languages_are_known_by_their_name(language: str) -> None:
    """As fences name them."""
    assert load_lexer(language) is not None


@pytest.mark.parametrize("language", ["", "nonsense", "{.python}", "plain text"])
def test_an_unknown_language_is_plain(language: str) -> None:
    """It is never guessed."""
    assert load_lexer(language) is None


def test_colours_count_characters_of_each_line() -> None:
    """Also behind Han and emoji."""
    lexer = load_lexer("python")
    assert lexer is not None
    lines = colour_lines(lexer, "x = '汉😀' # 字\n\ndef f():\n    return 12")
    assert lines[0] == [Span(4, 4, "code_string"), Span(9, 3, "code_comment")]
    assert lines[1] == []
    assert lines[2] == [Span(0, 3, "code_keyword"), Span(4, 1, "code_name")]
    assert lines[3] == [Span(4, 6, "code_keyword"), Span(11, 2, "code_number")]


def _code(view: TranscriptView) -> CodeBox:
    flow = view.stage.box(len(view.stage.messages) - 1).flows[ANSWER]
    boxes = [placed.box for _, section in flow.laid() for placed in section.placed]
    return next(box for box in boxes if isinstance(box, CodeBox))


def test_open_code_colours_finished_lines_and_all_at_its_end(view: TranscriptView) -> None:
    """A text over several lines is put right by the closing fence."""
    code = 'text = """one\ndef two():\nthree"""\n' + "x = 1\n" * 30
    message = answer(f"```python\n{code}```\n")
    view.set_messages([question("Go"), started(message)])
    for end in (len("```python\n") + 3, len("```python\n") + 16, len("```python\n") + 30):
        opened = TextPart(message.text[:end])
        view.update_message(replace(message, parts=(opened,), status=MessageStatus.STREAMING))
        view.flush()
        _drawn(view)
        paint(view)
    assert Span(0, 3, "code_keyword") in _code(view)._spans[1]
    view.update_message(message)
    view.flush()
    _drawn(view)
    assert _code(view)._spans[1] == [Span(0, 10, "code_string")]


def test_code_has_colours_that_can_be_read(view: TranscriptView) -> None:
    """The pixels of a keyword are in the theme's colour."""
    view.set_messages(
        [answer("```python\npass\n```\n" + "```python\n" + "import x\n" * 40 + "```")]
    )
    view.go_to_top()
    _drawn(view)
    paint(view)
    picture, wanted = painted_anew(view), theme.colour("code_keyword")
    at = point_of(view, 0, "pass")
    found = [picture.pixelColor(at.x() + x, at.y() + y) for x in range(30) for y in range(-10, 10)]
    far = [
        abs(each.red() - wanted.red())
        + abs(each.green() - wanted.green())
        + abs(each.blue() - wanted.blue())
        for each in found
    ]
    assert min(far) < 20


def test_results_are_cached_and_bounded(qapp: object) -> None:
    """Asked twice, made once; a failure is not tried again."""
    workshop = BackgroundRenderer()
    font = QFont()
    arguments = ("x^2", False, 15, "#000000", 1.0, font)
    long = ("+".join(["x^2"] * ON_THE_SPOT), False, 15, "#000000", 1.0, font)
    assert workshop.formula(*long) is None
    first = workshop.formula(*arguments)
    assert first and workshop.formula(*arguments) is first
    assert workshop.formula("x^{", False, 15, "#000000", 1.0, font) is False
    settle(lambda: workshop.is_idle)
    assert workshop.formula(*long) is not None


def test_formulas_beyond_the_time_of_a_frame_are_drawn_on_the_thread(qapp: object) -> None:
    """A screen full of them does not hold the window."""
    workshop = BackgroundRenderer()
    workshop._spent = AT_ONCE_SECONDS
    assert workshop.formula("a+b", False, 15, "#000000", 1.0, QFont()) is None
    settle(lambda: workshop.is_idle)
    assert workshop.formula("a+b", False, 15, "#000000", 1.0, QFont())
    workshop.close()


def test_the_caches_are_bounded(qapp: object) -> None:
    """The oldest results go."""
    workshop = BackgroundRenderer()
    for number in range(600):
        workshop._formulas.put(number, False)
    assert len(workshop._formulas._kept) == 512
    workshop.close()


def test_pictures_of_an_answer_stand_below_its_words(view: TranscriptView) -> None:
    """Another program's answers have them; ours do not."""
    red = QImage(40, 40, QImage.Format.Format_RGB32)
    red.fill(0xFFFF0000)
    view.set_pictures(lambda sha256: red if sha256 == "a" * 64 else None)
    plain = answer("Here it is.")
    picture = ImagePart("a" * 64, "image/png", 40, 40, 100)
    shown = replace(plain, id="b" * 32, parts=(*plain.parts, picture, picture))
    view.set_messages([question("?"), plain, shown])
    paint(view)
    without, with_pictures = (view.stage._boxes[each.id] for each in (plain, shown))
    assert with_pictures.height > without.height + 100
    image = painted_anew(view)
    found = [
        (x, y)
        for x in range(0, image.width(), 8)
        for y in range(0, image.height(), 8)
        if image.pixelColor(x, y).rgb() == 0xFFFF0000
    ]
    assert len(found) > 100
    left = min(x for x, _ in found)
    assert left < image.width() / 2
