"""What taking conversations out and in has in common: progress, refusals, and safe file names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from studio.core.clusters import cut, visible
from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP

# Called with how much is done of how much, in steps of any size; both in the same unit.
Progress = Callable[[int, int], None]


class TransferCancelled(Exception):
    """The user ended an export or import; nothing of it was left behind."""


def no_progress(done: int, total: int) -> None:
    """Nobody watches."""


def never() -> bool:
    """Nobody cancels."""
    return False


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches a transfer: told how far it is, and asked whether to go on.

    Both are called in the thread that works, many times a second.
    """

    progress: Progress = no_progress
    cancelled: Callable[[], bool] = never

    def step(self, done: int, total: int) -> None:
        """Tell how far it is; raises TransferCancelled when it is to end."""
        if self.cancelled():
            raise TransferCancelled
        self.progress(done, total)


class ConversationFormat(StrEnum):
    """What conversations can be taken out as."""

    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"
    PDF = "pdf"


class Written(NamedTuple):
    """What came of an export: where it is, how much, and pictures whose files were gone."""

    path: Path
    conversations: int
    missing_pictures: int = 0


class Skipped(NamedTuple):
    """Something of a file that was left out; `reason` is a sentence to be translated.

    `title` is what the file calls it, or the file's name; empty where it has none.
    """

    title: str
    reason: str
    values: tuple[tuple[str, str], ...] = ()


class Imported(NamedTuple):
    """What an import has added.

    `conversations` are new ones, of which `copied` stand beside one of ours with other words;
    `merged` ones were there and got more messages; `unchanged` ones were there with all they
    have. `missing_pictures` were not in the file, `skipped_pictures` cannot be taken over.
    `skipped` says which conversations could not be read, and why.
    """

    conversations: int = 0
    copied: int = 0
    merged: int = 0
    unchanged: int = 0
    messages: int = 0
    pictures: int = 0
    missing_pictures: int = 0
    skipped_pictures: int = 0
    skipped: tuple[Skipped, ...] = ()


class FoundConversation(NamedTuple):
    """A conversation of a file that can be imported; `here` is whether we have it already.

    Times in seconds since 1970 UTC. `id` is the one that it has here.
    """

    id: str
    title: str
    begun: float
    changed: float
    messages: int
    pictures: int
    here: bool = False


