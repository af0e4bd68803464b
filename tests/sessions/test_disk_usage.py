"""How much room the data takes, read from real files."""

from __future__ import annotations

from pathlib import Path

from studio.sessions.operations.disk_usage import DiskUsage, PartName
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.locations import locate
from tests.account_parts import settled


async def measured(folder: Path) -> DiskUsage:
    """A footprint that has been read."""
    disk_usage = DiskUsage(locate(folder), TaskGroup())
    disk_usage.measure()
    await settled()
    return disk_usage


async def test_folders_that_are_not_there_yet_take_no_room(tmp_path: Path) -> None:
    disk_usage = await measured(tmp_path / "new")
    assert disk_usage.total == 0
    assert disk_usage.free is not None
    assert disk_usage.free > 0


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
    disk_usage = await measured(tmp_path)
    sizes = {part.name: part.size for part in disk_usage.parts}
    assert sizes[PartName.CONVERSATIONS] == 50_007
    assert sizes[PartName.ATTACHMENTS] == 200
    assert sizes[PartName.BACKUPS] == 30
    assert sizes[PartName.CACHE] == 4
    assert 1000 <= sizes[PartName.PICTURES] < 1100, "a link counts as itself"
    assert disk_usage.total == sum(sizes.values())
