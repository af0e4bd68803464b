"""Between two runs of the program, while nothing is open: another history, or another folder."""

from __future__ import annotations

import gc
import logging

from PySide6.QtCore import QCoreApplication

from studio.app.options import Options
from studio.app.single_instance import Instance
from studio.core.errors import StudioError
from studio.sessions.operations.restart_request import RestartRequest
from studio.storage.db.opening import restore
from studio.storage.db.relocation import finish, point_back
from studio.storage.locations import Locations, locate
from studio.ui.look.text import error_sentence

_log = logging.getLogger(__name__)


def change_over(restart: RestartRequest, locations: Locations) -> str:
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


def begin_anew(options: Options) -> tuple[Locations, Instance] | None:
    """The folders of the run that follows, once nothing of the last one is left.

    Otherwise a timer of that might still fire. None when another program took the folder.
    """
    gc.unfreeze()
    gc.collect()
    locations = locate(options.data_dir)
    instance = Instance(locations.data, must_exist=locations.chosen)
    if instance.take():
        return locations, instance
    instance.raise_other()
    return None
