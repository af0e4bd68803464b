"""What the palette offers: actions, settings, conversations, models and pictures as entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

from PySide6.QtCore import QCoreApplication

from studio.core.capabilities import Capability
from studio.core.images import GeneratedImage
from studio.core.models import ModelInfo
from studio.core.settings import PAGES, SPECS
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.history.palette_search import FoundPicture, SearchHit, marks_of
from studio.sessions.models.catalogue import Catalogue
from studio.ui.actions import ActionSpec
from studio.ui.history.found_list import Marks, shown_excerpt
from studio.ui.history.paint import title_words
from studio.ui.look import text

# In the order in which a group takes a model that can do several things.
KINDS = (
    Capability.CHAT,
    Capability.VISION,
    Capability.TEXT_TO_IMAGE,
    Capability.IMAGE_EDIT,
)
_CAN = {
    Capability.CHAT: QT_TRANSLATE_NOOP("palette", "Text"),
    Capability.VISION: QT_TRANSLATE_NOOP("palette", "Vision"),
    Capability.TEXT_TO_IMAGE: QT_TRANSLATE_NOOP("palette", "Pictures"),
    Capability.IMAGE_EDIT: QT_TRANSLATE_NOOP("palette", "Editing"),
}


class Group(Enum):
    """The kinds of entries, in their order."""

    ACTIONS = "actions"
    CONVERSATIONS = "conversations"
    SETTINGS = "settings"
    MODELS = "models"
    PICTURES = "pictures"


# A sign before what is typed asks for some groups alone. A Chinese keyboard writes wide ones.
PREFIXES: dict[str, tuple[Group, ...]] = {
    ">": (Group.ACTIONS, Group.SETTINGS),
    "@": (Group.MODELS,),
    "#": (Group.PICTURES,),
}
_WIDE = str.maketrans("＞＠＃》", ">@#>")


def understood(typed: str) -> tuple[tuple[Group, ...], str]:
    """The groups that are asked for, and the words that are looked for in them."""
    text = typed.lstrip()
    groups = PREFIXES.get(text[:1].translate(_WIDE))
    return (tuple(Group), text) if groups is None else (groups, text[1:].lstrip())


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be chosen, and what happens then.

    `below` is a second line. The marks are (start, end) of what was typed. `note` stands at the
    right, as `keys` do one by one, and `tags` in grounds of their own.
    """

    group: Group
    words: str
    choose: Callable[[], object]
    icon: str = ""
    marks: Marks = ()
    below: str = ""
    below_marks: Marks = ()
    note: str = ""
    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: GeneratedImage | None = None
    searched: str = ""  # what is looked at beside the words

    @property
    def spoken(self) -> str:
        """The entry as a screen reader says it."""
        parts = (self.words, self.below, *self.tags, self.note, "+".join(self.keys))
        return ", ".join(part for part in parts if part)


def group_words(group: Group) -> str:
    """The heading of a group."""
    return {
        Group.ACTIONS: QCoreApplication.translate("palette", "Actions"),
        Group.SETTINGS: QCoreApplication.translate("palette", "Settings"),
        Group.CONVERSATIONS: QCoreApplication.translate("palette", "Conversations"),
        Group.MODELS: QCoreApplication.translate("palette", "Models"),
        Group.PICTURES: QCoreApplication.translate("palette", "Pictures"),
    }[group]


def narrowed(entries: Iterable[Entry], typed: str) -> list[Entry]:
    """The entries in which every word that was typed occurs, marked; beginnings come first."""
    if not typed.split():
        return list(entries)
    found: list[tuple[bool, Entry]] = []
    for entry in entries:
        if marks_of(f"{entry.words} {entry.searched}", typed) is None:
            continue
        marks = marks_of(entry.words, typed) or ()
        begins = bool(marks) and marks[0][0] == 0
        found.append((not begins, replace(entry, marks=marks)))
    # Stable: what begins alike stays in the order of the table.
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def action_entries(actions: Iterable[ActionSpec], perform: Callable[[str], object]) -> list[Entry]:
    """Everything that can be done now."""
    return [
        Entry(
            Group.ACTIONS,
            text.translated("actions", each.text),
            partial(perform, each.id),
            icon=each.icon,
            # Also by its English name: who knows a program in English types that.
            searched=each.text,
            keys=_single_keys(each.shown_keys),
        )
        for each in actions
        if each.id != "palette"
    ]


def setting_entries(show_page: Callable[[str], object]) -> list[Entry]:
    """Every page of the settings, and every setting by its name."""
    names = {page: text.translated("settings", words) for page, words in PAGES}
    pages = [
        Entry(Group.SETTINGS, names[page], partial(show_page, page), "gear-six", searched=words)
        for page, words in PAGES
    ]
    return pages + [
        Entry(
            Group.SETTINGS,
            text.translated("settings", each.label),
            partial(show_page, each.page),
            "gear-six",
            note=names[each.page],
            searched=each.label,
        )
        for each in SPECS
        if each.label and each.page in names
    ]


def model_entries(
    catalogue: Catalogue, use: Callable[[str, frozenset[Capability]], object]
) -> list[Entry]:
    """Every model that can be offered, whatever it can do; retired ones at the end."""
    known: dict[str, ModelInfo] = {}
    for kind in KINDS:
        for model in catalogue.models(kind):
            known.setdefault(model.id, model)
    models = sorted(known.values(), key=lambda model: model.retired)
    return [_model_entry(model, use) for model in models]


def _model_entry(model: ModelInfo, use: Callable[[str, frozenset[Capability]], object]) -> Entry:
    tags = [_CAN[kind] for kind in KINDS if kind in model.capabilities]
    if model.reasoning:
        tags.append(QT_TRANSLATE_NOOP("palette", "Thinking"))
    if model.retired:
        tags = [QT_TRANSLATE_NOOP("palette", "no longer served")]
    return Entry(
        Group.MODELS,
        model.short_name,
        partial(use, model.id, model.capabilities),
        "cube",
        searched=model.id,
        tags=tuple(text.translated("palette", tag) for tag in tags),
    )


def conversation_entry(found: SearchHit, choose: Callable[[SearchHit], object]) -> Entry:
    """A conversation, with the piece of it that matches."""
    excerpt, marks = shown_excerpt(found)
    vision = found.summary.kind is Capability.VISION
    return Entry(
        Group.CONVERSATIONS,
        title_words(found.summary),
        partial(choose, found),
        "eye" if vision else "chat-circle-text",
        marks=found.title_marks,
        below=excerpt or found.summary.model.rpartition("/")[2],
        below_marks=marks,
        note=text.moment(found.summary.updated_at),
    )


def picture_entry(found: FoundPicture, choose: Callable[[GeneratedImage], object]) -> Entry:
    """A picture by its words, with its model, size and day."""
    image = found.picture.image
    facts = (
        image.request.model.rpartition("/")[2],
        text.pixels(image.width, image.height),
        text.moment(image.created_at),
    )
    return Entry(
        Group.PICTURES,
        image.request.prompt,
        partial(choose, image),
        "image",
        marks=found.marks,
        below=" · ".join(fact for fact in facts if fact),
        image=image,
    )


def _single_keys(shown: str) -> tuple[str, ...]:
    """The keys of a shortcut one by one; "Ctrl++" ends with the key +."""
    if not shown:
        return ()
    parts = shown.split("+")
    return (*parts[:-2], "+") if shown.endswith("++") else tuple(parts)
