"""Finds any piece of text in messages, titles and prompts, newest first, and nothing else.

    autumn poem         both words
    "autumn poem"       exactly this (also with “ ” and 「 」)
    autumn OR spring    one of the two
    autumn -poem        the first without the second

Case, width and composition make no difference. The functions take the connection first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import apsw

from studio.core.folding import fold, where
from studio.core.messages import Role
from studio.core.models import Capability
from studio.storage.db.connection import transaction
from studio.storage.db.ngrams import FIRST_WIDE, match_expression
from studio.storage.db.readings import READ_TEXT, index_message
from studio.storage.history.layout import Scope
from studio.storage.history.listing import KINDS, SUMMARY_COLUMNS, ConversationSummary, summary_of
from studio.storage.pictures.library_rows import PICTURE_COLUMNS, LibraryPicture, picture_of

MOST_CANDIDATES = 2000  # looked at in one call, about 20 ms; a page then ends early and says so
LOOKED_AT_FIRST = 600
BEFORE, AFTER = 30, 90  # characters of an excerpt around the first match
_TERM = re.compile(r'(-?)(?:["“”「]([^"“”「」]*)(?:["“”」]|$)|([^\s"“”「」]+))')
_HIGHEST = 2**63 - 1
_JOINS = "\u200d\ufe0e\ufe0f"  # is one letter with what stands before it

_FOUND = f"""
SELECT m.key, m.id, m.role, m.created_at, c.id, c.kind, c.title, {READ_TEXT}
"""
_INDEXED = f"""{_FOUND}
FROM message_index i CROSS JOIN messages m ON m.key = i.rowid
CROSS JOIN conversations c ON c.key = m.conversation
WHERE i.rowid < ?1 AND c.deleted_at IS NULL AND (?2 IS NULL OR c.kind = ?2)
    AND (?3 = '' OR c.model = ?3) AND (?4 IS NULL OR c.folder_id = ?4)
    AND message_index MATCH ?5
ORDER BY i.rowid DESC
"""
_NEWEST = f"""{_FOUND}
FROM messages m CROSS JOIN conversations c ON c.key = m.conversation
WHERE m.key < ?1 AND c.deleted_at IS NULL AND (?2 IS NULL OR c.kind = ?2)
    AND (?3 = '' OR c.model = ?3) AND (?4 IS NULL OR c.folder_id = ?4)
    AND m.status <> 'streaming'
