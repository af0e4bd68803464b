"""Between two runs of the program, while nothing is open: another history, or another folder."""

from __future__ import annotations

import gc
import logging

from PySide6.QtCore import QCoreApplication

from studio.core.errors import StudioError
from studio.sessions.restart import Restart
from studio.storage.locations import Locations
from studio.storage.opening import restore
from studio.storage.relocation import finish, point_back
from studio.ui.text import error_sentence

_log = logging.getLogger(__name__)


def change_over(restart: Restart, locations: Locations) -> str:
    """Do what was wished for; returns what the next run says first.

    Blocks, for a worker thread, with the database closed. When it fails all is as it was.
    """
    translate = QCoreApplication.translate
    try:
        if restart.backup is not None:
            restore(locations.database, restart.backup)
            return translate("opening", "The history of the backup is back.")
        if locations.note is not None and restart.data is not None:
            finish(locations.data, restart.data, locations.note)
            words = translate(
                "opening", "The data is in {folder} now. The old folder is kept: {previous}"
            )
            words = words.replace("{folder}", str(restart.data))
            return words.replace("{previous}", str(locations.data))
        if locations.note is not None and restart.previous is not None:
            point_back(restart.previous, locations.note)
    except StudioError as error:
        _log.warning("the change between two runs failed: %s", error.kind.value)
        return error_sentence(error.stored())
    return ""


def forget_the_last_run() -> None:
    """Free what is left of it, so that none of its timers fires in the next one."""
    gc.unfreeze()
    gc.collect()
