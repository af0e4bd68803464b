"""Reads the conversations of a ChatGPT export in pieces, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.core.transfer import BROKEN_JSON, refused
from studio.core.transfer_chatgpt import Reader
from studio.core.transfer_json import Exported, ExportedPicture, Folder
from studio.core.transfer_values import Wrong
from studio.storage.import_reading import MOST_LINE_BYTES, understood
from studio.storage.json_pieces import array_elements


class ChatGpt:
    """`conversations.json` of a ChatGPT export, or its numbered parts."""

    newest_last = False

    def __init__(self, *files: Callable[[], Iterator[bytes]], total: int) -> None:
        self._files = files
        self._reader = Reader()
        self.done, self.total = 0, total

    @property
    def skipped_pictures(self) -> int:
        return self._reader.skipped_pictures

    def conversations(self) -> Iterator[Exported]:
        number = 0
        for begin in self._files:
            try:
                for stored in array_elements(self._counted(begin()), MOST_LINE_BYTES):
                    found = understood(self._reader.read, stored, f"conversations[{number}]")
                    number += 1
                    if found is not None:
                        yield found
            except Wrong as wrong:
                where = wrong.within(f"conversations[{number}]").place
                raise refused(BROKEN_JSON, where=where) from wrong

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.done += len(piece)
            yield piece

    def folders(self) -> list[Folder]:
        return []

    def library(self) -> Iterator[ExportedPicture]:
        return iter(())

    def picture(self, sha256: str) -> bytes | None:
        return None

    def has_library_picture(self, sha256: str) -> bool:
        return False

    def library_picture(self, sha256: str) -> bytes | None:
        return None
