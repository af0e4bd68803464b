"""Reads the conversations of other programs out of the files that were gathered.

Whatever a file holds, reading it ends with its conversations, with a list of those that were left
out and why, or with a StudioError of kind NOT_IMPORTED. Memory stays bounded by the largest
conversation, or by MOST_WHOLE_BYTES where a program writes one object for everything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from studio.core.errors import StudioError
from studio.core.transfer.clients import reasons
from studio.core.transfer.clients.conversation import (
    FindPicture,
    ForeignConversation,
    exported,
    identity_of,
)
from studio.core.transfer.clients.markdown import is_markdown, read_markdown
from studio.core.transfer.clients.table import (
    MARKDOWN,
    Client,
    client_of,
    conversations_of,
    title_in,
)
from studio.core.transfer.common import (
    BROKEN_JSON,
    NOT_OURS,
    WRONG_SHAPE,
    Skipped,
    refused,
)
from studio.core.transfer.json_format import FORMAT, Exported
from studio.core.transfer.values import Wrong, read
from studio.storage.transfer.archive import too_large
from studio.storage.transfer.export_json import BEGIN
from studio.storage.transfer.import_ours import OurLines, OurWhole
from studio.storage.transfer.import_reading import MOST_LINE_BYTES
from studio.storage.transfer.import_sources import Entry
from studio.storage.transfer.json_pieces import array_elements, charset_of, decoded, whole_value

log = logging.getLogger(__name__)

MOST_WHOLE_BYTES = 256 * 1024 * 1024  # of a file that is one object
# What stands beside conversations in every export is no news.
_SILENT = (
    *(NOT_OURS, reasons.SHARED, reasons.ACCOUNT, reasons.FEEDBACK, reasons.OTHER_PART),
    *(reasons.WEB_PAGE, reasons.DOCUMENT, reasons.EMPTY_FILE, reasons.OTHER_MARKDOWN),
)


class Foreign:
    """The files that are not our own zip files. `adopt` is given our own JSON files.

    `wanted` says whether a conversation is to be read, by its id here; `find` finds its pictures;
    `step` is called while files are read, and may end it all.
    """

    def __init__(
        self,
        entries: list[Entry],
        find: FindPicture,
        wanted: Callable[[str], bool],
        adopt: Callable[[OurLines | OurWhole], Iterator[Exported]],
        step: Callable[[], None],
    ) -> None:
        self._entries, self._find, self._wanted, self._adopt = entries, find, wanted, adopt
        self._step = step
        self.done, self.total = 0, sum(each.size for each in entries)
        self.skipped: list[Skipped] = []
        self.clients: dict[str, None] = {}
        self.read = 0  # conversations that were understood, even if nothing was said in them
        self.said = 0  # those in which something was said
        self.ours = False  # whether what was given last came from our own files
        self.failed: list[tuple[Entry, StudioError]] = []

    def conversations(self) -> Iterator[Exported]:
        """Each conversation; what cannot be read is noted."""
        for entry in self._entries:
            try:
                yield from self._entry(entry)
            except StudioError as error:
                log.info("%s is left out: %s", entry.base, error.detail)
                self.failed.append((entry, error))

    def settle(self) -> None:
        """Say what became of the files; raises the refusal when nothing could be read."""
        for entry, error in self.failed:
            reason = error.values.get("reason", "")
            if entry.chosen or reason not in _SILENT:
                self.skipped.append(skipped_file(entry.base, error))

    def _entry(self, entry: Entry) -> Iterator[Exported]:
        start = entry.start()
        charset = charset_of(self._sound(entry))
        words = start.decode(charset, "replace").lstrip("\ufeff \t\r\n")
        if start.startswith(BEGIN + b"\n") and charset == "utf-8-sig":
            yield from self._adopt(OurLines(entry.open()))
        elif words.startswith("["):
            yield from self._array(entry, charset)
        elif words.startswith("{"):
            yield from self._whole(entry, charset)
        elif words.startswith("# "):
            yield from self._markdown(entry, charset)
        else:
            raise reasons.refusal_of_bytes(start)

    def _array(self, entry: Entry, charset: str) -> Iterator[Exported]:
        before, skipped = self.said, len(self.skipped)
        first: list[Any] = []  # the first element that is no conversation
        known = False
        number = 0
        pieces = self._counted(entry.pieces())
        try:
            for stored in array_elements(pieces, MOST_LINE_BYTES, charset):
                client = client_of(stored)
                if client is None:
                    first = first or [stored]
                    self.skipped.append(_unknown(stored, number))
                else:
                    known = True
                    yield from self._one(client, stored, number, entry)
                number += 1
        except (Wrong, StudioError) as wrong:
            if isinstance(wrong, Wrong) and wrong.place == "too long":
                raise too_large(MOST_LINE_BYTES) from wrong
            if self.said == before:
                del self.skipped[skipped:]
                if isinstance(wrong, StudioError):
                    raise
                raise refused(BROKEN_JSON, f"{number}: {wrong.place}") from wrong
            cut = reasons.CUT_SHORT if isinstance(wrong, Wrong) else reasons.DAMAGED
            self.skipped.append(Skipped(entry.base, cut))
        if not number:
            by_name = reasons.refusal_by_name(entry.name)
            if by_name is not None:
                raise by_name
            self.read += 1  # an export of somebody who never asked anything
        if first and not known:
            del self.skipped[skipped:]
            raise reasons.refusal_of(first[0], entry.name)

    def _whole(self, entry: Entry, charset: str) -> Iterator[Exported]:
        if entry.size > MOST_WHOLE_BYTES:
            raise too_large(MOST_WHOLE_BYTES)
        before = self.done
        try:
            stored = whole_value(self._counted(entry.pieces()), MOST_WHOLE_BYTES, charset)
        except Wrong as wrong:
            self.done = before
            yield from self._lines(entry, charset, wrong)
            return
        if stored.get("format") == FORMAT:
            yield from self._adopt(OurWhole(stored, 0))
            return
        found = conversations_of(stored)
        if found is None:
            raise reasons.refusal_of(stored, entry.name)
        yield from self._several(*found, entry)

    def _lines(self, entry: Entry, charset: str, wrong: Wrong) -> Iterator[Exported]:
        """A file with a JSON value on each line."""
        values: list[Any] = []
        with suppress(Wrong):
            lines = decoded(b"".join(self._counted(entry.pieces())), charset).split("\n")
            values += (read(each) for each in lines if each.strip())
        client = next((c for c in map(client_of, values) if c), None)
        if client is None and values:
            raise reasons.refusal_of(values[0], entry.name) from wrong
        if client is None:
            raise refused(BROKEN_JSON, wrong.place) from wrong
        yield from self._several(client, values, entry)

    def _several(
        self, client: Client, conversations: Iterable[Any], entry: Entry
    ) -> Iterator[Exported]:
        empty = self.read
        for number, stored in enumerate(conversations):
            own = client if client.split is not None else client_of(stored)
            if own is None:
                self.skipped.append(_unknown(stored, number))
            else:
                yield from self._one(own, stored, number, entry)
        if client.split is not None and self.read == empty and not self.skipped:
            raise refused(reasons.EMPTY, client=client.name)

    def _one(self, client: Client, stored: Any, number: int, entry: Entry) -> Iterator[Exported]:
        self.clients[client.name] = None
        try:
            foreign = client.read(stored)
        except (Wrong, RecursionError) as error:
            deep = isinstance(error, RecursionError) or error.place == "too deep"
            reason = reasons.TOO_DEEP if deep else reasons.UNREADABLE
            self.skipped.append(Skipped(title_in(stored) or f"#{number + 1}", reason))
            return
        # A topic that was only opened is nothing that could be missed.
        self.read += bool(foreign.said) or client.split is None
        self.said += bool(foreign.said)
        yield from self._made(foreign, entry)

    def _made(self, foreign: ForeignConversation, entry: Entry) -> Iterator[Exported]:
        if foreign.said and self._wanted(identity_of(foreign)):
            made = exported(foreign, self._find, entry.time or time.time())
            if made is not None:
                self.ours = False
                yield made

    def _markdown(self, entry: Entry, charset: str) -> Iterator[Exported]:
        if entry.size > MOST_WHOLE_BYTES:
            raise too_large(MOST_WHOLE_BYTES)
        words = decoded(b"".join(self._counted(entry.pieces())), charset).replace("\r\n", "\n")
        if not is_markdown(words):
            raise refused(reasons.OTHER_MARKDOWN)
        self.clients[MARKDOWN] = None
        self.read += 1
        yield from self._made(read_markdown(words), entry)

    def _sound(self, entry: Entry) -> Iterator[bytes]:
        """An entry as far as it can be read."""
        with suppress(StudioError):
            for piece in entry.pieces():
                self._step()
                yield piece

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.done += len(piece)
            self._step()
            yield piece


def _unknown(stored: Any, number: int) -> Skipped:
    title = title_in(stored)
    return Skipped(title or f"#{number + 1}", reasons.NO_MESSAGES if title else reasons.UNREADABLE)


def skipped_file(name: str, error: StudioError) -> Skipped:
    """A file that was left out."""
    values = tuple((key, value) for key, value in error.values.items() if key != "reason")
    return Skipped(name, error.values.get("reason", WRONG_SHAPE), values)