class Preview(NamedTuple):
    """What files hold, before anything of it is imported; `clients` are programs by their names.

    `made` counts pictures that were made here, `missing` those that are named and not there.
    """

    clients: tuple[str, ...]
    conversations: tuple[FoundConversation, ...]
    skipped: tuple[Skipped, ...] = ()
    made: int = 0
    missing: int = 0
    folders: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a file is imported, and how.

    `ids` are conversations by their ids here, None is all. `folder` takes those that are new; it
    is an id and a name. A conversation that names no model is given `model`, and so is one of
    another program that names one which is not among `models` (when there are any).
    """

    ids: frozenset[str] | None = None
    folder: tuple[str, str] | None = None
    model: str = ""
    models: frozenset[str] = frozenset()


EVERYTHING = Choice()

NOT_OURS = QT_TRANSLATE_NOOP(
    "transfer",
    "The file is neither an export of Moda Studio nor one of ChatGPT, Claude, DeepSeek, "
    "Cherry Studio, Chatbox, NextChat, LobeChat or Open WebUI. Choose the file or zip that the "
    "program exported.",
)
GONE = QT_TRANSLATE_NOOP("transfer", "The file is not there any more, or may not be read.")
NEWER = QT_TRANSLATE_NOOP(
    "transfer", "The file was written by a newer version of Moda Studio. Update this one first."
)
BROKEN_ZIP = QT_TRANSLATE_NOOP("transfer", "The zip file is damaged or cut short.")
ENCRYPTED = QT_TRANSLATE_NOOP("transfer", "The zip file is protected by a password.")
UNSAFE_NAME = QT_TRANSLATE_NOOP(
    "transfer", "The zip file holds a name that could write outside of its folder: {name}"
)
TWICE = QT_TRANSLATE_NOOP("transfer", "The zip file holds the same name twice: {name}")
TOO_MANY = QT_TRANSLATE_NOOP("transfer", "The zip file holds more than {limit} files.")
BOMB = QT_TRANSLATE_NOOP(
    "transfer", "The zip file would unpack to far more than its size. It may be an attack."
)
TOO_LARGE = QT_TRANSLATE_NOOP("transfer", "A part of the file is larger than {limit} MB.")
BROKEN_JSON = QT_TRANSLATE_NOOP(
    "transfer",
    "The file holds damaged JSON: it was cut short or changed. Download or export it again.",
)
WRONG_SHAPE = QT_TRANSLATE_NOOP(
    "transfer",
    "The file holds something unexpected, and no conversation in it can be read. Export it again.",
)
BAD_PICTURE = QT_TRANSLATE_NOOP("transfer", "A picture in the file is damaged: {name}")
NOT_WRITTEN = QT_TRANSLATE_NOOP(
    "transfer", "The file could not be written. Check the folder and the free space."
)
NOTHING_CHOSEN = QT_TRANSLATE_NOOP("transfer", "There is no conversation to save.")


def refused(reason: str, detail: str = "", **values: str) -> StudioError:
    """The error of an import; `values["reason"]` is a sentence to be translated and filled."""
    values = {name: _shown(value) for name, value in values.items()}
    return StudioError(ErrorKind.NOT_IMPORTED, detail, values={"reason": reason, **values})


def not_written(detail: str) -> StudioError:
    """The error of an export that the disk refused."""
    return StudioError(ErrorKind.STORAGE, detail, values={"reason": NOT_WRITTEN})


def _shown(value: str) -> str:
    """Foreign text for a sentence: one short line without control characters."""
    kept = "".join(each if each.isprintable() else "\ufffd" for each in value[:120])
    return kept if 0 < len(value) <= 120 else kept + "…"


# Names that Windows keeps for devices, whatever follows the first dot.
DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{name}{digit}" for name in ("com", "lpt") for digit in "0123456789¹²³"]
)
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
_MOST_CHARACTERS = 80
_MOST_BYTES = 180  # a name may have 255, and a number and an ending come behind


def is_device(name: str) -> bool:
    """Whether Windows would open a device instead of a file of this name."""
    return name.split(".", 1)[0].rstrip(" ").casefold() in DEVICES


def is_file_name(name: str) -> bool:
    """Whether every system accepts `name` for a file, in the folder it is meant for."""
    return (
        name == name.strip(" .")
        and 0 < len(name.encode("utf-8", "replace")) <= 240
        and visible(name) == name
        and not _NOT_IN_NAMES.search(name)
        and not is_device(name)
    )


def file_stem(title: str, otherwise: str = "Conversation") -> str:
    """A name without ending for a title, that every system accepts and that leads nowhere else."""
    # Marks that turn the direction of writing could make an ending look like another one.
    named = unicodedata.normalize("NFC", visible(title))
    named = " ".join(_NOT_IN_NAMES.sub(" ", named).split())
    named = _cut(named).strip(" .")
    if not named:
        return otherwise
    return f"_{named}" if is_device(named) else named


def _cut(name: str) -> str:
    length = _MOST_CHARACTERS
    while len(name[:length].encode("utf-8", "replace")) > _MOST_BYTES:
        length -= 1
    return cut(name, length)


def different_stems(titles: Iterable[str], otherwise: str = "Conversation") -> list[str]:
    """`file_stem` of each title, with a number where two would be the same file."""
    taken: set[str] = set()
    found: list[str] = []
    for title in titles:
        stem = file_stem(title, otherwise)
        candidate, number = stem, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{stem} {number}"
        taken.add(candidate.casefold())
        found.append(candidate)
    return found
