#!/usr/bin/env python3
"""The one door to every habit of this project: run it, test it, check it, measure it, picture it.

Needs nothing but Python 3.11 or newer: it makes `.venv` with the newest at hand, keeps it in step
with the lock, and on Debian and its kin it sees to the system libraries.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):
    # Older Pythons get as far as here: this file has to stay readable for them.
    sys.stderr.write(
        "Moda Studio needs Python 3.11 or newer, and this is Python {}.{}: start packaging/dev.py "
        "with a newer one, for example python3.12.\n".format(*sys.version_info)
    )
    sys.exit(2)

import argparse
import json
import os
import subprocess
from pathlib import Path

import benchmarks
import catalogues
import locks
import pythons
import system_packages
import translations
from environment import Environment, SetupError, only_one, say

ROOT = Path(__file__).resolve().parent.parent
PACKAGING = ROOT / "packaging"
# These print and end: they need no window, so they work where there is no screen.
WINDOWLESS = ("--version", "--self-check", "--help", "-h")
WITH_BROWSERS = "--browsers"
SIDE_BY_SIDE = ("-n", "logical", "--maxprocesses", "8", "--dist", "loadfile")


def main(arguments: list[str]) -> int:
    """Do what the verb in `arguments` says and return the exit code."""
    arguments, _ = _python_wish(arguments)
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    # These hand their arguments on unread, whatever they look like.
    handing_on = {"run": run, "test": test, "torture": torture}
    if verb in handing_on:
        return handing_on[verb](rest)
    options = _parser().parse_args(arguments or ["--help"])
    if options.verb == "check":
        return check()
    if options.verb == "bench":
        return bench(options.names, options.json)
    if options.verb == "screenshots":
        return screenshots(options.out)
    if options.verb == "translate":
        return translate()
    locks.compile_locks(_environment(), options.upgrade)
    return 0


def run(arguments: list[str]) -> int:
    """Start the program, or play the tour where there is no screen to start it on."""
    if "--tour" in arguments:
        return tour(arguments)
    windowless = any(each in WINDOWLESS for each in arguments)
    environment = pythons.plain(os.environ)
    if not _has_display(environment):
        if not windowless:
            say("There is no screen here, so the program plays its tour on a virtual one.")
            return tour([])
        environment["QT_QPA_PLATFORM"] = "offscreen"
    python = _set_up("run", system_packages.RUN)
    # -P: the folder the person stands in is not searched for modules; studio is installed.
    return _become([str(python), "-P", "-m", "studio", *arguments], environment)


def tour(arguments: list[str]) -> int:
    """Play the program on a virtual screen and print where the pictures of it are."""
    parser = argparse.ArgumentParser(prog="dev.py run")
    parser.add_argument("--tour", action="store_true", help="play the tour on a virtual screen")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "tour", metavar="DIR")
    out = parser.parse_args(arguments).out.resolve()
    python = _set_up("run", system_packages.RUN + system_packages.DESKTOP)
    return subprocess.call(
        [str(python), str(PACKAGING / "tour.py"), "--out", str(out)],
        env=pythons.plain(os.environ),
    )


def test(arguments: list[str]) -> int:
    """Run the tests; the ones in real windows start their own virtual screen and keyring."""
    needs = system_packages.RUN + system_packages.DESKTOP
    asked = [each for each in arguments if each == WITH_BROWSERS]
    if asked:
        needs += system_packages.BROWSERS
    python = _set_up("dev", needs)
    # All of them: side by side, those of a file in one process. Some: as pytest is told.
    rest = [each for each in arguments if each != WITH_BROWSERS] or SIDE_BY_SIDE
    return _call([str(python), "-m", "pytest", *rest, *asked])


def check() -> int:
    """Format, lint, types and layering: all of them, so that one run names everything."""
    python = str(_set_up("dev", system_packages.RUN))
    steps = {
        "format": ["ruff", "format", "--check", "."],
        "lint": ["ruff", "check", "."],
        "types": ["mypy", "--strict"],
        "layers": ["pytest", "-q", "tests/test_architecture.py"],
    }
    failed = []
    for name, step in steps.items():
        say(f"{name}: {' '.join(step)}")
        if _call([python, "-m", *step]) != 0:
            failed.append(name)
    say(f"Not right yet: {', '.join(failed)}." if failed else "All right.")
    return 1 if failed else 0


def bench(names: list[str], target: Path | None) -> int:
    """Measure; 1 when a benchmark failed or one of its measures is not ok."""
    programs = benchmarks.find(ROOT / "tests" / "bench", names)
    python = _set_up("dev", system_packages.RUN + system_packages.DESKTOP)
    measures, fine = benchmarks.run_all(programs, python, ROOT, _offscreen())
    print(benchmarks.table(measures))
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(measures, indent=2) + "\n", encoding="utf-8")
    return 0 if fine else 1


def torture(arguments: list[str]) -> int:
    """Kill the program again and again while it writes; 1 when a word was lost."""
    python = _set_up("dev", system_packages.RUN)
    return _call([str(python), str(PACKAGING / "torture.py"), *arguments])


def screenshots(out: Path) -> int:
    """Write pictures of the main screens."""
    python = _set_up("dev", system_packages.RUN + system_packages.DESKTOP)
    return _call([str(python), str(PACKAGING / "screenshots.py"), "--out", str(out.resolve())])


def translate() -> int:
    """Bring the catalogues in step with the program; 1 while a text waits for a translator."""
    _set_up("dev", system_packages.RUN)
    folder = ROOT / "resources" / "i18n"
    try:
        translations.update(ROOT, folder, [str(_environment().tool("pyside6-lupdate"))])
    except subprocess.CalledProcessError as failure:
        raise SetupError(
            f"The texts could not be collected; the tool said:\n{failure.stdout}"
        ) from failure
    waiting = translations.unfinished(folder)
    for name, count in waiting.items():
        say(f"{name}: {count} to translate." if count else f"{name}: complete.")
    return 1 if any(waiting.values()) else 0


def _python_wish(arguments: list[str]) -> tuple[list[str], str]:
    """The arguments without a `--python X` before the verb, and that X."""
    first = arguments[0] if arguments else ""
    if first == "--python" and len(arguments) > 1:
        return arguments[2:], arguments[1]
    if first.startswith("--python="):
        return arguments[1:], first.partition("=")[2]
    return arguments, ""


def _environment() -> Environment:
    return Environment(ROOT, _python_wish(sys.argv[1:])[1])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__)
    parser.add_argument(
        "--python", metavar="X", help="make .venv with this one: 3.12, or the path of a Python"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("run", help="start the program; all that follows is handed to it")
    verbs.add_parser("test", help="run the tests; all that follows is handed to pytest")
    verbs.add_parser("check", help="format, lint, types and layering")
    measuring = verbs.add_parser("bench", help="run the benchmarks")
    measuring.add_argument("names", nargs="*", metavar="NAME", help="a program in tests/bench")
    measuring.add_argument("--json", type=Path, metavar="FILE", help="write the measures there")
    verbs.add_parser("torture", help="kill it while it writes; all that follows is handed on")
    pictures = verbs.add_parser("screenshots", help="write pictures of the main screens")
    pictures.add_argument("--out", type=Path, default=ROOT / "build" / "screenshots", metavar="DIR")
    verbs.add_parser("translate", help="bring the catalogues in step with the visible texts")
    locking = verbs.add_parser("lock", help="make the lock files anew (takes uv)")
    locking.add_argument("--upgrade", action="store_true", help="to the newest versions allowed")
    return parser


def _set_up(wanted: str, needs: tuple[tuple[str, ...], ...]) -> Path:
    """Make environment, system packages and translations ready; return the environment's Python."""
    environment = _environment()

    def waiting() -> None:
        say("Another set-up of this checkout is at work; waiting for it ...")

    with only_one(ROOT / ".venv.lock", waiting):
        system_packages.ensure(needs)
        environment.ensure(wanted)
        try:
            catalogues.compile_stale(
                ROOT / "resources" / "i18n", [str(environment.tool("pyside6-lrelease"))]
            )
        except subprocess.CalledProcessError as failure:
            raise SetupError(
                f"The translations could not be compiled; the tool said:\n{failure.stdout}"
            ) from failure
    return environment.python


def _has_display(environment: dict[str, str]) -> bool:
    """Whether a window can open; who names a Qt platform has chosen where, seen or unseen."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _offscreen() -> dict[str, str]:
    """The environment for what draws without a screen unless it starts one of its own."""
    return {"QT_QPA_PLATFORM": "offscreen", **pythons.plain(os.environ)}


def _call(command: list[str]) -> int:
    return subprocess.call(command, cwd=ROOT, env=_offscreen())


def _become(command: list[str], environment: dict[str, str]) -> int:
    """Let `command` take this process's place, so that signals and exit codes are its own."""
    if os.name != "nt":
        os.execve(command[0], command, environment)
    # Windows only pretends: its exec returns to the shell at once.
    return subprocess.call(command, env=environment)


if __name__ == "__main__":
    try:
        pythons.take_over(_environment(), _python_wish(sys.argv[1:])[1], sys.argv[1:])
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
