"""What the command line asked for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Options(NamedTuple):
    """The options of one run; None means: as the settings say."""

    demo: bool = False
    data_dir: Path | None = None
    site: str | None = None
    base_url: str | None = None
    time_first_paint: bool = False
