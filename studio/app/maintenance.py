"""What is tidied up in the background after the start: backups, trash, and a damaged history."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from studio.core.errors import StudioError
from studio.sessions.studio import Studio
from studio.storage import key_value
from studio.storage.db.opening import DatabaseState
from studio.storage.db.readings import read_on
from studio.storage.history import conversations
from studio.storage.maintenance.cleanup import clear_up, drop_replaced, sweep_attachments
from studio.storage.maintenance.salvage import Salvaged, salvage
from studio.storage.pictures.attachments import Attachments
from studio.storage.pictures.library import Library
from studio.storage.privacy import mend_attachments

_PIECE = 8_000  # characters of Markdown: some twenty milliseconds
_PAUSE = 0.1  # seconds between two pieces


async def clear_up_first(studio: Studio) -> None:
    """Remove what a program that was killed left half done; before the gallery looks."""
    locations = studio.locations
    try:
        report = await asyncio.to_thread(studio.database.wait_open)
    except StudioError:
        return  # it is told elsewhere
    if report.state is not DatabaseState.NEWER:
        attachments = Attachments(locations.attachments)
        await asyncio.to_thread(mend_attachments, locations.attachments)
        await asyncio.to_thread(clear_up, locations.database, attachments, locations.pictures)


async def keep_house(studio: Studio) -> str:
    """Do what is due; returns a sentence for the user, or "" where nothing is to be told.

    Raises StudioError when the disk refuses.
    """
    database = studio.database
    report = await asyncio.to_thread(database.wait_open)
    if report.state is DatabaseState.NEWER:
        return ""
    words = ""
    if report.state in (DatabaseState.RESTORED, DatabaseState.EMPTIED):
        words = await _salvage(studio, report.kept_aside)
    settings = studio.preferences.settings
    if settings.daily_backup:
        await asyncio.to_thread(database.back_up_daily, settings.backups_kept)
    await database.call(conversations.empty_trash)
    await database.call(key_value.drop_stray_drafts)
    locations = studio.locations
    await asyncio.to_thread(Library(database, locations.pictures).empty_trash)
    attachments = Attachments(locations.attachments)
    await asyncio.to_thread(drop_replaced, locations.database)
    await asyncio.to_thread(sweep_attachments, locations.database, attachments)
    return words


async def read_history(studio: Studio) -> None:
    """Read what an older version stored, so that a search finds what is seen of it.

    A piece at a time: what is saved and looked for meanwhile does not wait. What is left when the
    program ends is read by the next one.
    """
    report = await asyncio.to_thread(studio.database.wait_open)
    if report.state is DatabaseState.NEWER:
        return
    while True:
        if not await studio.database.call(read_on, _PIECE):
            return
        await asyncio.sleep(_PAUSE)


async def _salvage(studio: Studio, kept_aside: tuple[Path, ...]) -> str:
    if not kept_aside:
        return ""
    try:
        found: Salvaged = await asyncio.to_thread(salvage, studio.database, kept_aside[0])
    except StudioError:
        return ""  # the damaged file stays where it is, under its new name
    if not found.messages:
        return ""
    for rows in studio.histories.values():
        rows.refresh()
    words = QCoreApplication.translate("opening", "Messages saved from the damaged file: {n}")
    return words.replace("{n}", str(found.messages))
