"""Build hook of the wheel: the compiled translations have to be in it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

import catalogues


class CataloguesHook(BuildHookInterface[Any]):
    """Compiles stale catalogues before a real wheel is packed; an editable one packs nothing."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        folder = Path(self.root) / "resources" / "i18n"
        if catalogues.stale(folder):
            beside = Path(sys.executable).parent
            tool = shutil.which("pyside6-lrelease", path=str(beside)) or "pyside6-lrelease"
            catalogues.compile_stale(folder, [tool])
