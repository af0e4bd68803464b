"""Every export that was ever written can be imported today, with all that was in it."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from studio.core.transfer.common import ConversationFormat
from studio.core.transfer.json_format import VERSION
from studio.storage.transfer.export import export_conversations, export_everything
from studio.storage.transfer.imports import import_file
from tests.unit.storage.transfer_parts import House

STORED = Path(__file__).parents[2] / "data" / "exports"
VERSIONS = range(1, VERSION + 1)


def test_there_is_a_stored_export_of_every_version() -> None:
    assert {each.stem for each in STORED.glob("v*.zip")} == {f"v{each}" for each in VERSIONS}
    assert {each.stem for each in STORED.glob("v*.json")} == {f"v{each}" for each in VERSIONS}


def entries(path: Path) -> list[tuple[str, bytes]]:
    with ZipFile(path) as archive:
        return [(each.filename, archive.read(each)) for each in archive.infolist()]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_export_comes_in_whole(tmp_path: Path, version: int) -> None:
    house = House(tmp_path / "house")
    stored = STORED / f"v{version}.zip"
    import_file(house.database, house.source, stored)
    wanted = stored.with_suffix(".content").read_text(encoding="ascii").strip()
    assert house.content() == wanted
    if version == VERSION:
        export_everything(house.source, tmp_path / "again.zip")
        # Not the packed bytes: another zlib may have packed them better.
        assert entries(tmp_path / "again.zip") == entries(stored)
    house.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_json_file_comes_in_whole(tmp_path: Path, version: int) -> None:
    house = House(tmp_path / "house")
    stored = STORED / f"v{version}.json"
    import_file(house.database, house.source, stored)
    if version == VERSION:
        again = tmp_path / "again.json"
        export_conversations(house.source, None, again, ConversationFormat.JSON)
        assert again.read_bytes() == stored.read_bytes()
    house.close()
