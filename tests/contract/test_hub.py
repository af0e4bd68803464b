"""Balance, models, kinds and prices: every shape is taken, and every route may vanish."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from studio.core.credits import Balance
from studio.core.errors import StudioError
from studio.core.models import Capability
from studio.providers.hub import Offer, ServiceHub
from studio.providers.registry import PROVIDERS, ProviderRow, build_hub, endpoint_for
from tests.contract.asking import FAST, TOKEN
from tests.contract.wire import CLOSE, Play, WireServer, whole


@pytest.fixture(params=PROVIDERS, ids=[row.id for row in PROVIDERS])
def row(request: pytest.FixtureRequest) -> ProviderRow:
    """Every row."""
    found: ProviderRow = request.param
    return found


@asynccontextmanager
async def _hub(row: ProviderRow, address: str) -> AsyncIterator[ServiceHub]:
    made = build_hub(endpoint_for(row.id, address), TOKEN, FAST)
    assert isinstance(made, ServiceHub)
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        ({"success": True, "data": {"total_balance": 250, "available_balance": 200.5,
                                    "frozen_amount": 49.5}}, Balance(250, 200.5, 49.5)),
        ({"total_balance": 3, "available_balance": "2.5"}, Balance(3, 2.5, None)),
        ({"success": True}, Balance()),
        ({"data": None}, Balance()),
        ({"data": {"available_balance": None, "total_balance": True}}, Balance()),
        ({"data": {"available_balance": -1, "total_balance": "much"}}, Balance()),
        ({"data": {"available_balance": 0}}, Balance(None, 0, None)),
        ([], Balance()),
        ("plain words", Balance()),
        ("", Balance()),
    ],
)  # fmt: skip
async def test_a_balance_of_any_shape(row: ProviderRow, body: object, balance: Balance) -> None:
    async with WireServer(whole(body)) as server, _hub(row, server.address) as hub:  # type: ignore[arg-type]  # any JSON
        assert await hub.check_token() == balance
        assert server.seen[0].path == "/openapi/v1/magicubes/balance"
        assert server.seen[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_a_missing_balance_route_is_no_verdict(row: ProviderRow) -> None:
    async with WireServer(whole("", "404 Not Found")) as server:
        async with _hub(row, server.address) as hub:
            assert await hub.check_token() == Balance()
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"errors": {"message": "Authentication failed"}}, "401 No", "wrong_token"),
        ({"success": False, "message": "invalid token"}, "200 OK", "wrong_token"),
        ({"message": "please bind your Alibaba Cloud account"}, "401 No", "not_bound"),
        ({"message": "real name verified accounts only"}, "403 No", "not_verified"),
        ("<html>login</html>", "200 OK", "web_page"),
        ({"message": "rate limit you"}, "429 No", "throttled"),
    ],
)
async def test_a_token_is_told_wrong_from_right(
    row: ProviderRow, body: object, status: str, kind: str
) -> None:
    async with (
        WireServer(whole(body, status)) as server,  # type: ignore[arg-type]  # any JSON
        _hub(row, server.address) as hub,
    ):
        with pytest.raises(StudioError) as caught:
            await hub.check_token()
        assert (caught.value.kind.value, len(server.seen)) == (kind, 1)


async def test_models_of_any_shape(row: ProviderRow) -> None:
    listed = [
        {"id": "a/b", "object": "", "owned_by": "system", "created": 1},
        {"id": "a/b"}, {"name": "c"}, "d/e", {"id": None}, {"id": 7}, None, [], {"id": "x" * 500},
        {"id": "f\0"}, {"id": "g", "context_length": 4096}, {"id": " h "},
    ]  # fmt: skip
    for body in ({"data": listed}, listed, {"models": listed}):
        async with WireServer(whole(body)) as server, _hub(row, server.address) as hub:
            found = await hub.models()
            assert [each.id for each in found] == ["a/b", "c", "d/e", "f\ufffd", "g", "h"]
            assert [each.context_tokens for each in found if each.id == "g"] == [4096]
            assert server.seen[0].path == "/v1/models"
    async with WireServer(whole({"data": None})) as server, _hub(row, server.address) as hub:
        assert await hub.models() == ()


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (whole("no json"), "bad_reply"),
        (whole("<html>"), "web_page"),
        (whole({"detail": "x"}, "500 No"), "busy"),
        (Play((), CLOSE), "unanswered"),
        (whole("7"), "bad_reply"),
    ],
)
async def test_no_list_of_models(row: ProviderRow, play: Play, kind: str) -> None:
    async with WireServer(play) as server, _hub(row, server.address) as hub:
        with pytest.raises(StudioError) as caught:
            await hub.models()
        assert caught.value.kind.value == kind


async def test_kinds_of_a_model(row: ProviderRow) -> None:
    tasks = [{"Name": "image-text-to-text"}, {"Name": "unheard-of"}, None, {"Name": 7}]
    async with (
        WireServer(whole({"Data": {"Tasks": tasks}})) as server,
        _hub(row, server.address) as hub,
    ):
        kinds = await hub.kinds("org/name:DashScope")
        assert kinds == {Capability.CHAT, Capability.VISION}
        assert server.seen[0].path == "/api/v1/models/org/name"
        assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    "play",
    [
        whole("", "404 Not Found"),
        whole("<html>"),
        whole({"Data": None}),
        whole({"Data": {"Tasks": {"a": 1}}}),
        whole([]),
        Play((), CLOSE),
        whole("", "302 F", location="https://elsewhere.example/"),
    ],
)
async def test_a_hub_route_that_is_gone_is_silent(row: ProviderRow, play: Play) -> None:
    async with WireServer(play) as server, _hub(row, server.address) as hub:
        assert await hub.kinds("org/name") == frozenset()
        assert await hub.cost("org/name") is None
        assert await hub.offers("org/name") is None


async def test_who_serves_a_model_and_for_how_much(row: ProviderRow) -> None:
    offers = [
        {"Name": "ModelScope", "EstimatedMagicGrainCost": 2, "CostTier": "ultra"},
        {"Name": "DashScope", "EstimatedMagicGrainCost": 0.5, "CostTier": "lite"},
        {"Name": None}, None,
    ]  # fmt: skip
    body = {"Code": 200, "Data": {"Providers": offers}}
    async with WireServer(whole(body)) as server, _hub(row, server.address) as hub:
        assert await hub.offers("org/name") == (
            Offer("ModelScope", 2, "ultra"),
            Offer("DashScope", 0.5, "lite"),
            Offer("", None, ""),
        )
        assert await hub.cost("org/name") == 0.5
        assert await hub.cost("org/name:ModelScope") == 2
        path = "/api/v1/inference/list_model_providers?ModelId=org/name"
        assert server.seen[-1].path == path
    async with (
        WireServer(whole({"Data": {"Providers": None}})) as server,
        _hub(row, server.address) as hub,
    ):
        assert await hub.offers("org/name") == ()
        assert await hub.cost("org/name") is None
