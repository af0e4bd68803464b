"""Keeps pictures of messages as files named by their content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.storage.files import private_folder, write_whole
from studio.storage.pictures.decoding import unreadable

_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}

MISSING = QT_TRANSLATE_NOOP("pictures", "Its file is missing from the data folder.")
CHANGED = QT_TRANSLATE_NOOP("pictures", "Its file in the data folder was changed or damaged.")


class Attachments:
    """The folder of attached pictures; all methods block and belong in a worker thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str, media_type: str) -> Path:
        """Where the picture lies, if it is there."""
        if len(sha256) != 64 or not sha256.isalnum():
            raise unreadable(MISSING, sha256)  # never a path made of something else
        return self.folder / sha256[:2] / (sha256 + _SUFFIXES.get(media_type, ".bin"))

    def keep(self, content: bytes, media_type: str) -> str:
        """Store a picture and return its sha256; it is on the disk when this returns.

        Raises StudioError of kind STORAGE, and then nothing half written is left.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256, media_type)
        try:
            if path.is_file() and path.read_bytes() == content:
                os.utime(path)  # it is as good as new to whoever removes what nobody needs
                return sha256
            private_folder(self.folder)
            private_folder(path.parent)
            write_whole(path, content, private=True)
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error
        return sha256

    def read(self, sha256: str, media_type: str) -> bytes:
        """The picture as it was kept; raises StudioError when its file is gone or not the same."""
        path = self.path(sha256, media_type)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise unreadable(MISSING, str(error)) from error
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise unreadable(CHANGED, path.name)
        return content
