"""Reads values of strangers, and says by one error which of them is not right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from studio.core.transfer import BROKEN_JSON, WRONG_SHAPE, refused
from studio.core.transfer_json import Exported, ExportedPicture, Folder
from studio.core.transfer_values import Wrong, read

T = TypeVar("T")

MOST_LINE_BYTES = 256 * 1024 * 1024


class ImportFile(Protocol):
    """A file that is being imported; `done` of `total` bytes of its words have been read."""

    done: int
    total: int
    newest_last: bool  # whether its conversations come in the order of the history

    @property
    def skipped_pictures(self) -> int:
        """How many pictures were in it that cannot be taken over, as far as it was read."""
        ...

    def conversations(self) -> Iterator[Exported]:
        """Each conversation; to be read to the end before anything else is asked."""
        ...

    def folders(self) -> list[Folder]:
        """The folders of the conversations."""
        ...

    def library(self) -> Iterator[ExportedPicture]:
        """Each picture that was made."""
        ...

    def picture(self, sha256: str) -> bytes | None:
        """The picture of a message; None when the file does not hold it."""
        ...

    def has_library_picture(self, sha256: str) -> bool:
        """Whether `library_picture` has one."""
        ...

    def library_picture(self, sha256: str) -> bytes | None:
        """The picture that was made; None when the file does not hold it."""
        ...


def understood(reader: Callable[[Any], T], stored: Any, where: str) -> T:
    """What `reader` makes of `stored`, or the refusal that says which place is not right."""
    try:
        return reader(stored)
    except Wrong as wrong:
        raise refused(WRONG_SHAPE, where=wrong.within(where).place) from wrong
    except RecursionError as error:
        raise refused(WRONG_SHAPE, where=where) from error


def read_json(text: bytes | str, where: str) -> Any:
    try:
        return read(text)
    except Wrong as wrong:
        raise refused(BROKEN_JSON, where=wrong.within(where).place) from wrong
