"""A copy of everything is a folder that the program starts on as on its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.transfer.common import TransferCancelled, Watch
from studio.storage.locations import locate
from studio.storage.transfer.full_copy import copy_everything
from tests.unit.storage.transfer_parts import House, furnish


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    furnish(made)
    yield made
    made.close()


def test_the_copy_holds_all_of_it(house: House, tmp_path: Path) -> None:
    (house.folder / "pictures" / ".0123456789abcdef.moda-part").write_bytes(b"half")
    told: list[tuple[int, int]] = []
    watch = Watch(lambda done, total: told.append((done, total)))
    copy = copy_everything(house.source, tmp_path / "copy", watch=watch)
    house.talk("later", "not in the copy")
    locations = locate(copy)
    assert {each.name for each in copy.iterdir()} == {
        locations.database.name,
        locations.attachments.name,
        locations.pictures.name,
    }
    started = House(copy)
    assert "later" not in started.content()
    house_files = {name: each for name, each in house.files().items() if "/." not in name}
    assert started.files() == house_files
    assert started.library.reconcile().missing == ()
    assert started.litter() == []
    started.close()
    assert told[-1][0] == told[-1][1] == len(house_files)
    assert copy_everything(house.source, tmp_path / "copy") == tmp_path / "copy-2"


def test_a_copy_that_is_cancelled_or_refused_leaves_nothing(house: House, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for calls in range(1, 9):
        left = iter([False] * (calls - 1) + [True])
        with pytest.raises(TransferCancelled):
            copy_everything(
                house.source,
                out / "copy",
                watch=Watch(cancelled=lambda: next(left)),  # noqa: B023
            )
        assert list(out.iterdir()) == []
    (out / "file").write_bytes(b"in the way")
    with pytest.raises(StudioError):
        copy_everything(house.source, out / "file" / "copy")
    assert [each.name for each in out.iterdir()] == ["file"]
