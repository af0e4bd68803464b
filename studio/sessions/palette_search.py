"""Looks through all conversations and pictures for the palette while one types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.sessions.tasks import TaskGroup
from studio.storage.database import Database
from studio.storage.found import Found, find_conversations
from studio.storage.grams import fold
from studio.storage.library_rows import LibraryPicture, list_pictures
from studio.storage.listing import list_conversations
from studio.storage.outline import Scope
from studio.storage.search import marks_in, parse, search_pictures

if TYPE_CHECKING:
    import apsw

__all__ = ["Answer", "Found", "FoundPicture", "PaletteSearch", "Reach", "marks_of"]
MOST = 8  # of each kind beside others
MOST_ALONE = 60  # where only one kind is asked for
LATEST = 5  # conversations that are offered before anything is typed


class Reach(Enum):
    """What is looked through."""

    EVERYTHING = "everything"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture whose prompt matches, with the places of what was typed as (start, end)."""

    picture: LibraryPicture
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for a text; before anything is typed, what was in use last."""

    conversations: tuple[Found, ...] = ()
    pictures: tuple[FoundPicture, ...] = ()


def marks_of(words: str, typed: str) -> tuple[tuple[int, int], ...] | None:
    """Where what was typed stands in `words`, None when it does not match."""
    query = parse(typed)
    if not query.matches(fold(words)):
        return None
    return marks_in(words, query.terms)


def _look(connection: apsw.Connection, typed: str, reach: Reach) -> Answer:
    most = MOST if reach is Reach.EVERYTHING else MOST_ALONE
    if reach is Reach.PICTURES and not typed:
        return Answer((), tuple(map(FoundPicture, list_pictures(connection, limit=most))))
    terms = parse(typed).terms
    pictures = tuple(
        FoundPicture(each, marks_in(each.image.request.prompt, terms))
        for each in search_pictures(connection, typed, limit=most)
    )
    if reach is Reach.PICTURES:
        return Answer((), pictures)
    if not typed:
        return Answer(tuple(map(Found, list_conversations(connection, limit=LATEST))))
    found = find_conversations(connection, typed, Scope(), limit=most).found
    return Answer(found[:most], pictures)


class PaletteSearch(QObject):
    """`answered(Answer)` comes for what was asked last.

    One search runs at a time: of what is typed meanwhile only the last is looked for.
    """

    answered = Signal(Answer)

    def __init__(self, database: Database, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database, self._tasks = database, tasks
        self._asked: tuple[str, Reach] = ("", Reach.EVERYTHING)
        self._running = False

    def look_for(self, typed: str, reach: Reach = Reach.EVERYTHING) -> None:
        """Search in the background."""
        self._asked = (typed.strip(), reach)
        if not self._running:
            self._running = True
            self._tasks.start(self._search(), "search for the palette")

    async def _search(self) -> None:
        try:
            while True:
                asked = self._asked
                answer = await self._database.call(_look, *asked)
                if asked == self._asked:
                    break
        finally:
            self._running = False
        self.answered.emit(answer)
