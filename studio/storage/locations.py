"""Says where data, cache, logs and pictures lie; creates and moves nothing.

The data folder can be moved: a note in the folder of the configuration then says where it is, and
where it was before.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from studio.core.texts import QT_TRANSLATE_NOOP

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
    def by_default(self) -> bool:
        """Whether the data is where the platform wants it, and not where the user said."""
        return self.note is not None and not self.chosen

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


NO_HOME = QT_TRANSLATE_NOOP(
    "start", "This user has no home folder, so there is no place for the data. Set HOME to one."
)
NOT_UTF8 = QT_TRANSLATE_NOOP(
    "start", "The data folder has a name that cannot be used: {path}. Rename it, in UTF-8."
)


class NoPlace(Exception):
    """There is no folder for the user's data; `reason` is a sentence with a {path}."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason, self.path = reason, path


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


def named_well(path: Path) -> bool:
    """Whether SQLite and Qt can use a path: both want UTF-8, and no path holds a NUL."""
    try:
        return b"\0" not in str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False


def locate(data_dir: Path | None = None) -> Locations:
    """The platform's folders of this user, or everything below `data_dir` when it is given.

    Raises NoPlace.
    """
    found = _below(data_dir) if data_dir is not None else _of_this_user()
    for each in (found.data, found.cache, found.logs, found.pictures):
        if not named_well(each):
            shown = str(each).encode("utf-8", "replace").decode()
            raise NoPlace(NOT_UTF8, shown.replace("\0", "?"))
    return found


def _below(data_dir: Path) -> Locations:
    try:
        root = data_dir.expanduser().absolute()
    except (RuntimeError, OSError) as error:  # no home folder; the working folder is gone
        raise NoPlace(NO_HOME) from error
    return Locations(root, root / "cache", root / "logs", root / "pictures")


def _of_this_user() -> Locations:
    # Not needed with --data-dir, and it reads the desktop's own configuration.
    from platformdirs import PlatformDirs

    folders = PlatformDirs(APP, appauthor=False)
    try:
        path = folders.user_config_path / NOTE
        note = read_note(path)
        data = folders.user_data_path if note is None else note.data
        cache, logs = folders.user_cache_path, folders.user_log_path
    except RuntimeError as error:
        raise NoPlace(NO_HOME) from error
    try:
        pictures = folders.user_pictures_path / PICTURES_FOLDER
    except RuntimeError:
        pictures = data / "pictures"  # the others can be named one by one, in XDG's variables
    previous = None if note is None else note.previous
    return Locations(data, cache, logs, pictures, path, previous, note is not None)
