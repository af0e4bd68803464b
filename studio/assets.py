"""The only file that knows where resources lie: source tree, wheel or frozen program."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Path of a file or folder below `resources/`; it need not exist."""
    packed = _HERE / "_resources"
    return (packed if packed.is_dir() else _HERE.parent / "resources") / name


def icon_font() -> tuple[Path, Path]:
    """The Phosphor font file and the JSON of its names, as shipped by QtAwesome.

    QtAwesome itself is not imported: it would load a dozen fonts before the first paint.
    Raises FileNotFoundError when the package is missing.
    """
    found = importlib.util.find_spec("qtawesome")
    if found is None or found.origin is None:
        raise FileNotFoundError("qtawesome")
    fonts = Path(found.origin).parent / "fonts"
    return next(fonts.glob("phosphor-*.ttf")), next(fonts.glob("phosphor-charmap-*.json"))
