"""What a conversation is shown in: the parts that its presenter fills, whoever laid them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStackedLayout, QWidget

    from studio.ui.chat.composer import Composer
    from studio.ui.chat.conversation_head import ConversationHead
    from studio.ui.chat.inspector import Inspector


class ConversationView(Protocol):
    """Head, answers, message field and parameters of one conversation.

    `pages` holds `empty` first; the presenter adds the transcript when there is something to read.
    """

    head: ConversationHead
    inspector: Inspector
    composer: Composer
    pages: QStackedLayout
    empty: QWidget

    def order_stops(self) -> None:
        """Let Tab go through the parts in the order in which they are used."""
        ...
