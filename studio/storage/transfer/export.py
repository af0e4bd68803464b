"""Takes conversations out of the house: as Markdown, as pages, as our JSON, and all in one zip.

Everything blocks and belongs in a worker thread. The history can be used meanwhile: an export
shows the one moment in which it began. Its file is whole or not there, also when it is cancelled
(TransferCancelled) or the disk refuses (StudioError of kind STORAGE).
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ImagePart, Message, ReasoningPart
from studio.core.transfer.common import (
    NOTHING_CHOSEN,
    ConversationFormat,
    Watch,
    Written,
    different_stems,
    no_progress,
    not_written,
)
from studio.core.transfer.html_page import html_of
from studio.core.transfer.markdown_text import markdown_of
from studio.core.transfer.page import UNTITLED, Page, unchanged
from studio.storage.files import name_beside, part_beside, sync_folder, write_whole
from studio.storage.history.conversations import open_conversation
from studio.storage.pictures.attachments import Attachments
from studio.storage.transfer.export_archive import write_archive
from studio.storage.transfer.export_json import write_document
from studio.storage.transfer.export_rows import Snapshot

Words = Callable[[str], str]
# Writes a page of ours, as HTML, into a file as PDF; told and asked by the watch.
Printer = Callable[[str, Path, Watch], None]


class Source(NamedTuple):
    """What is taken from: the database's file, the pictures of messages, those that were made."""

    database: Path
    attachments: Attachments
    pictures: Path


class Manner(NamedTuple):
    """How Markdown, HTML and PDF are written; JSON is always complete.

    `words` translates ours; `printer` is needed for PDF alone.
    """

    words: Words = unchanged
    reasoning: bool = True
    pictures: bool = True
    printer: Printer | None = None


def export_conversations(
    source: Source,
    conversation_ids: Sequence[str] | None,
    target: Path,
    kind: ConversationFormat,
    *,
    manner: Manner = Manner(),  # noqa: B008 - a frozen value
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Written:
    """Write these conversations (None: all outside the trash) to `target`.

    JSON is one file. Others are one file for one conversation; for several, `target` becomes a
    folder of files named by their titles, or one beside it if there is something. The pictures
    of a Markdown file lie in a folder next to it.
    """
    with _writing(), Snapshot(source.database, conversation_ids) as snapshot:
        if not snapshot.count:
            raise StudioError(ErrorKind.STORAGE, values={"reason": NOTHING_CHOSEN})
        if kind is ConversationFormat.JSON:
            missing = write_document(snapshot, source.attachments, target, watch)
            return Written(target, snapshot.count, missing)
        pages = _Pages(source.attachments, kind, manner)
        if conversation_ids is not None and snapshot.count == 1:
            ((identity, _),) = snapshot.titles()
            beside = f"{target.stem} pictures"
            pages.write(snapshot.connection, identity, target, beside, watch)
            return Written(target, 1, pages.missing)
        folder = _write_folder(snapshot, pages, target, watch)
        return Written(folder, snapshot.count, pages.missing)


def export_everything(
    source: Source,
    target: Path,
    *,
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Written:
    """Write all conversations, also those in the trash, and all pictures as one zip file.

    What it holds is told in `core.transfer.json_format`. The same history gives the same bytes.
    """
    with _writing(), Snapshot(source.database, None, trash=True) as snapshot:
        missing = write_archive(snapshot, source.attachments, source.pictures, target, watch)
        return Written(target, snapshot.count, missing)


def page_of(source: Source, conversation_id: str, *, words: Words = unchanged) -> str:
    """A conversation as an HTML document, for a view or a printer; "" when there is none."""
    with _writing(), Snapshot(source.database, [conversation_id]) as snapshot:
        pages = _Pages(source.attachments, ConversationFormat.HTML, Manner(words))
        return pages.text(snapshot.connection, conversation_id, {}) if snapshot.count else ""


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (OSError, apsw.Error) as error:
        raise not_written(str(error)) from error


def _write_folder(snapshot: Snapshot, pages: _Pages, target: Path, watch: Watch) -> Path:
    """A folder with a file for each conversation; its name comes when it is complete."""
    target = name_beside(target)
    part = part_beside(target)
    chosen = snapshot.titles()
    stems = different_stems((title for _, title in chosen), pages.words(UNTITLED))
    try:
        part.mkdir(parents=True)
        for done, ((identity, _), stem) in enumerate(zip(chosen, stems, strict=True)):
            watch.step(done, snapshot.count)
            path = part / f"{stem}.{pages.kind.value}"
            within = replace(watch, progress=no_progress)
            pages.write(snapshot.connection, identity, path, "pictures", within)
        sync_folder(part)
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(target.parent)
    watch.step(snapshot.count, snapshot.count)
    return target


class _Pages:
    """Writes conversations as they are read; counts pictures that are gone."""

    def __init__(self, attachments: Attachments, kind: ConversationFormat, manner: Manner) -> None:
        self.attachments, self.kind, self.manner = attachments, kind, manner
        self.words = manner.words
        self.missing = 0

    def write(
        self,
        connection: apsw.Connection,
        conversation_id: str,
        path: Path,
        beside: str,
        watch: Watch,
    ) -> None:
        """Write one; the pictures of a Markdown file go into the folder called `beside`."""
        pictures: dict[str, ImagePart] = {}
        text = self.text(connection, conversation_id, pictures, beside)
        if self.kind is ConversationFormat.PDF:
            if self.manner.printer is None:
                raise not_written("nothing prints here")
            self.manner.printer(text, path, watch)
            return
        folder = path.with_name(beside)
        made = [self._write_picture(folder, name, part) for name, part in pictures.items()]
        try:
            # Not utf-8 alone: a text from a foreign file may hold what none can.
            write_whole(path, text.encode("utf-8", "replace"))
        except BaseException:
            for each in filter(None, made):
                each.unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()
            raise

    def text(
        self,
        connection: apsw.Connection,
        conversation_id: str,
        pictures: dict[str, ImagePart],
        beside: str = "",
    ) -> str:
        """A conversation as Markdown or HTML; `pictures` takes what Markdown refers to."""
        opened = open_conversation(connection, conversation_id)
        if opened is None:
            return ""
        conversation, messages = opened

        def refer(part: ImagePart) -> str:
            if not self._is_there(part):
                self.missing += 1
                return ""
            if self.kind is not ConversationFormat.MARKDOWN:
                content = self.attachments.read(part.sha256, part.media_type)
                return f"data:{part.media_type};base64,{base64.b64encode(content).decode()}"
            name = self.attachments.path(part.sha256, part.media_type).name
            pictures[name] = part
            return f"{quote(beside)}/{name}"

        shown = tuple(map(self._shown, messages))
        page = Page(conversation, shown, refer, self.words)
        return markdown_of(page) if self.kind is ConversationFormat.MARKDOWN else html_of(page)

    def _shown(self, message: Message) -> Message:
        kept = {ReasoningPart: self.manner.reasoning, ImagePart: self.manner.pictures}
        parts = tuple(each for each in message.parts if kept.get(type(each), True))
        return message if len(parts) == len(message.parts) else replace(message, parts=parts)

    def _is_there(self, part: ImagePart) -> bool:
        try:
            self.attachments.read(part.sha256, part.media_type)
        except StudioError:
            return False
        return True

    def _write_picture(self, folder: Path, name: str, part: ImagePart) -> Path | None:
        path = folder / name
        if path.exists():
            return None
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.attachments.read(part.sha256, part.media_type))
        return path
