"""What the command line asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run; None means: as the settings say."""

    demo: bool = False
    data_dir: Path | None = None
    site: str | None = None
    base_url: str | None = None
    time_first_paint: bool = False
