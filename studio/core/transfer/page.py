"""What an exported conversation shows, whether as Markdown or as a page: words, times, pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from studio.core.messages import Conversation, ImagePart, Message, MessageStatus, Role
from studio.core.texts import QT_TRANSLATE_NOOP

YOU = QT_TRANSLATE_NOOP("transfer", "You")
ANSWER = QT_TRANSLATE_NOOP("transfer", "Answer")
UNTITLED = QT_TRANSLATE_NOOP("transfer", "Conversation")
SYSTEM_PROMPT = QT_TRANSLATE_NOOP("transfer", "System prompt")
REASONING = QT_TRANSLATE_NOOP("transfer", "Reasoning")
PICTURE = QT_TRANSLATE_NOOP("transfer", "Picture")
PICTURE_GONE = QT_TRANSLATE_NOOP("transfer", "The file of this picture is missing.")
TOOL_CALL = QT_TRANSLATE_NOOP("transfer", "Call of {name}")
TOOL_RESULT = QT_TRANSLATE_NOOP("transfer", "Result")
_ENDS = {
    MessageStatus.STREAMING: QT_TRANSLATE_NOOP("transfer", "This answer was not finished."),
    MessageStatus.INTERRUPTED: QT_TRANSLATE_NOOP("transfer", "This answer ended early."),
    MessageStatus.STOPPED: QT_TRANSLATE_NOOP("transfer", "This answer was stopped."),
    MessageStatus.FAILED: QT_TRANSLATE_NOOP("transfer", "There was no answer."),
}


def unchanged(text: str) -> str:
    """English, as it stands in the source."""
    return text


@dataclass(frozen=True, slots=True)
class Page:
    """A conversation as it is read: from its first message to its head.

    `picture` says where a stored picture is to be found from the file that is made (a path or an
    address), or "" when it is gone. `words` turns our words into the user's language.
    """

    conversation: Conversation
    messages: tuple[Message, ...]
    picture: Callable[[ImagePart], str] = field(default=lambda _: "")
    words: Callable[[str], str] = unchanged

    @property
    def title(self) -> str:
        """The title, or a word where there is none."""
        return self.conversation.title or self.words(UNTITLED)

    def speaker(self, message: Message) -> str:
        """Who speaks: the user, or the model by its name."""
        if message.role is Role.USER:
            return self.words(YOU)
        return message.model or self.conversation.model or self.words(ANSWER)

    def end(self, message: Message) -> str:
        """Why a message is not whole; empty when it is."""
        sentence = _ENDS.get(message.status)
        return self.words(sentence) if sentence else ""

    def call(self, name: str) -> str:
        """The heading of a tool's call."""
        return self.words(TOOL_CALL).replace("{name}", name)


def moment(timestamp: float) -> str:
    """2026-11-24 08:30, in local time; empty for a time that no clock shows."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(timestamp))
    except (OverflowError, ValueError, OSError):
        return ""
