"""Every colour, size, space and font by name, for light, dark and high contrast."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import NamedTuple

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QGuiApplication,
    QPalette,
    QRawFont,
)
from PySide6.QtWidgets import QApplication

from studio.core.settings import Appearance
from studio.ui.look.stylesheet import stylesheet


class Colours(NamedTuple):
    """Colours as #RRGGBB; contrast of text on its ground is at least 4.5:1 (tested)."""

    window: str
    surface: str
    sunken: str
    hover: str
    line: str
    line_strong: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_press: str
    accent_on: str
    accent_soft: str
    accent_text: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    code_keyword: str
    code_string: str
    code_number: str
    code_comment: str
    code_name: str
    overlay: str  # #AARRGGBB: what dims the window below a sheet
    # For words in Chinese, see `words_colour`.
    text_han: str
    muted_han: str
    favourite: str = "#FF8FA3"
    accent_light: str = "#A874F5"  # the far end of the logo's gradient
    # Over pictures, in every theme: a bar, its words, and the button under the pointer.
    veil: str = "#CC12121A"
    veil_text: str = "#FFFFFF"
    veil_hover: str = "#33FFFFFF"


class Space(NamedTuple):
    """Distances in logical pixels."""

    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 - small, medium, large
    xl: int = 24


class Radius(NamedTuple):
    """Corners in logical pixels."""

    inner: int = 7
    control: int = 8
    card: int = 10
    composer: int = 14


class Size(NamedTuple):
    """Fixed measures of the frame in logical pixels."""

    top_bar: int = 52
    sidebar: int = 268
    inspector: int = 304
    form: int = 340
    queue: int = 296
    reading: int = 780
    head: int = 50
    control: int = 32
    icon: int = 18
    welcome: int = 608
    settings_width: int = 976
    settings_height: int = 752
    settings_navigation: int = 216
    palette: int = 680
    filmstrip: int = 84
    scroll_bar: int = 12  # also where there is none: what is read keeps its place when one comes
    thumbnail: int = 38
    window_width: int = 1440
    window_height: int = 900
    window_min_width: int = 640
    window_min_height: int = 400
    history_needs: int = 800  # below this window width the history gives way until it is wanted
    inspector_needs: int = 1100  # below this window width the inspector gives way


class Type(NamedTuple):
    """Font sizes in logical pixels."""

    caption: int = 12
    small: int = 13
    body: int = 14
    reading: int = 15
    title: int = 15
    code: int = 13
    heading: int = 22
    reading_line: float = 1.65


class Theme(NamedTuple):
    """One look of the program."""

    name: str
    dark: bool
    colour: Colours
    space: Space = Space()
    radius: Radius = Radius()
    size: Size = Size()
    type: Type = Type()


LIGHT = Theme(
    "light",
    False,
    Colours(
        window="#F6F6F8",
        surface="#FFFFFF",
        sunken="#F0F0F4",
        hover="#ECECF1",
        line="#E3E4EA",
        line_strong="#CFD1DA",
        text="#1B1C22",
        muted="#5C6070",
        # The design's #6E7280 reaches 4.1:1 on `hover`; this reaches 4.5:1 there and on
        # `accent_soft`.
        faint="#666A78",
        accent="#5B45F0",
        accent_press="#4A36D6",
        accent_on="#FFFFFF",
        accent_soft="#EDEAFE",
        accent_text="#4B37DB",
        good="#1A7F52",
        good_soft="#E2F4EB",
        warn="#97560B",
        warn_soft="#FBF0DC",
        bad="#BF2F26",
        bad_soft="#FCE9E7",
        code_keyword="#7A2FC9",
        code_string="#1A7F52",
        code_number="#97560B",
        code_comment="#666A78",  # the design's #80848F is 3.7:1 on white
        code_name="#2456C9",
        overlay="#61181828",
        text_han="#1B1C22",
        muted_han="#5C6070",
    ),
)

DARK = Theme(
    "dark",
    True,
    Colours(
        window="#16171B",
        surface="#1E1F25",
        sunken="#191A1F",
        hover="#292A32",
        line="#2E3038",
        line_strong="#454854",
        text="#ECEDF2",
        muted="#A6A9B8",
        faint="#8F93A3",
        accent="#6F5BFF",
        accent_press="#5F4BEB",
        accent_on="#FFFFFF",
        accent_soft="#2B2748",
        accent_text="#B4A9FF",
        good="#5CC794",
        good_soft="#1A3227",
        warn="#E2AC5C",
        warn_soft="#36291A",
        bad="#F08B83",
        bad_soft="#3B2120",
        code_keyword="#C79BFF",
        code_string="#7FD3A6",
        code_number="#E2AC5C",
        code_comment="#8F93A3",  # the design's #7C8090 is 4.2:1 on the surface
        code_name="#8FB1FF",
        overlay="#9406060A",
        text_han="#C6C7CD",
        muted_han="#989BAA",
    ),
)

_active = LIGHT


def current() -> Theme:
    """The theme in force; painted widgets ask on every paint."""
    return _active


def colour(name: str) -> QColor:
    """A colour of the theme in force by its name in `Colours`."""
    return QColor(getattr(_active.colour, name))


@cache
def _han() -> re.Pattern[str]:
    # Made when the first Chinese is drawn: sets of letters so large take 2 ms.
    return re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


