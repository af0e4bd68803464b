"""What a run is given: by the command line, and by the run before it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple


class Options(NamedTuple):
    """The options of one run; None means: as the settings say."""

    demo: bool = False
    data_dir: Path | None = None
    site: str | None = None
    base_url: str | None = None
    time_first_paint: bool = False


class Carried(NamedTuple):
    """What a run hands to the one that follows it by itself: words, and what no file keeps.

    The drafts, by their places, come along also into another history.
    """

    greeting: str = ""
    token: str = ""
    demo: bool = False
    drafts: Mapping[str, dict[str, Any]] = MappingProxyType({})
