"""Compiles the translations: resources/i18n/*.ts (in git) to *.qm (what Qt loads, not in git)."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def stale(folder: Path) -> list[Path]:
    """The .ts files in `folder` that have no .qm beside them, or an older one."""
    return [
        source
        for source in sorted(folder.glob("*.ts"))
        if not (target := source.with_suffix(".qm")).exists()
        or target.stat().st_mtime_ns < source.stat().st_mtime_ns
    ]


def compile_stale(folder: Path, lrelease: Sequence[str]) -> list[Path]:
    """Compile the stale catalogues in `folder` with the command `lrelease`; return what was made.

    Raises `subprocess.CalledProcessError` (with the tool's words in `stdout`) on a broken one.
    """
    made = []
    for source in stale(folder):
        target = source.with_suffix(".qm")
        # Two of us may compile at once, and a program may load meanwhile: put it there whole.
        draft = target.with_suffix(f".qm.{os.getpid()}")
        try:
            subprocess.run(
                [*lrelease, "-silent", str(source), "-qm", str(draft)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=True,
            )
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        made.append(target)
    return made
