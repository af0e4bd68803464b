"""Makes the two lock files anew: exact versions and hashes for every platform, no registry."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from environment import LOCKS, Environment, SetupError, say

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = (
    "--universal",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-config",
    "--quiet",
)


def compile_locks(environment: Environment, upgrade: bool) -> None:
    """Write both locks with uv; the larger one holds the smaller one's exact versions.

    Without `upgrade` what is locked stays as it is, as far as pyproject.toml allows.
    """
    uv = shutil.which("uv") or str(environment.tool("uv"))
    if not os.access(uv, os.X_OK):
        raise SetupError("Making the locks takes uv: `pip install uv`, then try again.")
    more = {"run": (), "dev": ("--extra", "test", "--constraint", f"packaging/{LOCKS['run']}")}
    for wanted, name in LOCKS.items():
        target = environment.root / "packaging" / name
        say(f"Locking packaging/{name} ...")
        command = [uv, "pip", "compile", "pyproject.toml", "--group", "build", *OPTIONS]
        command += [*more[wanted], "--output-file", f"packaging/{name}"]
        command += ["--upgrade"] if upgrade else []
        done = subprocess.run(command, cwd=environment.root, check=False)
        if done.returncode != 0:
            raise SetupError(f"uv could not make packaging/{name}.")
        _refuse_hosts(target)


def _refuse_hosts(lock: Path) -> None:
    """A lock that names where it was made would be useless elsewhere."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if "://" in line or line.startswith(("-i ", "--index", "--extra-index", "--find-links")):
            raise SetupError(f"packaging/{lock.name} names a registry: {line.strip()}")
