"""TABS: the tabs of the window as one table; a tab is built when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtWidgets import QWidget

from studio.core.capabilities import Capability
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.studio import Studio


class TabSpec(NamedTuple):
    """One tab: its id (also of its action `tab_<id>`), English name, icons and builder.

    `capabilities`: a model that has one of them can be used there.
    """

    id: str
    name: str
    icon: str
    active_icon: str
    build: Callable[[Studio], QWidget]
    capabilities: frozenset[Capability]


def _chat(studio: Studio) -> QWidget:
    from studio.ui.shell.conversation_tab import ConversationTab

    return ConversationTab(Capability.CHAT, studio)


def _vision(studio: Studio) -> QWidget:
    from studio.ui.shell.conversation_tab import ConversationTab

    return ConversationTab(Capability.VISION, studio)


def _images(studio: Studio) -> QWidget:
    # Imported when first shown: its form and gallery are no part of the first paint.
    from studio.ui.images.tab import ImageTab

    return ImageTab(studio)


TABS: tuple[TabSpec, ...] = (
    TabSpec(
        "chat",
        QT_TRANSLATE_NOOP("tabs", "Chat"),
        "chat-circle-text",
        "chat-circle-text-fill",
        _chat,
        frozenset({Capability.CHAT}),
    ),
    TabSpec(
        "vision",
        QT_TRANSLATE_NOOP("tabs", "Vision"),
        "eye",
        "eye-fill",
        _vision,
        frozenset({Capability.VISION}),
    ),
    TabSpec(
        "images",
        QT_TRANSLATE_NOOP("tabs", "Images"),
        "image",
        "image-fill",
        _images,
        frozenset({Capability.TEXT_TO_IMAGE, Capability.IMAGE_EDIT}),
    ),
)
