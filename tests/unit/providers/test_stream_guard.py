"""The splitter, the cleaner and the tags: any cut gives the same result."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import ErrorKind, StudioError
from studio.providers.stream_guard import (
    DAMAGED,
    CooperativeYield,
    EventSplitter,
    IdleTimeout,
    ServerEvent,
    TextCleaner,
    clean_text,
    payloads,
)

TOKEN = "ms-0f3b7a52-61c4-4f0e-9c1d-5a7be2d94c11"
LINES = st.sampled_from(
    [
        "data: a",
        "data:b",
        "data:  c",
        "data",
        "event: x",
        "event:",
        ": comment",
        "id: 1",
        "",
        "",
        "",
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def _cut(content: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(content)) for cut in cuts})
    edges = [0, *places, len(content)]
    return [content[start:end] for start, end in itertools.pairwise(edges)]


def _split(pieces: list[bytes]) -> list[ServerEvent]:
    splitter = EventSplitter()
    found = [event for piece in pieces for event in splitter.feed(piece)]
    return found + splitter.finish()


@given(
    st.lists(st.tuples(LINES, ENDS), max_size=20),
    st.lists(st.integers(0, 200), max_size=10),
    st.booleans(),
)
def test_cuts_and_line_ends_do_not_matter(
    lines: list[tuple[str, str]], cuts: list[int], mark: bool
) -> None:
    # A lone \r before a \n would be one line end: the same end throughout.
    end = lines[0][1] if lines else "\n"
    start = b"\xef\xbb\xbf" if mark else b""
    content = start + "".join(line + end for line, _ in lines).encode()
    plain = "".join(line + "\n" for line, _ in lines).encode()
    assert _split(_cut(content, cuts)) == _split([plain])


def test_events_as_the_standard_has_them() -> None:
    stream = b"event: a\ndata: 1\ndata: 2\n\ndata:3\n\n: life\n\ndata: last"
    assert _split([stream]) == [
        ServerEvent("a", "1\n2"),
        ServerEvent("", "3"),
        ServerEvent("", "last"),
    ]


def test_a_line_of_more_than_8_mb_is_refused_also_in_parts() -> None:
    for start, piece in ((b"data: ", b"x" * 65536), (b"", b"data: " + b"x" * 65536 + b"\n")):
        splitter = EventSplitter()
        splitter.feed(start)
        with pytest.raises(StudioError) as caught:
            for _ in range(200):
                splitter.feed(piece)
            splitter.feed(b"\n\n")
        assert caught.value.kind is ErrorKind.TOO_LARGE


def test_a_drip_into_a_long_line_costs_no_more_than_its_bytes() -> None:
    splitter = EventSplitter()
    splitter.feed(b"data: " + b"x" * 4_000_000)
    # Copying 4 MB for each of these bytes would run into the limit of every test.
    for _ in range(200_000):
        splitter.feed(b"y")
    (event,) = splitter.feed(b"\n\n")
    assert len(event.data) == 4_200_000


def test_payloads() -> None:
    assert payloads('{"a": 1}') == [{"a": 1}]
    assert payloads(' {"a": 1} ') == [{"a": 1}]
    assert payloads('{"a": 1}\n{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert payloads("ping") == []
    assert payloads("") == []
    assert payloads('{"a": ') == [DAMAGED]
    assert payloads('{"a": 1}x') == [DAMAGED]
    assert payloads("[" * 100_000) == [DAMAGED]


@given(st.lists(st.text(st.characters(), max_size=6), max_size=8))
def test_clean_text_can_be_stored_and_is_the_same_however_cut(parts: list[str]) -> None:
    cleaner = TextCleaner(TOKEN)
    streamed = "".join(cleaner.feed(part) for part in parts) + cleaner.flush()
    streamed.encode()
    assert "\0" not in streamed
    assert streamed == clean_text("".join(parts), TOKEN)


@given(
    st.text("ms-0f3b7a52614c9d5e ", max_size=20),
    st.text("ms-0f3b7a52614c9d5e ", max_size=20),
    st.lists(st.integers(0, 80), max_size=6),
)
def test_a_token_in_a_stream_never_gets_through(before: str, after: str, cuts: list[int]) -> None:
    whole = before + TOKEN + after
    cleaner = TextCleaner(TOKEN)
    parts = [part.decode() for part in _cut(whole.encode(), cuts)]
    streamed = "".join(cleaner.feed(part) for part in parts) + cleaner.flush()
    assert TOKEN not in streamed
    assert TOKEN[3:] not in streamed
    assert streamed.replace("•••", "").strip("ms-") == (before + after).strip("ms-") or (
        "•••" in streamed
    )


async def test_a_slow_reader_is_not_an_idle_server() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"a", b"b"):
            yield piece

    pace = IdleTimeout(0.05)
    stream = pieces()
    assert await pace.next_piece(stream) == b"a"
    await asyncio.sleep(0.2)
    assert await pace.next_piece(stream) == b"b"
    assert await pace.next_piece(stream) is None
    pace.close()


async def test_the_users_stop_is_not_taken_for_silence() -> None:
    async def silent() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    pace = IdleTimeout(0.01)
    with pytest.raises(StudioError) as caught:
        await pace.next_piece(silent())
    assert caught.value.kind is ErrorKind.IDLE
    pace.hurry(60)

    async def read() -> None:
        await pace.next_piece(silent())

    async with asyncio.TaskGroup() as group:
        task = group.create_task(read())
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()
    pace.close()


async def test_a_stop_at_the_very_moment_of_silence_is_a_stop() -> None:
    async def silent() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    pace = IdleTimeout(60)

    async def read() -> None:
        await pace.next_piece(silent())

    async with asyncio.TaskGroup() as group:
        task = group.create_task(read())
        await asyncio.sleep(0)
        pace.hurry(0)
        asyncio.get_running_loop().call_soon(task.cancel)
    assert task.cancelled()
    pace.close()


async def test_turns_are_given_after_some_work() -> None:
    turns = CooperativeYield()
    until = time.perf_counter() + 0.006
    while time.perf_counter() < until:
        pass
    assert turns.due
    others: list[str] = []
    asyncio.get_running_loop().call_soon(others.append, "had a turn")
    await turns.give()
    assert others == ["had a turn"]
