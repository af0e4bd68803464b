"""Reads the box's own texts and tables."""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def folder() -> Path:
    """Where the box's files lie: in a source tree, an installed package or a frozen program."""
    package = Path(__file__).resolve().parents[1]
    places = [package / "_resources", package.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        places.insert(0, Path(frozen) / "resources")
    for place in places:
        if (place / "demo").is_dir():
            return place / "demo"
    raise FileNotFoundError("resources/demo")


@cache
def table(name: str) -> dict[str, Any]:
    """The TOML file `name` of the box; callers must not change what they get."""
    return tomllib.loads((folder() / name).read_text(encoding="utf-8"))
