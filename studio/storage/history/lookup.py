"""Looks through all conversations and pictures at once, as the palette does while one types."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import apsw

from studio.core.folding import fold
from studio.storage.history.layout import Scope
from studio.storage.history.listing import list_conversations
from studio.storage.history.search import marks_in, parse, search_pictures
from studio.storage.history.search_hits import SearchHit, find_conversations
from studio.storage.pictures.library_rows import LibraryPicture, list_pictures

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

    conversations: tuple[SearchHit, ...] = ()
    pictures: tuple[FoundPicture, ...] = ()


def marks_of(words: str, typed: str) -> tuple[tuple[int, int], ...] | None:
    """Where what was typed stands in `words`, None when it does not match."""
    query = parse(typed)
    if not query.matches(fold(words)):
        return None
    return marks_in(words, query.terms)


def look_up(connection: apsw.Connection, typed: str, reach: Reach) -> Answer:
    """What matches, the best first; of everything, only as much as fits beside the rest."""
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
        return Answer(tuple(map(SearchHit, list_conversations(connection, limit=LATEST))))
    found = find_conversations(connection, typed, Scope(), limit=most).found
    return Answer(found[:most], pictures)
