"""Says where data, cache, logs and pictures lie; creates and moves nothing.

The data folder can be moved: a note in the folder of the configuration then says where it is, and
where it was before.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

APP = "moda-studio"
NOTE = "data-folder.json"
PICTURES_FOLDER = "Moda Studio"


class Locations(NamedTuple):
    """The folders of one user; each is created by whoever first writes there.

    `note` is the file that says where the data is; None when the command line says it. `previous`
    is the data folder before a move. `chosen`: the data is in a folder of the user's own choice,
    where a history was before, so that without one something is wrong, as a disk that is away.
    """

    data: Path
    cache: Path
    logs: Path
    pictures: Path
    note: Path | None = None
    previous: Path | None = None
    chosen: bool = False

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


class Note(NamedTuple):
    """What the note says."""

    data: Path
    previous: Path | None = None


def read_note(path: Path) -> Note | None:
    """The note; None when there is none that can be understood."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    import json  # only for those who have moved their data

    try:
        stored = json.loads(content)
        data, previous = Path(stored["data"]), stored.get("previous")
        found = Note(data, Path(previous) if previous else None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if data.is_absolute() else None


def locate(data_dir: Path | None = None) -> Locations:
    """The platform's folders of this user, or everything below `data_dir` when it is given."""
    if data_dir is not None:
        root = data_dir.expanduser().absolute()
        return Locations(root, root / "cache", root / "logs", root / "pictures")
    # Not needed with --data-dir, and it reads the desktop's own configuration.
    from platformdirs import PlatformDirs

    folders = PlatformDirs(APP, appauthor=False)
    path = folders.user_config_path / NOTE
    note = read_note(path)
    return Locations(
        folders.user_data_path if note is None else note.data,
        folders.user_cache_path,
        folders.user_log_path,
        folders.user_pictures_path / PICTURES_FOLDER,
        path,
        None if note is None else note.previous,
        note is not None,
    )
