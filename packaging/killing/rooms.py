"""The store as the program uses it: database, pictures of messages, pictures that were made."""

from __future__ import annotations

import io
import time
from pathlib import Path

from studio.core.images import ImageRequest
from studio.storage.db.database import Database
from studio.storage.db.opening import OpenReport
from studio.storage.maintenance.cleanup import clear_up, sweep_attachments
from studio.storage.pictures.attachments import Attachments
from studio.storage.pictures.library import Library
from studio.storage.pictures.library_rows import list_pictures
from studio.storage.transfer.export import Source

ALL = 10**6


class Rooms:
    """A data folder in use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "studio.db"
        self.backups = folder / "backups"
        self.attachments = Attachments(folder / "attachments")
        self.database = Database(self.path, backup_folder=self.backups)
        self.library = Library(self.database, folder / "pictures")
        self.source = Source(self.path, self.attachments, folder / "pictures")

    def begin(self) -> OpenReport:
        """What the program does at its start."""
        report = self.database.wait_open()
        # Nobody else is at work here, so every half file is somebody's who was killed.
        clear_up(self.path, self.attachments, self.source.pictures, before=time.time() + 1)
        self.library.reconcile()
        return report

    def sweep(self) -> int:
        """Remove pictures that no message shows, whatever their age."""
        return sweep_attachments(self.path, self.attachments, now=time.time() + 5, days=0)

    def make_picture(self, number: int) -> tuple[str, str]:
        """A picture of the library; its id and the hash of its file."""
        request = ImageRequest("Qwen/Qwen-Image", f"猫 {number}", seed=number)
        image = self.library.keep(small_picture(number), request)
        return image.id, image.sha256

    def listed_pictures(self) -> set[str]:
        """The file names of the library's rows."""
        rows = self.database.call_sync(list_pictures, limit=ALL)
        return {each.image.path for each in rows}

    def close(self) -> None:
        """End."""
        self.database.close()


def small_picture(number: int) -> bytes:
    """A PNG that only this number has."""
    from PIL import Image

    target = io.BytesIO()
    colour = (number % 256, number // 256 % 256, number // 65536 % 256)
    Image.new("RGB", (40, 30), colour).save(target, "PNG")
    return target.getvalue()
