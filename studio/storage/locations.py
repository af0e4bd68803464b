"""Says where data, cache, logs and pictures lie; creates and moves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

APP = "moda-studio"
PICTURES_FOLDER = "Moda Studio"


class Locations(NamedTuple):
    """The folders of one user; each is created by whoever first writes there."""

    data: Path
    cache: Path
    logs: Path
    pictures: Path

    @property
    def database(self) -> Path:
        """The one file with every conversation."""
        return self.data / "studio.db"

    @property
    def backups(self) -> Path:
        """Copies of the database."""
        return self.data / "backups"

    @property
    def attachments(self) -> Path:
        """Pictures that were sent with messages."""
        return self.data / "attachments"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.data / "settings.json"

    @property
    def thumbnails(self) -> Path:
        """Small pictures that can be made again at any time."""
        return self.cache / "thumbnails"


def locate(data_dir: Path | None = None) -> Locations:
    """The platform's folders of this user, or everything below `data_dir` when it is given."""
    if data_dir is not None:
        root = data_dir.expanduser().absolute()
        return Locations(root, root / "cache", root / "logs", root / "pictures")
    # Not needed with --data-dir, and it reads the desktop's own configuration.
    from platformdirs import PlatformDirs

    folders = PlatformDirs(APP, appauthor=False)
    return Locations(
        folders.user_data_path,
        folders.user_cache_path,
        folders.user_log_path,
        folders.user_pictures_path / PICTURES_FOLDER,
    )
