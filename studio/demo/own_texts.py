"""Reads the box's own texts and tables."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from studio.assets import resource


@cache
def table(name: str) -> dict[str, Any]:
    """The TOML file `name` of the box; callers must not change what they get."""
    return tomllib.loads((resource("demo") / name).read_text(encoding="utf-8"))
