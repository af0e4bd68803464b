"""Finds conversations for the history: the hits of a search, grouped, with what a line shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

import apsw

from studio.core.folding import fold
from studio.storage.db.readings import READ_TEXT
from studio.storage.history.layout import Scope
from studio.storage.history.listing import ConversationSummary, summarise
from studio.storage.history.search import (
    AFTER,
    BEFORE,
    Hit,
    marks_in,
    parse,
    search_messages,
    search_titles,
)

MOST_TITLES = 50
MOST_PAGES = 3  # of hits in one call: one long conversation may fill a page alone
_PAGE = 50


class Order(StrEnum):
    """How what was found is ordered, each page by itself."""

    BEST = "best"  # in the title first, then where it is said most often
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A conversation that was found; `hit` is its newest matching message, None if only the title.

    `excerpt` with its `marks` is of that message, or the beginning of the conversation. `count`
    is how many messages of it were seen to match.
    """

    summary: ConversationSummary
    title_marks: tuple[tuple[int, int], ...] = ()
    excerpt: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    hit: Hit | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Conversations that were found; `more` is the `before` of the next page, None at the end."""

    found: tuple[SearchHit, ...] = ()
    more: int | None = None


@dataclass(slots=True)
class _Gathered:
    summaries: dict[str, ConversationSummary] = field(default_factory=dict)
    hits: dict[str, Hit] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def find_conversations(
    connection: apsw.Connection,
    text: str,
    scope: Scope,
    *,
    order: Order = Order.BEST,
    limit: int = 30,
    before: int | None = None,
    known: frozenset[str] = frozenset(),
) -> FoundPage:
    """A page of the conversations that match in their title or in a message, outside the trash.

    The page after one begins `before` its `more`; `known` are those of the pages so far.
    """
    query = parse(text)
    if not query.clauses:
        return FoundPage()
    seen = _Gathered()
    if before is None:
        titles = search_titles(connection, text, scope=scope, limit=MOST_TITLES)
        seen.summaries = {each.id: each for each in titles}
    more = _gather(connection, text, scope, seen, known, limit, before)
    rows = [
        _found(connection, each, seen, query.terms, matched=query.matches(fold(each.title)))
        for each in seen.summaries.values()
    ]
    if order is Order.BEST:
        rows.sort(key=lambda each: (bool(each.title_marks), each.count, each.summary.activity))
    else:
        rows.sort(key=lambda each: each.summary.activity)
    return FoundPage(tuple(reversed(rows)), more)


def _gather(
    connection: apsw.Connection,
    text: str,
    scope: Scope,
    seen: _Gathered,
    known: frozenset[str],
    limit: int,
    before: int | None,
) -> int | None:
    """Add the conversations of the next messages that match; where to go on."""
    fresh = 0
    for _ in range(MOST_PAGES):
        page = search_messages(connection, text, scope=scope, limit=_PAGE, before=before)
        for hit in page.hits:
            identity = hit.conversation_id
            if identity in known:
                continue
            seen.counts[identity] = seen.counts.get(identity, 0) + 1
            if identity in seen.hits:
                continue
            summary = seen.summaries.get(identity) or summarise(connection, identity)
            if summary is not None:
                seen.summaries[identity], seen.hits[identity] = summary, hit
                fresh += 1
        before = page.more
        if before is None or fresh >= limit:
            break
    return before


def _found(
    connection: apsw.Connection,
    summary: ConversationSummary,
    seen: _Gathered,
    terms: tuple[str, ...],
    *,
    matched: bool,
) -> SearchHit:
    title_marks = marks_in(summary.title, terms) if matched else ()
    hit = seen.hits.get(summary.id)
    count = seen.counts.get(summary.id, 0)
    made = SearchHit(summary, title_marks, hit=hit, count=count)
    if hit is not None:
        return replace(made, excerpt=hit.excerpt, marks=hit.marks)
    return replace(made, excerpt=_beginning(connection, summary.id))


def _beginning(connection: apsw.Connection, conversation_id: str) -> str:
    row = connection.execute(
        f"SELECT substr({READ_TEXT}, 1, ?) AS words FROM conversations c"
        " JOIN messages m ON m.conversation = c.key AND m.parent IS NULL"
        " WHERE c.id = ? AND words <> '' ORDER BY m.key LIMIT 1",
        (BEFORE + AFTER, conversation_id),
    ).fetchone()
    return re.sub(r"\s", " ", str(row[0])) if row else ""
