"""Every row of PROVIDERS and every door of it, one after the other."""

from __future__ import annotations

import pytest

from tests.contract.asking import DOOR_NAMES, DOORS, Asker


@pytest.fixture(params=DOORS, ids=DOOR_NAMES)
def asker(request: pytest.FixtureRequest) -> Asker:
    """Asks over one door of one row."""
    row, door = request.param
    return Asker(row, door)


@pytest.fixture(params=[DOORS[0], DOORS[1]], ids=DOOR_NAMES[:2])
def one_a_door(request: pytest.FixtureRequest) -> Asker:
    """Both doors of one row, for what takes long."""
    row, door = request.param
    return Asker(row, door)
