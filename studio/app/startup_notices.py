"""Words for how the user's files were found at the start; "" where all was well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from studio.core.errors import StudioError
from studio.storage.db.backups import BEFORE_RESTORE
from studio.storage.db.opening import FOLDER_AWAY, DatabaseState, OpeningStep, OpenReport
from studio.storage.preferences import LoadedSettings

if TYPE_CHECKING:
    from studio.storage.history.cut_short import CutShort

_LONGEST_TITLE = 40


def words_for_opening(report: OpenReport) -> str:
    """What happened to the history, and where the old file is."""
    translate = QCoreApplication.translate
    words = {
        DatabaseState.NEWER: translate(
            "opening",
            "The history was written by a newer version. It can be read here, but nothing new is "
            "kept. Please update.",
        ),
        DatabaseState.RESTORED: translate(
            "opening",
            "The history was damaged. The newest good backup is in its place; the damaged file is "
            "kept: {file}",
        ),
        DatabaseState.EMPTIED: translate(
            "opening",
            "The history was damaged and there is no backup. A new one was started; the damaged "
            "file is kept: {file}",
        ),
    }.get(report.state, "")
    if report.state is DatabaseState.RESTORED and not report.kept_aside:
        words = _words_for_missing(report)
    if not words and report.log_lost:
        words = translate(
            "opening",
            "The program did not end properly last time, and its latest changes are missing: "
            "the last words before that may be lost.",
        )
    kept = str(report.kept_aside[0]) if report.kept_aside else ""
    return words.replace("{file}", kept)


def words_for_answers(found: Sequence[CutShort]) -> tuple[str, str]:
    """That the end of the last run cut answers short, and the word that shows the newest."""
    translate = QCoreApplication.translate
    words = translate("opening", "The program ended before “{title}” was answered to the end.")
    if len(found) > 1:
        words = translate(
            "opening",
            "The program ended before {n} answers were whole. They are marked in the history.",
        )
    said = words.replace("{n}", str(len(found))).replace("{title}", found[0].title[:_LONGEST_TITLE])
    return said, translate("opening", "Show")


def _words_for_missing(report: OpenReport) -> str:
    """Nothing was damaged: there was no file, and a backup is in its place."""
    if report.backup is not None and f"-{BEFORE_RESTORE}." in report.backup.name:
        return QCoreApplication.translate(
            "opening",
            "Going back to a backup was interrupted. The history is as it was before that; go back "
            "again if you still want to.",
        )
    return QCoreApplication.translate(
        "opening", "The history's file was missing. The newest good backup is in its place."
    )


def words_for_stage(stage: OpeningStep) -> str:
    """What the opening of the history is at, for whoever waits for it."""
    translate = QCoreApplication.translate
    return {
        OpeningStep.OPENING: translate("opening", "The history is being opened…"),
        OpeningStep.CHECKING: translate(
            "opening", "The program did not end properly last time: the history is being checked…"
        ),
        OpeningStep.BACKING_UP: translate(
            "opening", "The history is being backed up before it is brought up to date…"
        ),
        OpeningStep.MIGRATING: translate("opening", "The history is being brought up to date…"),
        OpeningStep.RESTORING: translate(
            "opening", "A backup of the history is being put in place…"
        ),
    }[stage]


def words_for_failure(error: StudioError, folder: Path) -> str:
    """Why there is no history at all, and where it should be."""
    if error.values.get("reason") == FOLDER_AWAY:
        words = QCoreApplication.translate(
            "opening",
            "The data folder is not there: {folder}. Connect its disk and start again; until then "
            "nothing new is kept.",
        )
        return words.replace("{folder}", str(folder))
    words = QCoreApplication.translate(
        "opening",
        "The data folder cannot be used, so nothing new is kept: {folder}. Check its permissions "
        "and the free space, then start again. {reason}",
    )
    return words.replace("{folder}", str(folder)).replace("{reason}", error.detail)


def words_for_settings(loaded: LoadedSettings) -> str:
    """What happened to the settings."""
    translate = QCoreApplication.translate
    if loaded.kept_aside is not None:
        words = translate(
            "opening",
            "The settings file was damaged. The default settings are used; the old file is kept: "
            "{file}",
        )
        return words.replace("{file}", str(loaded.kept_aside))
    if loaded.unreadable:
        return translate(
            "opening", "The settings file cannot be read. The default settings are used."
        )
    return ""
