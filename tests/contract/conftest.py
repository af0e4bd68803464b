"""Every row of PROVIDERS and every protocol of it, one after the other."""

from __future__ import annotations

import pytest

from tests.contract.asking import DOOR_NAMES, PROTOCOLS, Asker


@pytest.fixture(params=PROTOCOLS, ids=DOOR_NAMES)
def asker(request: pytest.FixtureRequest) -> Asker:
    """Asks over one protocol of one row."""
    row, protocol = request.param
    return Asker(row, protocol)


@pytest.fixture(params=[PROTOCOLS[0], PROTOCOLS[1]], ids=DOOR_NAMES[:2])
def one_a_protocol(request: pytest.FixtureRequest) -> Asker:
    """Both protocols of one row, for what takes long."""
    row, protocol = request.param
    return Asker(row, protocol)
