"""Every text can be read on the ground it stands on: WCAG 2 AA, computed, in every theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.ui.look import stylesheet as sheet
from studio.ui.look.theme import DARK, LIGHT, Theme, colour_names

THEMES = [LIGHT, DARK]
GROUNDS = ("window", "surface", "sunken", "hover")
TEXT = 4.5
LARGE_OR_EDGE = 3.0
UI = Path(sheet.__file__).parent

# What is written on what, as the code draws it: (text, ground).
WRITTEN = [
    *((text, ground) for text in ("text", "muted", "faint") for ground in GROUNDS),
    *((text, ground) for text in ("text_han", "muted_han") for ground in GROUNDS),
    *((text, ground) for text in ("accent_text", "bad", "warn") for ground in GROUNDS),
    *((text, "accent_soft") for text in ("text", "muted", "faint", "accent_text")),
    *((text, "warn_soft") for text in ("text", "muted", "warn")),
    *((text, "bad_soft") for text in ("text", "muted", "bad")),
    ("accent_on", "accent"),
    ("accent_on", "accent_press"),
    ("surface", "warn"),  # the hit of a search that is looked at
]
CODE = tuple(f"code_{kind}" for kind in ("keyword", "string", "number", "comment", "name"))
# What only has to be made out: marks, and the edge of what has the keyboard.
SEEN = [
    *((mark, ground) for mark in ("accent", "good") for ground in ("surface", "window")),
    ("good", "good_soft"),
]


def channels(colour: str) -> tuple[float, float, float, float]:
    """Alpha, red, green and blue from 0 to 1 of #RRGGBB or #AARRGGBB."""
    digits = colour.removeprefix("#").rjust(8, "F")
    alpha, red, green, blue = (int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4, 6))
    return alpha, red, green, blue


def luminance(red: float, green: float, blue: float) -> float:
    """Relative luminance as WCAG 2 defines it."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str, below: str = "#FFFFFF") -> float:
    """The ratio of two colours, 1 to 21; a ground that lets through lies on `below`."""
    alpha, *ground = channels(other)
    mixed = [alpha * c + (1 - alpha) * b for c, b in zip(ground, channels(below)[1:], strict=True)]
    lights = sorted((luminance(*channels(one)[1:]), luminance(*mixed)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_the_formula_gives_the_known_ratios() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#80000000") == pytest.approx(
        contrast("#FFFFFF", "#7F7F7F"), abs=0.1
    )


@pytest.mark.parametrize("theme", THEMES, ids=lambda each: each.name)
def test_all_that_is_written_can_be_read(theme: Theme) -> None:
    colours = theme.colour._asdict()
    code = [(text, "sunken" if theme.dark else "window") for text in CODE]
    weak = {
        (text, ground): round(ratio, 3)
        for text, ground in WRITTEN + code
        if (ratio := contrast(colours[text], colours[ground])) < TEXT
    }
    assert weak == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda each: each.name)
def test_marks_and_what_has_the_keyboard_stand_out(theme: Theme) -> None:
    colours = theme.colour._asdict()
    weak = {pair for pair in SEEN if contrast(colours[pair[0]], colours[pair[1]]) < LARGE_OR_EDGE}
    assert weak == set()


@pytest.mark.parametrize("theme", THEMES, ids=lambda each: each.name)
def test_words_over_pictures_can_be_read_on_any_picture(theme: Theme) -> None:
    colours = theme.colour._asdict()
    for picture in ("#FFFFFF", "#000000", "#FF0000"):
        assert contrast(colours["veil_text"], colours["veil"], picture) >= TEXT


@pytest.mark.parametrize("theme", THEMES, ids=lambda each: each.name)
def test_the_style_sheet_writes_only_what_was_looked_at(theme: Theme) -> None:
    # Each rule that names a text colour and a ground of its own is one of the pairs above.
    looked_at = set(WRITTEN)
    for rule in re.findall(r"{([^}]*)}", sheet._RULES):
        text = re.search(r"(?<![-\w])color: %\((\w+)\)s", rule)
        ground = re.search(r"background(?:-color)?: %\((\w+)\)s", rule)
        if text and ground:
            assert (text[1], ground[1]) in looked_at
    assert sheet.stylesheet(theme).count("%(") == 0


def test_colours_are_used_by_name_only() -> None:
    # A colour written down elsewhere would not follow the theme.
    literal = re.compile(r"[\"']#[0-9A-Fa-f]{3,8}[\"']")
    found = [
        f"{path.relative_to(UI)}: {line.strip()}"
        for path in sorted(UI.rglob("*.py"))
        if path.name != "theme.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if literal.search(line)
    ]
    assert found == []


def test_every_named_colour_is_one() -> None:
    for theme in THEMES:
        for name in colour_names():
            assert re.fullmatch(r"#(?:[0-9A-F]{2})?[0-9A-F]{6}", getattr(theme.colour, name)), name
