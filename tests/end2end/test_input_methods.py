"""Chinese by a real input method in a real window, with each framework that there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop import Desktop, Program, wait_until
from desktop.composing import FRAMEWORKS, Framework
from PIL import Image

from tests.end2end.parts import Tell, Use

LETTER = 30  # more than one letter or character of a composition takes, in pixels
LINE = 15  # a little less: what is offered to choose from opens right below
BLANK = 8  # a ground of one colour varies less than this


@pytest.fixture(params=sorted(FRAMEWORKS))
def framework(request: pytest.FixtureRequest, desktop: Desktop) -> Iterator[Framework]:
    """One framework with Chinese, which runs and is what the environment speaks of."""
    made = FRAMEWORKS[request.param](desktop.started)
    made.start()
    yield made
    made.end()


def _text_is(studio: Program, words: str) -> None:
    studio.wait(
        lambda glance: any(each.text == words for each in glance.find("text", "Message")),
        f"{words!r} in the field",
    )


def _line(studio: Program, path: Path) -> Image.Image:
    """What is seen of the field's first line."""
    x, y, width, height = studio.find("text", "Message").box
    with Image.open(studio.screen(path)) as picture:
        return picture.convert("L").crop((x, y, x + width, y + min(height, LINE)))


def _has_ink(picture: Image.Image) -> bool:
    low, high = picture.getextrema()
    return bool(high - low > BLANK)  # type: ignore[operator]  # of one band


def test_chinese_comes_in_by_an_input_method_and_enter_in_it_sends_nothing(
    use: Use, data: Path, framework: Framework, tell: Tell, tmp_path: Path
) -> None:
    studio = (user := use(data, more=framework.environment)).studio
    studio.focus("Message")
    framework.engine = framework.PINYIN
    tell("requests?door=chat", method="DELETE")

    # While something is composed it is seen, and the field's hint is not seen under it.
    hint = _line(studio, tmp_path / "hint.png")
    assert _has_ink(hint.crop((LETTER, 0, hint.width, hint.height)))
    studio.type("n")

    def composed() -> bool:
        line = _line(studio, tmp_path / "composed.png")
        letters = line.crop((0, 0, LETTER, line.height))
        rest = line.crop((LETTER, 0, line.width, line.height))
        return _has_ink(letters) and not _has_ink(rest)

    wait_until(composed, "a letter and nothing beside it")
    _text_is(studio, "")  # nothing of it is the field's yet

    # Enter takes the letters of an unfinished word as they are, and is not for the program.
    studio.type("ihao")
    studio.keys("Return")
    _text_is(studio, "nihao")
    studio.keys("ctrl+a", "Delete")

    studio.type("nihao")
    studio.keys("space")
    studio.type("shijie")
    studio.keys("1")  # the first that is offered
    _text_is(studio, "你好世界")
    studio.keys("shift+Return")
    _text_is(studio, "你好世界\u2028")
    assert tell("requests?door=chat")["requests"] == []  # nothing was sent by any of this
    studio.keys("BackSpace", "Return")
    assert user.wait_said("演示").startswith("你好世界")


def test_chinese_is_composed_in_the_field_from_its_first_letter_wherever_the_keyboard_is(
    use: Use, data: Path, framework: Framework
) -> None:
    studio = (user := use(data, more=framework.environment)).studio
    user.ask("Hello")
    user.wait_answered()
    framework.engine = framework.PINYIN
    studio.click("list", "Conversation")
    studio.type("nihao")
    studio.keys("space")
    _text_is(studio, "你好")
    studio.click("list", "Conversation")
    studio.type("shijie")  # and once more, with something in the field
    studio.keys("space")
    _text_is(studio, "你好世界")
