"""Reads a prompt for what a landscape needs: time of day, place, weather, and their colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from studio.demo import own_texts

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one time of day: sky from top to horizon, far and near ground, the light.

    `light_height` bounds the place of sun or moon, as a share of the horizon's from the top.
    """

    sky: tuple[Colour, Colour, Colour]
    far: Colour
    near: Colour
    light: Colour
    light_height: tuple[float, float]
    is_night: bool
    is_overcast: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """What will be painted."""

    palette: Palette
    place: str
    features: frozenset[str]


def scene_of(prompt: str, negative_prompt: str, dice: Random) -> Scene:
    """The scene that the words ask for; what they leave open is diced."""
    book = own_texts.table("scenes.toml")
    wanted, unwanted = prompt.lower(), negative_prompt.lower()

    def named(table: str) -> list[str]:
        return [
            name
            for name, words in book[table].items()
            if any(word in wanted for word in words) and not any(word in unwanted for word in words)
        ]

    def allowed(table: str, names: list[str]) -> list[str]:
        return [n for n in names if not any(word in unwanted for word in book[table][n])] or names

    times = named("times") or [dice.choice(allowed("times", ["day", "sunset", "dawn", "night"]))]
    places = named("places") or [dice.choice(allowed("places", ["hills", "sea", "mountains"]))]
    row = book["palettes"][times[0]]
    palette = Palette(
        sky=(_colour(row["sky"][0]), _colour(row["sky"][1]), _colour(row["sky"][2])),
        far=_colour(row["far"]),
        near=_colour(row["near"]),
        light=_colour(row["light"]),
        light_height=tuple(row["light_height"]),
        is_night=times[0] == "night",
        is_overcast=times[0] == "storm",
    )
    return Scene(_tinted(palette, wanted, book["tints"]), places[0], frozenset(named("features")))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` 0 is the first colour, 1 the second."""
    mixed = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    red, green, blue = mixed
    return red, green, blue


def _tinted(palette: Palette, wanted: str, tints: dict[str, list[str]]) -> Palette:
    # A colour named in the prompt goes over everything, lightly.
    for code, words in tints.items():
        if any(word in wanted for word in words):
            tint = _colour(code)
            top, middle, low = (mix(colour, tint, 0.35) for colour in palette.sky)
            return replace(
                palette,
                sky=(top, middle, low),
                far=mix(palette.far, tint, 0.3),
                near=mix(palette.near, tint, 0.2),
            )
    return palette


def _colour(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code.removeprefix("#"))
    return red, green, blue
