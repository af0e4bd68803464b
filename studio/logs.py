"""The log file: what happened and where, never what was written or answered, never a token."""

from __future__ import annotations

import contextlib
import logging
from io import TextIOWrapper
from pathlib import Path

from studio.storage.files import private_file, private_folder

SIZE = 1_000_000
KEPT = 3
# Libraries that write requests with their prompts at DEBUG, even when their own variables ask.
_TALKATIVE = ("openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio", "PIL")


def start_log(folder: Path) -> None:
    """Log to `folder/studio.log`, kept small; a folder that refuses costs only the log."""
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

        def handleError(self, record: logging.LogRecord) -> None:
            """A full disk costs lines of the log, and writes none on the terminal instead."""

    try:
        private_folder(folder)
        handler = PrivateHandler(
            folder / "studio.log", maxBytes=SIZE, backupCount=KEPT, encoding="utf-8"
        )
    except OSError as error:
        logging.getLogger(__name__).warning("no log file: %s", error.strerror)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("studio")
    for old in list(logger.handlers):  # of a run before this one in the same process
        logger.removeHandler(old)
        old.close()
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
