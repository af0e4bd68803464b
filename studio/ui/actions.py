"""ACTIONS: everything a user can do by key, as one table; shortcuts, palette and help follow."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QKeySequence

from studio.core.texts import QT_TRANSLATE_NOOP


class ActionSpec(NamedTuple):
    """One action: its id, its English words, its keys and its icon.

    An action without `keys` has a place in the palette only.
    """

    id: str
    text: str
    keys: str = ""
    icon: str = ""

    @property
    def shown_keys(self) -> str:
        """The keys as the platform writes them."""
        return QKeySequence(self.keys).toString(QKeySequence.SequenceFormat.NativeText)


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "palette",
        QT_TRANSLATE_NOOP("actions", "Search or run a command"),
        "Ctrl+K",
        "magnifying-glass",
    ),
    ActionSpec("new", QT_TRANSLATE_NOOP("actions", "New conversation"), "Ctrl+N", "note-pencil"),
    ActionSpec(
        "tab_chat", QT_TRANSLATE_NOOP("actions", "Go to Chat"), "Ctrl+1", "chat-circle-text"
    ),
    ActionSpec("tab_vision", QT_TRANSLATE_NOOP("actions", "Go to Vision"), "Ctrl+2", "eye"),
    ActionSpec("tab_images", QT_TRANSLATE_NOOP("actions", "Go to Images"), "Ctrl+3", "image"),
    ActionSpec(
        "write", QT_TRANSLATE_NOOP("actions", "Go to the message field"), "Ctrl+L", "text-aa"
    ),
    ActionSpec("stop", QT_TRANSLATE_NOOP("actions", "Stop the answer"), "Esc", "stop"),
    ActionSpec("model", QT_TRANSLATE_NOOP("actions", "Choose a model"), "Ctrl+M", "cube"),
    ActionSpec(
        "find",
        QT_TRANSLATE_NOOP("actions", "Find in the conversation"),
        "Ctrl+F",
        "magnifying-glass",
    ),
    ActionSpec(
        "search",
        QT_TRANSLATE_NOOP("actions", "Search all conversations"),
        "Ctrl+Shift+F",
        "magnifying-glass",
    ),
    ActionSpec(
        "history", QT_TRANSLATE_NOOP("actions", "Show or hide the history"), "Ctrl+B", "list"
    ),
    ActionSpec(
        "inspector",
        QT_TRANSLATE_NOOP("actions", "Show or hide the parameters"),
        "Ctrl+I",
        "sliders-horizontal",
    ),
    ActionSpec("attach", QT_TRANSLATE_NOOP("actions", "Choose pictures"), "Ctrl+O", "folder-open"),
    ActionSpec("export", QT_TRANSLATE_NOOP("actions", "Export the conversation"), "", "export"),
    ActionSpec(
        "export_all", QT_TRANSLATE_NOOP("actions", "Export all conversations"), "", "export"
    ),
    ActionSpec(
        "import", QT_TRANSLATE_NOOP("actions", "Import conversations"), "", "download-simple"
    ),
    ActionSpec(
        "import_folder",
        QT_TRANSLATE_NOOP("actions", "Import a folder of exports"),
        "",
        "folder-open",
    ),
    ActionSpec("back_up", QT_TRANSLATE_NOOP("actions", "Back up now"), "", "archive"),
    ActionSpec(
        "zoom_in", QT_TRANSLATE_NOOP("actions", "Larger text"), "Ctrl++", "magnifying-glass-plus"
    ),
    ActionSpec(
        "zoom_out", QT_TRANSLATE_NOOP("actions", "Smaller text"), "Ctrl+-", "magnifying-glass-minus"
    ),
    ActionSpec("zoom_reset", QT_TRANSLATE_NOOP("actions", "Normal text size"), "Ctrl+0", "text-aa"),
    ActionSpec("settings", QT_TRANSLATE_NOOP("actions", "Settings"), "Ctrl+,", "gear-six"),
    ActionSpec(
        "switch_theme", QT_TRANSLATE_NOOP("actions", "Switch between light and dark"), "", "moon"
    ),
    ActionSpec(
        "switch_language",
        QT_TRANSLATE_NOOP("actions", "Switch between English and Chinese"),
        "",
        "translate",
    ),
    ActionSpec("welcome", QT_TRANSLATE_NOOP("actions", "Site and token"), "", "key"),
    ActionSpec("shortcuts", QT_TRANSLATE_NOOP("actions", "List of shortcuts"), "F1", "keyboard"),
    ActionSpec("quit", QT_TRANSLATE_NOOP("actions", "Quit"), "Ctrl+Q", "sign-out"),
)

BY_ID = {action.id: action for action in ACTIONS}


def keys_of(action_id: str) -> str:
    """The shortcut of an action as the platform writes it."""
    return BY_ID[action_id].shown_keys
