"""Every row of PROVIDERS and every door of it, one after the other."""

from __future__ import annotations

import pytest

from tests.contract.asking import DOOR_NAMES, DOORS, Asker


@pytest.fixture(params=DOORS, ids=DOOR_NAMES)
def asker(request: pytest.FixtureRequest) -> Asker:
    """Asks over one door of one row."""
    row, door = request.param
    return Asker(row, door)
