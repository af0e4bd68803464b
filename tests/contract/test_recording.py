"""What the black box hears of every exchange: numbers and names, once, and nothing secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from studio.core.exchanges import Exchange
from studio.core.images import ImageRequest
from studio.core.stream import TextDelta
from studio.providers.base import ChatProvider
from studio.providers.registry import build_chat, build_hub, build_images, endpoint_for
from tests.contract.asking import FAST, TOKEN, Asker, outcome_of, question
from tests.contract.wire import CLOSE, HANG, RESET, Play, WireServer, chunked, whole

ID = "5f2c0e1a-77aa-4b1c"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@asynccontextmanager
async def recorded(
    asker: Asker, address: str, heard: list[Exchange]
) -> AsyncIterator[ChatProvider]:
    """A provider of a protocol that reports to `heard`."""
    endpoint = endpoint_for(asker.row.id, address)
    made = build_chat(asker.protocol, endpoint, TOKEN, FAST, None, heard.append)
    try:
        yield made
    finally:
        await made.close()


def holds_no_secret(heard: list[Exchange]) -> bool:
    """Neither the token nor what was asked is in what was noted."""
    said = "".join(exchange.line() for exchange in heard)
    return TOKEN not in said and TOKEN[3:] not in said and "a secret question" not in said


async def test_an_answer_is_noted_with_sizes_and_times(asker: Asker) -> None:
    heard: list[Exchange] = []
    play = chunked(asker.dialect.stream("one ", "two"), x_request_id=ID)
    async with WireServer(play) as server, recorded(asker, server.address, heard) as provider:
        outcome = await outcome_of(provider, question("a secret question"))
        assert outcome.text == "one two"
        sent = int(server.seen[0].headers["content-length"])
        host = server.address.partition("://")[2]
    (noted,) = heard
    assert (noted.method, noted.host, noted.route) == ("POST", host, asker.dialect.route)
    assert (noted.model, noted.status, noted.request_id) == ("org/model", 200, ID)
    assert noted.sent == sent
    assert noted.received > 60
    assert noted.first_byte is not None
    assert 0 < noted.first_byte <= noted.seconds
    assert noted.trouble == ""
    assert holds_no_secret(heard)


async def test_a_refusal_is_noted_with_the_number_that_its_body_holds(asker: Asker) -> None:
    heard: list[Exchange] = []
    body = {"errors": {"message": f"rate limit you {TOKEN}", "request_id": ID}}
    play = whole(body, "429 Too Many Requests")
    async with WireServer(play) as server, recorded(asker, server.address, heard) as provider:
        outcome = await outcome_of(provider, question("a secret question"))
        assert outcome.kind == "throttled"
    assert [(each.status, each.request_id) for each in heard] == [(429, ID)]
    assert holds_no_secret(heard)


async def test_a_server_that_hangs_up_is_noted_without_a_status(one_a_protocol: Asker) -> None:
    heard: list[Exchange] = []
    play = Play((), RESET)
    async with (
        WireServer(play) as server,
        recorded(one_a_protocol, server.address, heard) as provider,
    ):
        await outcome_of(provider, question())
    (noted,) = heard
    assert noted.status is None
    assert noted.trouble
    assert noted.received == 0


async def test_nothing_there_is_noted_too(one_a_protocol: Asker) -> None:
    heard: list[Exchange] = []
    async with WireServer(whole("{}")) as server:
        address = server.address
    async with recorded(one_a_protocol, address, heard) as provider:
        await outcome_of(provider, question())
    assert [(each.status, each.trouble) for each in heard] == [(None, "ConnectError")]


async def test_a_stream_that_is_cut_or_stopped_is_noted_once(one_a_protocol: Asker) -> None:
    heard: list[Exchange] = []
    text = one_a_protocol.dialect.text("x")
    cut = chunked([*one_a_protocol.dialect.begin(), text], finished=False, ending=CLOSE)
    endless = chunked([*one_a_protocol.dialect.begin(), text], finished=False, ending=HANG)
    async with (
        WireServer(cut, endless) as server,
        recorded(one_a_protocol, server.address, heard) as provider,
    ):
        await outcome_of(provider, question())
        assert [each.trouble for each in heard] == ["not read to its end"]
        async with aclosing(provider.stream(question())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        async with asyncio.timeout(5):
            await server.seen[1].client_left.wait()
    assert [each.status for each in heard] == [200, 200]
    assert heard[1].trouble == "not read to its end"


async def test_the_way_of_a_picture_is_noted_and_the_address_of_its_result_is_not() -> None:
    heard: list[Exchange] = []
    async with WireServer() as server:
        result = f"{server.address}/results/1.png?signature=secret"
        task = {"task_id": "t1"}
        done = {"task_status": "SUCCEED", "output_images": [result]}
        server.plays = [whole(task), whole(done), whole(PNG, content_type="image/png")]
        endpoint = endpoint_for("cn", server.address)
        painter = build_images(endpoint, TOKEN, FAST, None, heard.append)
        await painter.submit(ImageRequest("org/painter", "a secret question"))
        await painter.poll("t1")
        await painter.download(result)
        await painter.close()
    assert [each.route for each in heard] == ["/v1/images/generations", "/v1/tasks/t1", ""]
    assert [each.model for each in heard] == ["org/painter", "", ""]
    assert heard[2].received == len(PNG)
    assert "signature" not in "".join(each.line() for each in heard)
    assert holds_no_secret(heard)


async def test_the_routes_beside_inference_are_noted() -> None:
    heard: list[Exchange] = []
    async with WireServer(whole({"data": [{"id": "a/b"}]})) as server:
        hub = build_hub(endpoint_for("cn", server.address), TOKEN, FAST, None, heard.append)
        await hub.models()
        await hub.kinds("a/b")
        await hub.close()
    assert [(each.method, each.route, each.model) for each in heard] == [
        ("GET", "/v1/models", ""),
        ("GET", "/api/v1/models/a/b", "a/b"),
    ]


async def test_a_redirect_and_its_target_are_two_exchanges() -> None:
    heard: list[Exchange] = []
    async with WireServer() as server:
        there = f"{server.address}/v2/models"
        server.plays = [whole("", "307 Temporary Redirect", location=there), whole({"data": []})]
        hub = build_hub(endpoint_for("cn", server.address), TOKEN, FAST, None, heard.append)
        await hub.models()
        await hub.close()
    assert [(each.route, each.status) for each in heard] == [
        ("/v1/models", 307),
        ("/v2/models", 200),
    ]


async def test_a_token_that_a_server_gives_as_its_number_is_noted_nowhere(asker: Asker) -> None:
    body = {"errors": {"message": "no", "request_id": TOKEN}}
    plays = (
        chunked(asker.dialect.stream("ok"), x_request_id=TOKEN),
        whole(asker.dialect.answer("ok"), request_id=f"id-{TOKEN[3:]}"),
        whole(body, "400 Bad Request"),
    )
    heard: list[Exchange] = []
    async with WireServer(*plays) as server, recorded(asker, server.address, heard) as provider:
        outcomes = [await outcome_of(provider, question()) for _ in plays]
        assert len(server.seen) == 3
    assert [each.end or each.kind for each in outcomes] == ["stop", "stop", "refused"]
    said = repr([each.events for each in outcomes])
    assert "•••" in said
    assert TOKEN[3:] not in said
    assert [each.request_id for each in heard] == ["•••", "id-•••", "•••"]
    assert TOKEN[3:] not in repr(heard)
