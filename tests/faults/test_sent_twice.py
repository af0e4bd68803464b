"""No question is sent twice unseen: only a connection that was stale all along is replaced."""

from __future__ import annotations

import pytest

from studio.core.errors import StudioError
from studio.providers import transport
from studio.providers.base import NetworkSettings
from studio.providers.registry import build_hub, endpoint_for
from tests.contract.asking import TOKEN, Asker
from tests.contract.wire import CLOSE, RESET, Ending, Pause, Play, WireServer, chunked, head, whole

ENDINGS = pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["fin", "rst"])


@ENDINGS
async def test_a_question_that_was_worked_on_is_not_sent_again(
    one_a_protocol: Asker, ending: Ending
) -> None:
    stream = chunked(one_a_protocol.dialect.stream("ok"))
    server = WireServer(stream, Play((Pause(3.0),), ending), stream)
    async with server, one_a_protocol.provider(server.address) as provider:
        assert (await one_a_protocol.again(provider)).text == "ok"
        outcome = await one_a_protocol.again(provider)
        assert (outcome.text, outcome.kind, len(server.seen)) == ("", "unanswered", 2)
        assert outcome.error is not None
        assert "not sent again" in outcome.error.text.hint


@ENDINGS
async def test_a_stale_connection_is_replaced_at_once(
    one_a_protocol: Asker, ending: Ending
) -> None:
    stream = chunked(one_a_protocol.dialect.stream("ok"))
    async with WireServer(stream, Play((Pause(0.05),), ending), stream) as server:
        async with one_a_protocol.provider(server.address) as provider:
            assert (await one_a_protocol.again(provider)).text == "ok"
            assert (await one_a_protocol.again(provider)).text == "ok"
        assert (len(server.seen), server.connections) == (3, 2)


async def test_half_an_answers_head_is_no_stale_connection(
    one_a_protocol: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "STALE_SECONDS", 0.1)
    stream = chunked(one_a_protocol.dialect.stream("ok"))
    late = Play((Pause(0.3), head(content_type="text/event-stream")[:20]), CLOSE)
    server = WireServer(stream, late, stream)
    async with server, one_a_protocol.provider(server.address) as provider:
        await one_a_protocol.again(provider)
        outcome = await one_a_protocol.again(provider)
        assert (outcome.kind, len(server.seen)) == ("unanswered", 2)


async def test_a_replaced_connection_is_not_replaced_again(one_a_protocol: Asker) -> None:
    stream = chunked(one_a_protocol.dialect.stream("ok"))
    server = WireServer(stream, Play((), CLOSE))
    async with server, one_a_protocol.provider(server.address) as provider:
        await one_a_protocol.again(provider)
        outcome = await one_a_protocol.again(provider)
        assert (outcome.kind, len(server.seen)) == ("unanswered", 3)


async def test_our_own_requests_hold_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "STALE_SECONDS", 0.1)
    models = whole({"data": [{"id": "org/model"}]})
    async with WireServer(models, Play((Pause(0.4),), CLOSE), models) as server:
        hub = build_hub(endpoint_for("cn", server.address), TOKEN, NetworkSettings(proxy=""))
        assert len(await hub.models()) == 1
        with pytest.raises(StudioError) as caught:
            await hub.models()
        assert (caught.value.kind.value, len(server.seen)) == ("unanswered", 2)
        assert len(await hub.models()) == 1
        await hub.close()
