"""`python -m studio` and the command `moda-studio`: reads the options and starts the program."""

from __future__ import annotations

import gc

# Collecting while modules load is waste; from then on `ui_thread_gc.py` sees to it.
gc.disable()

import argparse  # noqa: E402
import sys  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import NoReturn  # noqa: E402

from studio import __version__  # noqa: E402
from studio.app.options import Options  # noqa: E402


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence and exit code 2."""
        self.exit(2, f"moda-studio: {message}. See moda-studio --help.\n")


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("a folder is needed, not an empty name")
    shown = text.encode("utf-8", "replace").decode()
    try:
        text.encode("utf-8")
        path = Path(text).expanduser().absolute()
        if path.exists() and not path.is_dir():
            raise argparse.ArgumentTypeError(f"{shown} is a file, not a folder")
    except UnicodeEncodeError:
        words = f"the name of the folder {shown} is not UTF-8: rename it, or name another"
        raise argparse.ArgumentTypeError(words) from None
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"{shown}: there is no home folder") from None
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{shown}: {error.strerror}") from None
    return path


def parser() -> argparse.ArgumentParser:
    """All options of the command line."""
    made = _Parser(
        prog="moda-studio",
        description="Chat, questions about pictures, and pictures from words, with ModelScope.",
        allow_abbrev=False,
    )
    made.add_argument("--demo", action="store_true", help="use the service in a box, offline")
    made.add_argument("--data-dir", type=_folder, metavar="DIR", help="keep everything below DIR")
    made.add_argument("--site", choices=("cn", "ai"), help="the site of the service for this run")
    made.add_argument(
        "--base-url",
        metavar="URL",
        help="another host for this run; its token comes from MODA_STUDIO_TOKEN or the keyring",
    )
    made.add_argument("--version", action="version", version=f"Moda Studio {__version__}")
    made.add_argument(
        "--self-check", action="store_true", help="say as JSON whether all parts work, and end"
    )
    made.add_argument(
        "--time-first-paint",
        action="store_true",
        help="say as JSON what the start cost and loaded, and end",
    )
    return made


def _say_broken(error: Exception) -> int:
    """Say that the program cannot even be loaded: in a window, if Qt at least can be."""
    try:
        from studio.app import before_window

        before_window.application()
        before_window.say_crash(error)
    except ImportError:
        # Such as: libGL.so.1: cannot open shared object file: No such file or directory
        words = f"moda-studio: a part of the program cannot be loaded: {error}."
        sys.stderr.write(f"{words} Install what it names, or Moda Studio anew.\n")
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["--serve-demo"]:
        # A frozen program carries the service in a box inside itself.
        from studio.demo.__main__ import main as serve

        return serve(words[1:])
    given = parser().parse_args(words)
    if given.self_check:
        from studio.app.self_check import run

        return run()
    try:
        from studio.app.main import run as run_program
    except Exception as error:  # noqa: BLE001 - a file of the program can be damaged in any way
        return _say_broken(error)
    return run_program(
        Options(
            demo=given.demo,
            data_dir=given.data_dir,
            site=given.site,
            base_url=given.base_url,
            time_first_paint=given.time_first_paint,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
