"""ACTIONS: everything a user can do by key, as one table; shortcuts, palette and help follow."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QKeySequence

from studio.core.texts import QT_TRANSLATE_NOOP


class ActionSpec(NamedTuple):
    """One action: its id, its English words, its keys and its icon.

    An action without `keys` has a place in the palette only. It is the window's, or that of the
    `tabs` by their ids, of which each says by `can` whether it can be done now.
    """

    id: str
    text: str
    keys: str = ""
    icon: str = ""
    tabs: tuple[str, ...] = ()

    def is_at(self, tab_id: str) -> bool:
        """Whether the action has a meaning where this tab is shown."""
        return not self.tabs or tab_id in self.tabs

    @property
    def shown_keys(self) -> str:
        """The keys as the platform writes them."""
        return QKeySequence(self.keys).toString(QKeySequence.SequenceFormat.NativeText)


_CONVERSATIONS = ("chat", "vision")
_ALL = (*_CONVERSATIONS, "images")

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "palette",
        QT_TRANSLATE_NOOP("actions", "Search or run a command"),
        "Ctrl+K",
        "magnifying-glass",
    ),
    ActionSpec(
        "new",
        QT_TRANSLATE_NOOP("actions", "New conversation"),
        "Ctrl+N",
        "note-pencil",
        _CONVERSATIONS,
    ),
    ActionSpec(
        "tab_chat", QT_TRANSLATE_NOOP("actions", "Go to Chat"), "Ctrl+1", "chat-circle-text"
    ),
    ActionSpec("tab_vision", QT_TRANSLATE_NOOP("actions", "Go to Vision"), "Ctrl+2", "eye"),
    ActionSpec("tab_images", QT_TRANSLATE_NOOP("actions", "Go to Images"), "Ctrl+3", "image"),
    ActionSpec(
        "write", QT_TRANSLATE_NOOP("actions", "Go to the message field"), "Ctrl+L", "text-aa", _ALL
    ),
    ActionSpec("stop", QT_TRANSLATE_NOOP("actions", "Stop"), "Esc", "stop", _ALL),
    ActionSpec("model", QT_TRANSLATE_NOOP("actions", "Choose a model"), "Ctrl+M", "cube", _ALL),
    ActionSpec(
        "find",
        QT_TRANSLATE_NOOP("actions", "Find in the conversation"),
        "Ctrl+F",
        "magnifying-glass",
        _CONVERSATIONS,
    ),
    ActionSpec(
        "search",
        QT_TRANSLATE_NOOP("actions", "Search all conversations"),
        "Ctrl+Shift+F",
        "magnifying-glass",
        _CONVERSATIONS,
    ),
    ActionSpec(
        "history",
        QT_TRANSLATE_NOOP("actions", "Show or hide the history"),
        "Ctrl+B",
        "list",
        _CONVERSATIONS,
    ),
    ActionSpec(
        "inspector",
        QT_TRANSLATE_NOOP("actions", "Show or hide the right panel"),
        "Ctrl+I",
        "sliders-horizontal",
        _ALL,
    ),
    ActionSpec(
        "attach",
        QT_TRANSLATE_NOOP("actions", "Choose pictures"),
        "Ctrl+O",
        "folder-open",
        _CONVERSATIONS,
    ),
    ActionSpec(
        "export",
        QT_TRANSLATE_NOOP("actions", "Export the conversation"),
        "",
        "export",
        _CONVERSATIONS,
    ),
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
        "zoom_in",
        QT_TRANSLATE_NOOP("actions", "Larger text"),
        "Ctrl++",
        "magnifying-glass-plus",
        _CONVERSATIONS,
    ),
    ActionSpec(
        "zoom_out",
        QT_TRANSLATE_NOOP("actions", "Smaller text"),
        "Ctrl+-",
        "magnifying-glass-minus",
        _CONVERSATIONS,
    ),
    ActionSpec(
        "zoom_reset",
        QT_TRANSLATE_NOOP("actions", "Normal text size"),
        "Ctrl+0",
        "text-aa",
        _CONVERSATIONS,
    ),
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
    ActionSpec(
        "undo",
        QT_TRANSLATE_NOOP("actions", "Bring back what was deleted"),
        "Ctrl+Z",
        "arrow-counter-clockwise",
    ),
    ActionSpec("quit", QT_TRANSLATE_NOOP("actions", "Quit"), "Ctrl+Q", "sign-out"),
)

BY_ID = {action.id: action for action in ACTIONS}


def keys_of(action_id: str) -> str:
    """The shortcut of an action as the platform writes it."""
    return BY_ID[action_id].shown_keys
