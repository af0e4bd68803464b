"""Brings the catalogues resources/i18n/*.ts in step with the visible texts of the program.

New texts come in as unfinished and texts no longer used go out; what is translated stays.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# English is the language of the source: its catalogue holds nothing but "1 picture, 2 pictures".
CATALOGUES = {
    "studio_zh_CN.ts": ("-target-language", "zh_CN"),
    "studio_en.ts": ("-target-language", "en", "-pluralonly"),
}
# No places and a fixed order: code that only moves leaves the catalogues as they are.
_HABITS = ("-source-language", "en", "-locations", "none", "-sort-messages", "-no-obsolete")


def sources(root: Path) -> list[str]:
    """The files that hold visible texts, as seen from `root`."""
    return [path.relative_to(root).as_posix() for path in sorted((root / "studio").rglob("*.py"))]


def update(root: Path, folder: Path, lupdate: Sequence[str]) -> None:
    """Write the texts of the program at `root` into the catalogues in `folder`.

    Raises `subprocess.CalledProcessError` (with the tool's words in `stdout`) when it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, habits in CATALOGUES.items():
        subprocess.run(
            [*lupdate, *_HABITS, *habits, *sources(root), "-ts", str((folder / name).resolve())],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=True,
        )


def unfinished(folder: Path) -> dict[str, int]:
    """How many texts of each catalogue in `folder` wait for a translator; none left out."""
    return {
        name: (folder / name).read_text(encoding="utf-8").count('type="unfinished"')
        for name in CATALOGUES
    }
