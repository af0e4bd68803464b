"""Large pictures of a question: they arrive whole, and the window lives while they are sent."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from dataclasses import dataclass, field

import pytest

from studio.core.messages import Role
from studio.core.stream import ChatMessage, ChatRequest, ImageContent, TextContent
from tests.contract.asking import Asker, outcome_of
from tests.contract.heartbeat import Heartbeat
from tests.contract.wire import CLOSE, LAST_CHUNK, Play, WireServer, chunk, chunked, head, whole
from tests.faults.memory import Growth

MEBIBYTE = 2**20


@dataclass
class SlowReader:
    """Takes a body in as a network does, piece by piece, and answers; it costs next to nothing."""

    answer: bytes
    port: int = 0
    asked: int = 0
    pieces: list[bytes] = field(default_factory=list)

    async def __aenter__(self) -> SlowReader:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        self.asked += 1
        left = next(int(each.partition(b":")[2]) for each in lines if b"content-length" in each)
        while left:
            piece = await reader.read(65536)
            self.pieces.append(piece)
            left -= len(piece)
        writer.write(self.answer)
        await writer.drain()
        writer.close()


def asked_of(*pictures: ImageContent, words: str = "What is this?") -> ChatRequest:
    return ChatRequest("org/model", (ChatMessage(Role.USER, (*pictures, TextContent(words))),))


def sent_pictures(asker: Asker, body: bytes) -> list[bytes]:
    """The pictures as a server reads them."""
    blocks = json.loads(body)["messages"][0]["content"]
    if asker.protocol.value == "anthropic":
        found = [each["source"]["data"] for each in blocks if each["type"] == "image"]
    else:
        found = [
            each["image_url"]["url"].removeprefix("data:image/png;base64,")
            for each in blocks
            if each["type"] == "image_url"
        ]
    return [base64.b64decode(each, validate=True) for each in found]


@pytest.mark.parametrize("size", [1, 2, 3, 32 * 1024, 32 * 1024 + 1, 49152, 49153, 300_001])
async def test_a_picture_of_any_size_arrives_as_it_is(one_a_protocol: Asker, size: int) -> None:
    picture = ImageContent("image/png", os.urandom(size))
    async with WireServer(chunked(one_a_protocol.dialect.stream("ok"))) as server:
        outcome = await one_a_protocol.ask(server.address, asked_of(picture, picture))
        assert (outcome.text, outcome.end) == ("ok", "stop")
        (seen,) = server.seen
        assert sent_pictures(one_a_protocol, seen.body) == [picture.content] * 2


async def test_words_that_look_like_a_mark_stay_words(one_a_protocol: Asker) -> None:
    picture = ImageContent("image/png", os.urandom(100_000))
    words = "enclosed-0123456789abcdef0123456789abcdef"
    async with WireServer(chunked(one_a_protocol.dialect.stream("ok"))) as server:
        await one_a_protocol.ask(server.address, asked_of(picture, words=words))
        (seen,) = server.seen
        assert seen.json["messages"][0]["content"][-1]["text"] == words
        assert sent_pictures(one_a_protocol, seen.body) == [picture.content]


async def test_a_picture_goes_again_over_a_new_connection(one_a_protocol: Asker) -> None:
    picture = ImageContent("image/png", os.urandom(100_000))
    stream = chunked(one_a_protocol.dialect.stream("ok"))
    # The second request on the kept connection is answered by an end without a byte.
    async with WireServer(stream, Play((), CLOSE), stream) as server:
        async with one_a_protocol.provider(server.address) as provider:
            for _ in range(2):
                assert (await outcome_of(provider, asked_of(picture))).text == "ok"
        assert (len(server.seen), server.connections) == (3, 2)
        for seen in server.seen:
            assert sent_pictures(one_a_protocol, seen.body) == [picture.content]


async def test_a_picture_follows_a_redirect_within_the_origin(one_a_protocol: Asker) -> None:
    picture = ImageContent("image/png", os.urandom(100_000))
    moved = whole("", "308 Permanent Redirect", location="/elsewhere")
    async with WireServer(moved, chunked(one_a_protocol.dialect.stream("ok"))) as server:
        outcome = await one_a_protocol.ask(server.address, asked_of(picture))
        assert outcome.text == "ok"
        assert [sent_pictures(one_a_protocol, seen.body) for seen in server.seen] == [
            [picture.content]
        ] * 2


async def test_eight_large_pictures_do_not_hold_up_the_window(one_a_protocol: Asker) -> None:
    pictures = [ImageContent("image/png", os.urandom(5 * MEBIBYTE)) for _ in range(8)]
    stream = b"".join(map(chunk, one_a_protocol.dialect.stream("ok"))) + LAST_CHUNK
    answer = head(content_type="text/event-stream", transfer_encoding="chunked") + stream
    async with SlowReader(answer) as server:
        async with one_a_protocol.provider(f"http://127.0.0.1:{server.port}") as provider:
            with Growth() as growth:
                async with Heartbeat() as heart:
                    outcome = await outcome_of(provider, asked_of(*pictures))
        assert (outcome.text, outcome.end, server.asked) == ("ok", "stop", 1)
        assert heart.longest < 0.2
        kept = sum(map(len, server.pieces)) / MEBIBYTE
        assert growth.megabytes - kept < 80
    assert sent_pictures(one_a_protocol, b"".join(server.pieces)) == [p.content for p in pictures]
