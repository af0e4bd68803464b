"""The menu behind … of a message: what is known of it, and ways to take it away."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.core.errors import StoredError
from studio.core.messages import Message
from studio.ui.look import text
from studio.ui.look.icons import icon
from studio.ui.widgets.corners import Menu


def facts_of(message: Message) -> list[str]:
    """Model, time, tokens, durations and request id, as far as they are known."""
    translate = QCoreApplication.translate
    timing, usage = message.timing, message.usage
    facts = [message.model, text.moment(message.created_at)]
    if usage.input_tokens is not None and usage.output_tokens is not None:
        words = translate("message", "{in} tokens in, {out} out")
        counts = words.replace("{in}", text.number(float(usage.input_tokens)))
        facts.append(counts.replace("{out}", text.number(float(usage.output_tokens))))
    if timing.total is not None:
        facts.append(
            translate("message", "{time} in all").replace("{time}", text.seconds(timing.total))
        )
    if message.request_id:
        facts.append(translate("message", "Request {id}").replace("{id}", message.request_id))
    return [fact for fact in facts if fact]


def error_details(error: StoredError) -> str:
    """An error as text to be sent to somebody who can help."""
    title, hint = text.error_words(error)
    request = f"request id: {error.request_id}" if error.request_id else ""
    return "\n".join(part for part in (title, hint, error.detail, request) if part)


def copy_error(error: StoredError) -> None:
    """Put an error's details on the clipboard."""
    QGuiApplication.clipboard().setText(error_details(error))


def open_message_menu(parent: QWidget, message: Message) -> None:
    """Open the menu at the pointer."""
    translate = QCoreApplication.translate
    clipboard = QGuiApplication.clipboard()
    menu = Menu(parent)
    for fact in facts_of(message):
        # An ampersand would be taken for a mark of a shortcut.
        menu.addAction(fact.replace("&", "&&")).setEnabled(False)
    menu.addSeparator()
    copy, copy_id = (
        translate("message", "Copy as Markdown"),
        translate("message", "Copy request id"),
    )
    menu.addAction(icon("copy"), copy, lambda: clipboard.setText(message.text))
    if message.request_id:
        menu.addAction(icon("hash"), copy_id, lambda: clipboard.setText(message.request_id))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(QCursor.pos())
