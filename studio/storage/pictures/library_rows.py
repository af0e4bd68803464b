"""The rows of generated pictures: list, favourite, delete, restore.

All functions take the connection first and run on its thread. Files are the library's business.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from studio.core.images import GeneratedImage
from studio.storage.db.connection import number, storable, transaction
from studio.storage.db.ngrams import index_text
from studio.storage.pictures.file_settings import (
    LAST_MOMENT,
    LONGEST_SECONDS,
    LONGEST_SIDE,
    number_of,
    request_from_json,
    request_to_json,
)

TRASH_DAYS = 30
_SHA256 = re.compile(r"[0-9a-f]{64}")
PICTURE_COLUMNS = (
    "key, id, request, path, sha256, width, height, byte_size, seconds, demo, created_at,"
    " favourite, missing, deleted_at"
)


@dataclass(frozen=True, slots=True)
class LibraryPicture:
    """A picture as the gallery shows it; `key` orders it and says where the next page starts.

    `missing`: its file was not in the folder when the program started.
    """

    image: GeneratedImage
    key: int
    favourite: bool = False
    missing: bool = False
    deleted_at: float | None = None


def add_picture(
    connection: apsw.Connection, image: GeneratedImage, *, arriving: bool = False
) -> None:
    """Insert the row of a picture; a second time changes nothing.

    An `arriving` one is not listed before `finish_arrival` says that its file is on the disk.
    """
    with transaction(connection):
        key = number(
            connection,
            "INSERT INTO pictures(id, request, path, sha256, width, height, byte_size, seconds,"
            " demo, created_at, arriving) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT(id) DO NOTHING RETURNING key",
            (
                image.id,
                storable(request_to_json(image.request)),
                storable(image.path),
                image.sha256,
                image.width,
                image.height,
                image.byte_size,
                image.seconds,
                image.demo,
                image.created_at,
                arriving,
            ),
        )
        if key:
            index_text(connection, "picture_index", key, image.request.prompt)


def finish_arrival(connection: apsw.Connection, picture_id: str, *, arrived: bool) -> None:
    """List a picture whose file is on the disk now, or forget one that could not be written."""
    if arrived:
        connection.execute("UPDATE pictures SET arriving = 0 WHERE id = ?", (picture_id,))
        return
    with transaction(connection):
        key = number(
            connection,
            "DELETE FROM pictures WHERE id = ? AND arriving = 1 RETURNING key",
            (picture_id,),
        )
        if key:
            index_text(connection, "picture_index", key, "")


def arriving_pictures(connection: apsw.Connection) -> list[GeneratedImage]:
    """Pictures whose files were being written when the program ended."""
    rows = connection.execute(f"SELECT {PICTURE_COLUMNS} FROM pictures WHERE arriving = 1")
    return [picture_of(row).image for row in rows]


def has_path(connection: apsw.Connection, path: str) -> bool:
    """Whether a picture, also one in the trash, has this file."""
    return bool(number(connection, "SELECT count(*) FROM pictures WHERE path = ?", (path,)))


def load_picture(connection: apsw.Connection, picture_id: str) -> LibraryPicture | None:
    """One picture by its id, also from the trash."""
    row = connection.execute(
        f"SELECT {PICTURE_COLUMNS} FROM pictures WHERE id = ?", (picture_id,)
    ).fetchone()
    return picture_of(row) if row else None


def pictures_of_order(connection: apsw.Connection, order_id: str) -> list[LibraryPicture]:
    """The pictures that an order brought, oldest first, also those in the trash."""
    rows = connection.execute(
        f"SELECT {PICTURE_COLUMNS} FROM pictures WHERE arriving = 0 AND instr(request, ?) > 0"
        " ORDER BY key",
        (order_id,),
    )
    return [found for row in rows if (found := picture_of(row)).image.request.id == order_id]


def list_pictures(
    connection: apsw.Connection,
    *,
    limit: int = 100,
    after: int | None = None,
    favourites: bool = False,
) -> list[LibraryPicture]:
    """A page of the gallery, newest first; `after` is the key of the last one before."""
    favourite = " AND favourite = 1" if favourites else ""
    rows = connection.execute(
        f"SELECT {PICTURE_COLUMNS} FROM pictures WHERE deleted_at IS NULL AND arriving = 0"
        f" AND key < ?{favourite} ORDER BY key DESC LIMIT ?",
        (2**63 - 1 if after is None else after, limit),
    )
    return [picture_of(row) for row in rows]


def count_pictures(connection: apsw.Connection, *, favourites: bool = False) -> int:
    """How many the gallery shows."""
    favourite = " AND favourite = 1" if favourites else ""
    sql = f"SELECT count(*) FROM pictures WHERE deleted_at IS NULL AND arriving = 0{favourite}"
    return number(connection, sql)


def set_favourite(connection: apsw.Connection, picture_id: str, *, favourite: bool) -> None:
    """Mark a picture as a favourite, or no longer."""
    connection.execute("UPDATE pictures SET favourite = ? WHERE id = ?", (favourite, picture_id))


def delete_pictures(connection: apsw.Connection, picture_ids: Iterable[str]) -> None:
    """Move pictures to the trash; their files stay for 30 days, so that they can come back."""
    with transaction(connection):
        now = time.time()
        for each in picture_ids:
            connection.execute(
                "UPDATE pictures SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL",
                (now, each),
            )


def restore_pictures(connection: apsw.Connection, picture_ids: Iterable[str]) -> None:
    """Bring pictures back from the trash to where they were."""
    with transaction(connection):
        for each in picture_ids:
            connection.execute("UPDATE pictures SET deleted_at = NULL WHERE id = ?", (each,))


def list_deleted(connection: apsw.Connection, *, limit: int = 100) -> list[LibraryPicture]:
    """What can be restored, newest deletion first."""
    rows = connection.execute(
        f"SELECT {PICTURE_COLUMNS} FROM pictures WHERE deleted_at IS NOT NULL"
        " ORDER BY deleted_at DESC LIMIT ?",
        (limit,),
    )
    return [picture_of(row) for row in rows]


def overdue_pictures(connection: apsw.Connection, now: float | None = None) -> list[GeneratedImage]:
    """What has been in the trash for 30 days."""
    before = (time.time() if now is None else now) - TRASH_DAYS * 86400
    rows = connection.execute(
        f"SELECT {PICTURE_COLUMNS} FROM pictures WHERE deleted_at < ?", (before,)
    )
    return [picture_of(row).image for row in rows]


def remove_rows(connection: apsw.Connection, picture_ids: Iterable[str]) -> None:
    """Remove rows from the trash for good."""
    with transaction(connection):
        for each in picture_ids:
            key = number(
                connection,
                "DELETE FROM pictures WHERE id = ? AND deleted_at IS NOT NULL RETURNING key",
                (each,),
            )
            if key:
                index_text(connection, "picture_index", key, "")


def known_files(connection: apsw.Connection) -> dict[str, tuple[str, bool]]:
    """Path and missing mark of every picture by its id, those in the trash too."""
    rows = connection.execute("SELECT id, path, missing FROM pictures WHERE arriving = 0")
    return {str(row[0]): (str(row[1]), bool(row[2])) for row in rows}


def mark_missing(connection: apsw.Connection, missing: Mapping[str, bool]) -> None:
    """Note whose file is gone and whose is back."""
    with transaction(connection):
        connection.executemany(
            "UPDATE pictures SET missing = ? WHERE id = ?",
            [(now, each) for each, now in missing.items()],
        )


def move_picture(connection: apsw.Connection, picture_id: str, path: str) -> None:
    """Follow a file that was renamed."""
    connection.execute("UPDATE pictures SET path = ?, missing = 0 WHERE id = ?", (path, picture_id))


def picture_of(row: Any) -> LibraryPicture:
    """A picture from the columns of `PICTURE_COLUMNS`.

    What a foreign hand put into a row costs that value and not the row, nor the rows beside it.
    """
    image = GeneratedImage(
        id=row[1],
        request=request_from_json(row[2]),
        path=Path(row[3]).name,  # a picture lies in the folder itself, whatever a row says
        sha256=row[4] if _SHA256.fullmatch(row[4]) else "",
        width=_within(row[5], LONGEST_SIDE),
        height=_within(row[6], LONGEST_SIDE),
        byte_size=_within(row[7], 2**53),
        seconds=number_of(row[8], LONGEST_SECONDS),
        demo=bool(row[9]),
        created_at=number_of(row[10], LAST_MOMENT) or 0.0,
    )
    return LibraryPicture(image, row[0], bool(row[11]), bool(row[12]), row[13])


def _within(value: int, most: int) -> int:
    return min(max(value, 0), most)