ORDER BY m.key DESC
"""


@dataclass(frozen=True, slots=True)
class Query:
    """Folded terms: of each clause one must be there, and of the excluded ones none."""

    clauses: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Everything that may be marked in a hit."""
        return tuple(term for clause in self.clauses for term in clause)

    def matches(self, folded: str) -> bool:
        """Whether a folded text is a hit."""
        return all(any(term in folded for term in clause) for clause in self.clauses) and not any(
            term in folded for term in self.excluded
        )

    def expression(self) -> tuple[str, bool]:
        """What the index is asked, and whether that is cheap.

        It answers with every hit and with some that are none, as texts are looked at anyway:
        beside a clause that is cheap to ask for, the others are not asked for.
        """
        asked = [[match_expression(term) for term in clause] for clause in self.clauses]
        cheap = [clause for clause in asked if all(each for _, each in clause)]
        chosen = cheap or asked
        text = " AND ".join("(" + " OR ".join(one for one, _ in each) + ")" for each in chosen)
        return text, bool(cheap)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found.

    `excerpt` is one line of whole words around the first match with its `marks` as (start, end);
    `at` and `length` are that match's place in what is read of the message, `words` what stands
    there and `before` how often that stands before it. `key` says where to go on.
    """

    conversation_id: str
    kind: Capability
    title: str
    message_id: str
    role: Role
    created_at: float
    excerpt: str
    marks: tuple[tuple[int, int], ...]
    at: int
    length: int
    key: int
    words: str = ""
    before: int = 0


@dataclass(frozen=True, slots=True)
class HitPage:
    """Hits, newest first; `more` is the `before` of the next page, None when all were seen."""

    hits: tuple[Hit, ...] = ()
    more: int | None = None


def parse(text: str) -> Query:
    """Understand what was typed; never fails, an empty query finds nothing."""
    clauses: list[tuple[str, ...]] = []
    excluded: list[str] = []
    joining = False
    for minus, quoted, plain in _TERM.findall(text):
        if plain == "OR" and not minus:
            joining = bool(clauses)
            continue
        if plain == "AND" and not minus:
            continue
        term = fold(quoted or plain)
        if not term:
            continue
        if minus:
            excluded.append(term)
        elif joining:
            clauses[-1] = (*clauses[-1], term)
        else:
            clauses.append((term,))
        joining = False
    return Query(tuple(clauses), tuple(excluded))


def search_messages(
    connection: apsw.Connection,
    text: str,
    *,
    kind: Capability | None = None,
    scope: Scope | None = None,
    limit: int = 50,
    before: int | None = None,
) -> HitPage:
    """The newest messages that match, outside the trash; of a `kind`, or in a whole `scope`."""
    query = parse(text)
    if not query.clauses:
        return HitPage()
    start = _HIGHEST if before is None else before
    place = _place(scope or Scope(kind))
    expression, cheap = query.expression()
    hits: list[Hit] = []
    if not cheap:
        # Something short: either it is common, and the newest messages hold enough of it, or it
        # is rare, and then the index is quick.
        rows = connection.execute(_NEWEST, (start, *place))
        start, ended = _gather(rows, query, hits, limit, LOOKED_AT_FIRST)
        if ended or len(hits) == limit:
            return HitPage(tuple(hits), None if ended else start)
    rows = connection.execute(_INDEXED, (start, *place, expression))
    more, ended = _gather(rows, query, hits, limit, MOST_CANDIDATES)
    return HitPage(tuple(hits), None if ended else more)


def _gather(
    rows: Iterable[Any], query: Query, hits: list[Hit], limit: int, budget: int
) -> tuple[int, bool]:
    """Add what matches to `hits`; the key of the last row seen, and whether there are no more."""
    for seen, row in enumerate(rows, start=1):
        text = str(row[7] or "")
        folded = fold(text)
        if query.matches(folded):
            hits.append(_hit(row, text, folded, query))
        if len(hits) >= limit or seen == budget:
            return int(row[0]), False
    return 0, True


def _place(scope: Scope) -> tuple[str | None, str, str | None]:
    return scope.kind.value if scope.kind else None, scope.model, scope.folder_id


def search_titles(
    connection: apsw.Connection,
    text: str,
    *,
    kind: Capability | None = None,
    scope: Scope | None = None,
    limit: int = 50,
) -> list[ConversationSummary]:
    """The newest conversations whose title matches, outside the trash."""
    query = parse(text)
    if not query.clauses:
        return []
    rows = connection.execute(
        f"SELECT {SUMMARY_COLUMNS} FROM title_index i CROSS JOIN conversations c ON c.key = i.rowid"
        " WHERE title_index MATCH ?4 AND deleted_at IS NULL AND (?1 IS NULL OR kind = ?1)"
        " AND (?2 = '' OR model = ?2) AND (?3 IS NULL OR folder_id = ?3) ORDER BY i.rowid DESC",
        (*_place(scope or Scope(kind)), query.expression()[0]),
    )
    found: list[ConversationSummary] = []
    for row in rows:
        summary = summary_of(row)
        if query.matches(fold(summary.title)):
            found.append(summary)
        if len(found) == limit:
            break
    return found


def search_pictures(
    connection: apsw.Connection,
    text: str,
    *,
    favourites: bool = False,
    limit: int = 100,
    after: int | None = None,
) -> list[LibraryPicture]:
    """The newest pictures whose prompt matches; `after` is the key of the last one before."""
    query = parse(text)
    if not query.clauses:
        return []
    favourite = " AND favourite = 1" if favourites else ""
    rows = connection.execute(
        f"SELECT {PICTURE_COLUMNS} FROM picture_index i CROSS JOIN pictures p ON p.key = i.rowid"
        " WHERE picture_index MATCH ? AND i.rowid < ? AND deleted_at IS NULL AND arriving = 0"
        f"{favourite} ORDER BY i.rowid DESC",
        (query.expression()[0], _HIGHEST if after is None else after),
    )
    found: list[LibraryPicture] = []
    for row in rows:
        picture = picture_of(row)
        if query.matches(fold(picture.image.request.prompt)):
            found.append(picture)
        if len(found) == limit:
            break
    return found


def index_again(connection: apsw.Connection, *, after: int = 0, limit: int = 500) -> int | None:
    """Index a piece of the messages anew; returns the next `after`, or None at the end."""
    with transaction(connection):
        rows = connection.execute(
            "SELECT m.key, m.role, m.status, (SELECT group_concat(p.text, '' ORDER BY p.position)"
            " FROM parts p WHERE p.message = m.key AND p.kind = 'text')"
            " FROM messages m WHERE m.key > ? ORDER BY m.key LIMIT ?",
            (after, limit),
        ).fetchall()
        for key, role, status, text in rows:
            final = "" if status == "streaming" else str(text or "")
            index_message(connection, int(str(key)), str(role), final)
    return int(str(rows[-1][0])) if len(rows) == limit else None


def _hit(row: Any, text: str, folded: str, query: Query) -> Hit:
    places = [(folded.find(term), term) for term in query.terms]
    first, term = min(place for place in places if place[0] >= 0)
    at = where(text, folded, first)
    length = where(text, folded, first + len(term) - 1) + 1 - at
    words = text[at : at + length]
    piece = _piece(text, at, at + length)
    return Hit(
        conversation_id=row[4],
        kind=KINDS.get(row[5], Capability.CHAT),
        title=row[6],
        message_id=row[1],
        role=Role(row[2]),
        created_at=row[3],
        excerpt=re.sub(r"\s", " ", piece),
        marks=marks_in(piece, query.terms),
        at=at,
        length=length,
        key=row[0],
        words=words,
        before=fold(text[:at]).count(fold(words)),
    )


def _piece(text: str, first: int, last: int) -> str:
    """What stands around a match; no word is cut, unless it is long."""
    start = max(0, first - BEFORE)
    while start and start < first and _is_within_word(text, start):
        start += 1
    if start == first and first:
        start = max(0, first - BEFORE)
    end = min(len(text), last + AFTER)
    while end < len(text) and end > last and _is_within_word(text, end):
        end -= 1
    return text[start : end if end > last else min(len(text), last + AFTER)]


def _is_within_word(text: str, at: int) -> bool:
    """Whether a place is between two letters of one word, or within one letter."""
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after) or after in _JOINS or before == "\u200d":
        return True
    return before.isalnum() and after.isalnum() and max(before, after) < FIRST_WIDE


def marks_in(piece: str, terms: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Every place of every term, as joined and ordered spans."""
    folded = fold(piece)
    spans: list[tuple[int, int]] = []
    for term in terms:
        at = folded.find(term)
        while at >= 0:
            end = where(piece, folded, at + len(term) - 1) + 1
            spans.append((where(piece, folded, at), end))
            at = folded.find(term, at + len(term))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
