"""Words of the history with a number in them, for what is painted and for menus."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from studio.sessions.history.conversation_list import ConversationList
from studio.sessions.states import Mark
from studio.ui.history.paint import facts_of, group_words, title_words


def mark_words(mark: Mark) -> str:
    """What the sign of a conversation means."""
    translate = QCoreApplication.translate
    return {
        Mark.RUNNING: translate("history", "Being answered"),
        Mark.WAITING: translate("history", "Waiting for its turn"),
        Mark.UNREAD: translate("history", "New answer"),
        Mark.CUT: translate("history", "The answer is not whole"),
    }[mark]


class HistoryWords(QObject):
    """An object, because only `tr` knows the singular and the plural."""

    def conversations(self, count: int) -> str:
        """3 conversations."""
        return self.tr("%n conversation(s)", "", count)

    def days_left(self, days: int) -> str:
        """How long something stays in the trash."""
        return self.tr("%n day(s) left", "", days) if days else self.tr("Gone today")

    def row(self, rows: ConversationList, row: int, mark: Mark | None = None) -> str:
        """A row of the history as a screen reader says it; `mark` is that of a conversation."""
        block, summary = rows.block_at(row), rows.at(row)
        if block.group is not None:
            return group_words(block.group)
        if block.folder is not None:
            state = self.tr("closed") if block.folder.closed else self.tr("open")
            return "\n".join((block.folder.name, self.conversations(block.folder.length), state))
        if summary is None:
            return self.tr("Loading…")
        said = f"{title_words(summary)}\n{facts_of(summary)}"
        return said if mark is None else f"{said}\n{mark_words(mark)}"
