"""Which Python makes `.venv`: the one named, the one that made it, or the newest at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from environment import Environment, SetupError, base_python

NEWEST_FIRST = ("3.13", "3.12", "3.11")
PROBE_SECONDS = 30
# Set for the Python that takes over, so that no two hand on to each other for ever.
CHOSEN = "MODA_STUDIO_PYTHON_CHOSEN"
# Where version managers keep what need not be on the PATH; their stand-ins there may not run.
_KEPT = ("{pyenv}/versions/{version}.*/bin/python{version}",)
# Whatever cannot do one of these cannot make an environment: Debian leaves out ensurepip, and who
# builds Python without the libraries gets one without ssl. The free-threaded build has no wheels.
_PROBE = """
import ensurepip, json, ssl, sys, sysconfig, venv, zlib
assert sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
base = getattr(sys, "_base_executable", "") or sys.executable
print(json.dumps([base, "%d.%d.%d" % sys.version_info[:3]]))
"""


@dataclass(frozen=True)
class Python:
    """An interpreter that was started and can make an environment; `path` is never a venv's."""

    path: str
    version: str

    def answers_to(self, wish: str) -> bool:
        """Whether it is of the version `wish`: "3.12" and "3.12.1" are both 3.12.1."""
        return f"{self.version}.".startswith(f"{wish}.")


def plain(variables: Mapping[str, str]) -> dict[str, str]:
    """`variables` without those that one Python's home or modules are given to every other with."""
    strange = ("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "__PYVENV_LAUNCHER__", CHOSEN)
    return {name: value for name, value in variables.items() if name not in strange}


def probe(command: str) -> Python | None:
    """The Python that `command` starts, if it starts one that can make an environment."""
    try:
        done = subprocess.run(
            [command, "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=plain(os.environ),
            timeout=PROBE_SECONDS,
            check=False,
        )
        path, version = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return Python(str(path), str(version))


def candidates(version: str) -> Iterator[str]:
    """The commands that may be Python `version` ("3.13"), the likeliest first; not yet started."""
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if running == version:
        yield base_python()
    name = f"python{version}" + (".exe" if os.name == "nt" else "")
    # All of them: behind a stand-in that does not run there may be one that does.
    for folder in os.get_exec_path():
        path = Path(folder) / name
        if path.is_file() and os.access(path, os.X_OK):
            yield str(path)
    pyenv = os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv")
    for pattern in _KEPT:
        place = Path(pattern.format(pyenv=pyenv, version=version))
        anchor = Path(place.anchor)
        yield from map(str, sorted(anchor.glob(str(place.relative_to(anchor))), reverse=True))


def newest() -> Python | None:
    """The newest at hand that works."""
    found = (probe(each) for version in NEWEST_FIRST for each in candidates(version))
    return next((python for python in found if python is not None), None)


def named(wish: str) -> Python:
    """The Python of `--python`: a version ("3.12", "3.12.1"), a command or a path.

    Raises SetupError when there is none, or none that can make an environment.
    """
    if wish.replace(".", "").isdigit():
        minor = ".".join(wish.split(".")[:2])
        found = (probe(each) for each in candidates(minor))
        python = next((each for each in found if each and each.answers_to(wish)), None)
    else:
        python = probe(wish)
    if python is None:
        raise SetupError(
            f"There is no Python {wish} here that can make an environment (on Debian and Ubuntu "
            "it takes python3-venv as well)."
        )
    if tuple(map(int, python.version.split(".")[:2])) < (3, 11):
        raise SetupError(f"Moda Studio needs Python 3.11 or newer; {wish} is {python.version}.")
    return python


def choose(environment: Environment, wish: str) -> Python | None:
    """The Python to work with; None: the one that runs this.

    `wish` is what `--python` names now. Without it an environment keeps its Python for as long as
    that is there, so that nothing is made anew because another one was installed.
    """
    made_by = environment.made_by()
    wish = wish or made_by.get("asked", "")
    if wish:
        kept = Python(made_by.get("base", ""), made_by.get("version", ""))
        if kept.answers_to(wish) and Path(kept.path).is_file():
            return kept
        return named(wish)
    if Path(made_by.get("base", "")).is_file() and environment.python.exists():
        return Python(made_by["base"], made_by["version"])
    # From before it was noted which one: it is this one, or nobody knows.
    return None if environment.is_of_this_python() else newest()


def take_over(environment: Environment, wish: str, arguments: list[str]) -> None:
    """Go on in the Python that is to be used, if that is another than the one that runs this."""
    if os.environ.pop(CHOSEN, ""):
        return
    python = choose(environment, wish)
    if python is None or _same(python.path, base_python()):
        return
    script = str(Path(sys.argv[0]).resolve())
    command = [python.path, script, *arguments]
    variables = {**plain(os.environ), CHOSEN: "1"}
    if os.name != "nt":
        os.execve(python.path, command, variables)
    # Windows only pretends: its exec returns to the shell at once.
    sys.exit(subprocess.call(command, env=variables))


def _same(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:
        return False
