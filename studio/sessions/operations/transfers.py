"""Taking conversations out and in: what the user orders, done in a thread by `Operations`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.core.transfer.common import (
    Choice,
    ConversationFormat,
    Imported,
    Preview,
    Watch,
    Written,
)
from studio.sessions.operations.operations import Operation, Operations, Outcome
from studio.storage.db.database import Database

if TYPE_CHECKING:
    from studio.storage.transfer.export import Printer, Source


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """Which conversations (None: all outside the trash), as what, and to where.

    `words` turns our words into the user's language, in any thread.
    """

    conversation_ids: tuple[str, ...] | None
    kind: ConversationFormat
    target: Path
    words: Callable[[str], str]
    reasoning: bool = True
    pictures: bool = True


class Transfers(QObject):
    """What does the work is loaded in its thread, where it holds up no window.

    Every verb answers False while something else is under way; the outcome comes by `Operations`.

    Results are Written, for a full copy the Path of the folder, Preview and Imported. `imported`
    comes when conversations have come in, `found` with a Preview and the paths that it is of.
    """

    imported = Signal(object)
    found = Signal(object, object)

    def __init__(
        self,
        database: Database,
        source: Callable[[], Source],
        printer: Printer,
        operations: Operations,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database, self._source = database, source
        self._printer, self._operations = printer, operations
        self._looking: tuple[Path, ...] = ()
        operations.ended.connect(self._on_ended)

    def export(self, order: ExportOrder) -> bool:
        """Write conversations as files."""

        def work(watch: Watch) -> Written:
            from studio.storage.transfer.export import Manner, export_conversations

            manner = Manner(order.words, order.reasoning, order.pictures, self._printer)
            ids, target = order.conversation_ids, order.target
            return export_conversations(
                self._source(), ids, target, order.kind, manner=manner, watch=watch
            )

        return self._operations.start(Operation.EXPORT, work)

    def export_everything(self, target: Path) -> bool:
        """Write all conversations and pictures as one zip file, which can be imported again."""

        def work(watch: Watch) -> Written:
            from studio.storage.transfer.export import export_everything

            return export_everything(self._source(), target, watch=watch)

        return self._operations.start(Operation.EXPORT_ALL, work)

    def copy_everything(self, folder: Path) -> bool:
        """Make a folder with the history and all pictures, on which the program can be started."""

        def work(watch: Watch) -> Path:
            from studio.storage.transfer.full_copy import copy_everything

            return copy_everything(self._source(), folder, watch=watch)

        return self._operations.start(Operation.COPY_ALL, work)

    def look_into(self, paths: Sequence[Path]) -> bool:
        """Find out what files and folders hold; `found` brings it, and nothing is imported."""

        def work(watch: Watch) -> Preview:
            from studio.storage.transfer.imports import look_into

            return look_into(self._source(), paths, watch=watch)

        begun = self._operations.start(Operation.LOOK, work)
        self._looking = tuple(paths) if begun else self._looking
        return begun

    def import_files(self, paths: Sequence[Path], choice: Choice) -> bool:
        """Add what is chosen of files and folders to the history: all of it or nothing."""

        def work(watch: Watch) -> Imported:
            from studio.storage.transfer.imports import import_file

            return import_file(self._database, self._source(), paths, choice=choice, watch=watch)

        return self._operations.start(Operation.IMPORT, work)

    def _on_ended(self, outcome: Outcome) -> None:
        if isinstance(outcome.result, Imported):
            self.imported.emit(outcome.result)
        if isinstance(outcome.result, Preview):
            self.found.emit(outcome.result, self._looking)
