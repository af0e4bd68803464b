"""Words for what is being done with the history, and for how it ended."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.core.transfer.common import Imported, Preview, Skipped, Written
from studio.sessions.operations.operations import Operation, Outcome
from studio.ui.look.text import error_sentence, translated

_CONTEXT = "operations"
_UNDER_WAY: dict[Operation, str] = {
    Operation.BACK_UP: QT_TRANSLATE_NOOP("operations", "Making a backup…"),
    Operation.EXPORT: QT_TRANSLATE_NOOP("operations", "Exporting…"),
    Operation.EXPORT_ALL: QT_TRANSLATE_NOOP("operations", "Exporting everything…"),
    Operation.COPY_ALL: QT_TRANSLATE_NOOP("operations", "Copying everything…"),
    Operation.LOOK: QT_TRANSLATE_NOOP("operations", "Looking into it…"),
    Operation.IMPORT: QT_TRANSLATE_NOOP("operations", "Importing…"),
    Operation.RESTORE: QT_TRANSLATE_NOOP(
        "operations", "Backing up what is there, before going back…"
    ),
    Operation.MOVE: QT_TRANSLATE_NOOP("operations", "Copying the data folder…"),
}
_SAVING = QT_TRANSLATE_NOOP("operations", "Importing: adding to the history, this takes a moment…")
_SAVING_FROM = 0.7  # the share of an import that is done before its rows are added
_ENDING = QT_TRANSLATE_NOOP("operations", "Ending…")
_NAMED = QT_TRANSLATE_NOOP("operations", "“{title}”: {reason}")
_MOST_NAMED = 2  # of what was left out; the list before the import names all
_CANCELLED: dict[Operation, str] = {
    Operation.BACK_UP: QT_TRANSLATE_NOOP("operations", "Cancelled. No backup was made."),
    Operation.EXPORT: QT_TRANSLATE_NOOP("operations", "Cancelled. No file was left behind."),
    Operation.EXPORT_ALL: QT_TRANSLATE_NOOP("operations", "Cancelled. No file was left behind."),
    Operation.COPY_ALL: QT_TRANSLATE_NOOP("operations", "Cancelled. No copy was left behind."),
    Operation.LOOK: QT_TRANSLATE_NOOP("operations", "Cancelled. Nothing was imported."),
    Operation.IMPORT: QT_TRANSLATE_NOOP("operations", "Cancelled. Nothing was imported."),
    Operation.RESTORE: QT_TRANSLATE_NOOP("operations", "Cancelled. Nothing was changed."),
    Operation.MOVE: QT_TRANSLATE_NOOP(
        "operations", "Cancelled. The data folder is where it was, and unchanged."
    ),
}
_BACKED_UP = QT_TRANSLATE_NOOP("operations", "The backup is made.")
_COPIED = QT_TRANSLATE_NOOP("operations", "Everything is copied.")
_STARTING_AGAIN = QT_TRANSLATE_NOOP("operations", "The program starts again now.")


def under_way(operation: Operation, share: float | None, *, cancelling: bool) -> str:
    """What is being done."""
    if cancelling:
        return translated(_CONTEXT, _ENDING)
    saving = operation is Operation.IMPORT and share is not None and share >= _SAVING_FROM
    return translated(_CONTEXT, _SAVING if saving else _UNDER_WAY[operation])


def outcome_words(outcome: Outcome) -> str:
    """How it ended, in a sentence or a few."""
    if outcome.error is not None:
        return error_sentence(outcome.error)
    if outcome.cancelled:
        return translated(_CONTEXT, _CANCELLED[outcome.operation])
    result = outcome.result
    if isinstance(result, Preview):
        return OperationWords().imported(Imported(skipped=result.skipped))
    if isinstance(result, Imported):
        return OperationWords().imported(result)
    if isinstance(result, Written):
        return OperationWords().written(result)
    if outcome.operation is Operation.BACK_UP:
        return translated(_CONTEXT, _BACKED_UP)
    if outcome.operation is Operation.COPY_ALL:
        return translated(_CONTEXT, _COPIED)
    return translated(_CONTEXT, _STARTING_AGAIN)


def written_path(outcome: Outcome) -> Path | None:
    """The file or folder that came of it, where it is worth showing."""
    if isinstance(outcome.result, Written):
        return outcome.result.path
    shown = outcome.operation is Operation.COPY_ALL and isinstance(outcome.result, Path)
    return outcome.result if shown and isinstance(outcome.result, Path) else None


def _joined(sentences: list[str]) -> str:
    gap = QCoreApplication.translate("units", ". ")
    # Chinese sentences follow one another without a space.
    return ("" if gap.strip() == "。" else " ").join(sentences)


def skipped_words(skipped: Skipped) -> str:
    """What was left out, and why."""
    reason = translated("transfer", skipped.reason, dict(skipped.values))
    return translated(_CONTEXT, _NAMED, {"title": skipped.title, "reason": reason})


class OperationWords(QObject):
    """Counts in words: only here can one thing and several be told apart."""

    def written(self, result: Written) -> str:
        """What an export has saved."""
        sentences = [self.tr("%n conversation(s) saved.", "", result.conversations)]
        if result.missing_pictures:
            sentences.append(
                self.tr("%n picture(s) could not be found.", "", result.missing_pictures)
            )
        return _joined(sentences)

    def imported(self, result: Imported) -> str:
        """What an import has added."""
        sentences: list[str] = []
        if n := result.conversations:
            sentences.append(self.tr("%n conversation(s) imported.", "", n))
        if n := result.merged:
            sentences.append(self.tr("%n conversation(s) got new messages.", "", n))
        if n := result.unchanged:
            sentences.append(self.tr("%n conversation(s) were here already.", "", n))
        if n := result.pictures:
            sentences.append(self.tr("%n picture(s) imported.", "", n))
        if n := result.missing_pictures + result.skipped_pictures:
            sentences.append(self.tr("%n picture(s) were not in the file.", "", n))
        if n := len(result.skipped):
            sentences.append(self.tr("%n could not be read and stayed out:", "", n))
            sentences += [skipped_words(each) for each in result.skipped[:_MOST_NAMED]]
        return _joined(sentences) or self.tr("The file holds no conversation.")
