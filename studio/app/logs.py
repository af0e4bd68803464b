"""The log file: what happened and where, never what was written or answered, never a token."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.storage.files import private_file, private_folder

NO_LOG = QT_TRANSLATE_NOOP(
    "errors",
    "The log file cannot be written, so there is no trace of faults. Everything else goes on. "
    "Check the free space and the permissions of the data folder.",
)
SIZE = 1_000_000
KEPT = 3
# Libraries that write requests with their prompts at DEBUG, even when their own variables ask.
_TALKATIVE = ("openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio", "PIL")


def start_log(folder: Path, troubled: Callable[[OSError], None] = lambda error: None) -> None:
    """Log to `folder/studio.log`, kept small; a folder that refuses costs only the log.

    `troubled` is told once, in whatever thread it happens, that the file cannot be written.
    """
    from logging.handlers import RotatingFileHandler

    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).propagate = False

    class PrivateHandler(RotatingFileHandler):
        """Only the user can read what it writes."""

        def _open(self) -> TextIOWrapper:
            with contextlib.suppress(FileExistsError):
                private_file(Path(self.baseFilename))
            return super()._open()

        told = False

        def handleError(self, record: logging.LogRecord) -> None:
            """A full disk costs lines of the log, and writes none on the terminal instead."""
            stream, self.stream = self.stream, None  # what it still holds would be tried at the end
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
            error = sys.exception()
            if isinstance(error, OSError) and not self.told:
                self.told = True
                troubled(error)

    try:
        private_folder(folder)
        handler = PrivateHandler(
            folder / "studio.log", maxBytes=SIZE, backupCount=KEPT, encoding="utf-8"
        )
    except OSError as error:
        logging.getLogger(__name__).warning("no log file: %s", error.strerror)
        troubled(error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("studio")
    for old in list(logger.handlers):  # of a run before this one in the same process
        logger.removeHandler(old)
        old.close()
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
