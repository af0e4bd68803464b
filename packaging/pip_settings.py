"""What of the user's pip settings holds for `.venv`: how registries are reached, nothing else."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from environment import SetupError

# Everything else says where to, what or how to install, which the lock and we say: `user`,
# `target`, `prefix`, `root`, `python`, `constraint`, `no-binary`, `require-hashes`, `dry-run` ...
KEPT = (
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host"),
    *("proxy", "cert", "client-cert", "keyring-provider", "use-feature"),
    *("timeout", "default-timeout", "cache-dir", "no-cache-dir"),
)
# Of the sections that a file may have these hold for installing, the later ones more.
_SECTIONS = ("global", "install", ":env:")
_LINE = re.compile(r"^(?P<section>[^.\s]+)\.(?P<name>[\w-]+)=(?P<value>.*)$")
# What would make pip list less than all, or nothing: settings of the environment hold most.
_SAY_ALL = {f"PIP_{name}": "0" for name in ("USER", "GLOBAL", "SITE", "QUIET", "VERBOSE")}


def variables_for(python: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment in which the pip of `python` installs what the lock names.

    Raises SetupError with pip's own words where its settings cannot be read.
    """
    # Not `PYTHON…` either: warnings that are errors, a home or a cache that is another Python's.
    bare = {
        name: value
        for name, value in variables.items()
        if not name.startswith(("PIP_", "PYTHON", "__PYVENV"))
    }
    own = {name: value for name, value in variables.items() if name.startswith("PIP_")}
    own.pop("PIP_PYTHON", None)  # another pip would answer
    asking = {**bare, **own, **_SAY_ALL}
    done = subprocess.run(
        [str(python), "-m", "pip", "config", "list"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=asking,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip() or done.stdout.strip()
        raise SetupError(f"pip cannot read its settings; it said:\n{said[-1500:]}")
    kept = {f"PIP_{name.upper().replace('-', '_')}": v for name, v in read(done.stdout).items()}
    return {**bare, **kept, "PIP_CONFIG_FILE": os.devnull}


def read(listing: str) -> dict[str, str]:
    """The settings in KEPT, by name, from what `pip config list` prints."""
    found: dict[str, str] = {}
    matches = [match for line in listing.splitlines() if (match := _LINE.match(line))]
    for section in _SECTIONS:
        for match in matches:
            if match["section"] == section and match["name"] in KEPT:
                found[match["name"]] = _unquoted(match["value"])
    return found


def _unquoted(value: str) -> str:
    try:
        return " ".join(str(ast.literal_eval(value)).split())
    except (ValueError, SyntaxError):
        return value
