"""How much room the data takes, read from real files."""

from __future__ import annotations

from pathlib import Path

from studio.sessions.operations.disk_usage import Footprint, PartName
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.locations import locate
from tests.account_parts import settled


async def measured(folder: Path) -> Footprint:
    """A footprint that has been read."""
    footprint = Footprint(locate(folder), TaskGroup())
    footprint.measure()
    await settled()
    return footprint


async def test_folders_that_are_not_there_yet_take_no_room(tmp_path: Path) -> None:
    footprint = await measured(tmp_path / "new")
    assert footprint.total == 0
    assert footprint.free is not None
    assert footprint.free > 0


async def test_each_part_counts_its_files_and_links_lead_nowhere(tmp_path: Path) -> None:
    places = locate(tmp_path)
    for path, size in (
        (places.pictures / "2026" / "a.png", 1000),
        (places.attachments / "b.jpg", 200),
        (places.backups / "c.db", 30),
        (places.thumbnails / "d.png", 4),
        (places.database, 50_000),
        (places.database.with_name(places.database.name + "-wal"), 7),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    (places.pictures / "everything").symlink_to("/")
    footprint = await measured(tmp_path)
    sizes = {part.name: part.size for part in footprint.parts}
    assert sizes[PartName.CONVERSATIONS] == 50_007
    assert sizes[PartName.ATTACHMENTS] == 200
    assert sizes[PartName.BACKUPS] == 30
    assert sizes[PartName.CACHE] == 4
    assert 1000 <= sizes[PartName.PICTURES] < 1100, "a link counts as itself"
    assert footprint.total == sum(sizes.values())
