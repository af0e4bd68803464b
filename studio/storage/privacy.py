"""Mends the rights of what earlier versions left readable for every user of the machine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from studio.storage.files import make_private
from studio.storage.locations import Locations

# Our own in a data folder, in which the user may keep other things as well.
_FILES = ("studio.*", "settings.json*", "*.moda-part*")


def mend_rights(locations: Locations) -> None:
    """See to the folders and the few files in them; quick, and it never fails.

    A folder that the user chose for the data stays as it is; what is ours in it is private.
    """
    data, logs = locations.data, locations.logs
    if locations.by_default:
        make_private(data)
    for folder in (locations.backups, locations.attachments, logs, locations.thumbnails):
        make_private(folder)
    ours = [(data, each) for each in _FILES]
    for folder, pattern in (*ours, (locations.backups, "*.db*"), (logs, "*.log*")):
        with suppress(OSError):
            for path in folder.glob(pattern):
                make_private(path)


def mend_attachments(folder: Path) -> None:
    """See to the pictures of messages, however many there are; for a worker thread."""
    with suppress(OSError):
        for path in folder.rglob("*"):
            make_private(path)