_LOOKED_AT = 200  # characters that tell in which script words are; they grow while they come
_SHARE = 100  # one in so many: formulas and code stand between Chinese words


def is_han(words: str) -> bool:
    """Whether words are in Chinese, among whatever else."""
    head = words[:_LOOKED_AT]
    return not head.isascii() and len(_han().findall(head)) * _SHARE >= len(head)


def words_colour(name: str, words: str) -> str:
    """The name of the colour that `words` are drawn in, to look like Latin ones in `name`.

    Qt blends faces with cubic outlines (CFF), which most Chinese ones are, by another curve: light
    on dark they get a quarter more ink, and text reads as bold. A dimmer colour takes it back.
    """
    eased = f"{name}_han"
    return eased if _active.dark and eased in _EASED and is_han(words) and _han_is_cff() else name


_EASED = ("text_han", "muted_han")


@cache
def _han_is_cff() -> bool:
    """Whether Chinese is drawn from cubic outlines on this system."""
    if sys.platform in ("win32", "darwin"):
        return False  # other engines, other curves
    font = _ui_font(15, QFont.Weight.Normal)
    companions = [name for name in font.families() if name in _HAN_FACES]
    face = QFont(companions[0]) if companions else font
    return (
        QRawFont.fromFont(face, QFontDatabase.WritingSystem.SimplifiedChinese)
        .fontTable("CFF ")
        .size()
        > 0
    )


def chosen(appearance: Appearance) -> Theme:
    """The theme for a setting; SYSTEM asks the desktop and takes light when it does not say."""
    if appearance is Appearance.SYSTEM:
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if appearance is Appearance.DARK else LIGHT


def apply(app: QApplication, theme: Theme) -> None:
    """Make `theme` the look of the whole program, at once."""
    global _active  # noqa: PLW0603 - the one look of the one program
    _active = theme
    shown = _spoken(theme)
    app.setPalette(_palette(shown))
    app.setFont(ui_font(theme.type.body))
    app.setStyleSheet(stylesheet(shown))


def speak(app: QApplication) -> None:
    """Follow another language of the program."""
    if _active.dark and _han_is_cff():
        apply(app, _active)


def _spoken(theme: Theme) -> Theme:
    """The theme for Qt's own controls: in Chinese, all their words are."""
    chinese = QLocale().language() == QLocale.Language.Chinese
    if not (theme.dark and chinese and _han_is_cff()):
        return theme
    colour = theme.colour
    eased = colour._replace(text=colour.text_han, muted=colour.muted_han)
    return theme._replace(colour=eased)


def _palette(theme: Theme) -> QPalette:
    c = theme.colour
    role = QPalette.ColorRole
    roles = {
        role.Window: c.window,
        role.WindowText: c.text,
        role.Base: c.surface,
        role.AlternateBase: c.sunken,
        role.Text: c.text,
        role.PlaceholderText: c.faint,
        role.Button: c.surface,
        role.ButtonText: c.text,
        role.BrightText: c.bad,
        role.Highlight: c.accent,
        role.HighlightedText: c.accent_on,
        role.Accent: c.accent,
        role.Link: c.accent_text,
        role.LinkVisited: c.accent_text,
        role.ToolTipBase: c.surface,
        role.ToolTipText: c.text,
        role.Light: c.hover,
        role.Midlight: c.line,
        role.Mid: c.line_strong,
        role.Dark: c.line_strong,
        role.Shadow: c.line_strong,
    }
    palette = QPalette()
    for each, value in roles.items():
        palette.setColor(each, QColor(value))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(c.faint))
    return palette


# Chinese beside a Latin face, first those with quadratic outlines, see `words_colour`.
_HAN_FACES = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "HarmonyOS Sans SC",
    "MiSans",
    "Sarasa UI SC",
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
)


@cache
def _families(fixed: bool) -> tuple[str, ...]:
    kind = QFontDatabase.SystemFont.FixedFont if fixed else QFontDatabase.SystemFont.GeneralFont
    # The desktop may name an alias such as "Sans Serif", which as a first family would be skipped.
    system = QFontInfo(QFontDatabase.systemFont(kind)).family()
    first = ("JetBrains Mono", "Cascadia Mono", "SF Mono", system) if fixed else (system,)
    if system == "DejaVu Sans":
        # What bare systems fall back to; far wider than what the layout is made for.
        first = ("Noto Sans", "Cantarell", "Ubuntu", system)
    # Named companions, because a fallback left to the system may draw Japanese forms of Chinese.
    companions = (("Noto Sans Mono CJK SC", "Sarasa Mono SC") if fixed else ()) + _HAN_FACES
    known = set(QFontDatabase.families())
    wanted = [name for name in first + companions if name in known or name == system]
    return tuple(dict.fromkeys(wanted))


@cache
def _ui_font(pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont()
    font.setFamilies(list(_families(False)))
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def ui_font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font at a size in logical pixels; the caller may change it."""
    return QFont(_ui_font(pixels, weight))


def code_font(pixels: int) -> QFont:
    """The fixed-width font at a size in logical pixels, without ligatures."""
    font = QFont()
    font.setFamilies(list(_families(True)))
    font.setPixelSize(pixels)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setFeature(QFont.Tag("liga"), 0)
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def colour_names() -> tuple[str, ...]:
    """All names that `colour` knows."""
    return Colours._fields
