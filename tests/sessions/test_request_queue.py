"""The queue that everybody can see: who goes first, who may end what."""

from __future__ import annotations

import asyncio

import pytest

from studio.core.errors import ErrorKind
from studio.sessions.requests.request_queue import RequestQueue, Retry, TurnKind, TurnState


async def hold(
    request_queue: RequestQueue, kind: TurnKind, name: str, log: list[str], leave: asyncio.Event
) -> None:
    """Take a turn, note it, and keep it until told to leave."""
    async with request_queue.turn(kind, name, "org/model"):
        log.append(name)
        await leave.wait()


async def settle() -> None:
    """Let everything that can run, run."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_goes_at_a_time_and_chat_goes_before_pictures() -> None:
    request_queue, leave = RequestQueue(), [asyncio.Event() for _ in range(4)]
    log: list[str] = []
    order = [(TurnKind.IMAGE, "first"), (TurnKind.IMAGE, "picture"), (TurnKind.CHAT, "chat")]
    tasks = [
        asyncio.get_running_loop().create_task(hold(request_queue, kind, name, log, event))
        for (kind, name), event in zip(order, leave, strict=False)
    ]
    await settle()
    assert log == ["first"]
    assert [turn.label for turn in request_queue.turns] == ["first", "chat", "picture"]
    assert (request_queue.running, request_queue.waiting) == (1, 2)
    leave[0].set()
    await settle()
    assert log == ["first", "chat"]
    leave[2].set()
    await settle()
    assert log == ["first", "chat", "picture"]
    leave[1].set()
    await asyncio.gather(*tasks)
    assert request_queue.turns == ()


async def test_those_who_wait_go_in_the_order_that_the_user_gave_them() -> None:
    request_queue, leave = RequestQueue(), asyncio.Event()
    log: list[str] = []

    def come(kind: TurnKind, name: str) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(hold(request_queue, kind, name, log, leave))

    kinds = {"c": TurnKind.CHAT, "p": TurnKind.IMAGE}
    tasks = [come(kinds[name[0]], name) for name in ("c0", "c1", "c2", "p1")]
    await settle()

    def waiting() -> list[str]:
        return [turn.label for turn in request_queue.turns[1:]]

    def move(name: str, place: int) -> None:
        request_queue.move(
            next(turn.number for turn in request_queue.turns if turn.label == name), place
        )

    assert waiting() == ["c1", "c2", "p1"]
    move("p1", 0)
    assert waiting() == ["p1", "c1", "c2"]
    move("c2", 1)
    assert waiting() == ["p1", "c2", "c1"]
    move("p1", -3)
    move("c2", 99)
    assert waiting() == ["p1", "c1", "c2"]
    move("c0", 2)  # it is under way
    request_queue.move(12345, 0)
    assert waiting() == ["p1", "c1", "c2"]
    tasks += [come(kinds[name[0]], name) for name in ("c3", "p2")]
    await settle()
    assert waiting() == ["p1", "c1", "c2", "c3", "p2"], "whoever comes later goes behind their like"
    leave.set()
    await asyncio.gather(*tasks)
    assert log == ["c0", "p1", "c1", "c2", "c3", "p2"]


async def test_a_higher_limit_lets_those_who_wait_through_at_once() -> None:
    request_queue, leave = RequestQueue(1), asyncio.Event()
    log: list[str] = []
    tasks = [
        asyncio.get_running_loop().create_task(
            hold(request_queue, TurnKind.CHAT, str(n), log, leave)
        )
        for n in range(4)
    ]
    await settle()
    assert log == ["0"]
    request_queue.set_limits(3, 1)
    await settle()
    assert log == ["0", "1", "2"]
    leave.set()
    await asyncio.gather(*tasks)
    assert log == ["0", "1", "2", "3"]


async def test_cancelling_one_who_waits_leaves_the_others_their_places() -> None:
    request_queue, leave = RequestQueue(), asyncio.Event()
    log: list[str] = []
    tasks = [
        asyncio.get_running_loop().create_task(
            hold(request_queue, TurnKind.CHAT, str(n), log, leave)
        )
        for n in range(3)
    ]
    await settle()
    request_queue.cancel(request_queue.turns[1].number)
    await settle()
    assert tasks[1].cancelled()
    leave.set()
    await asyncio.gather(tasks[0], tasks[2])
    assert log == ["0", "2"]


async def test_cancelling_the_running_one_lets_the_next_go() -> None:
    request_queue, leave = RequestQueue(), asyncio.Event()
    log: list[str] = []
    tasks = [
        asyncio.get_running_loop().create_task(
            hold(request_queue, TurnKind.CHAT, str(n), log, leave)
        )
        for n in range(2)
    ]
    await settle()
    request_queue.cancel(request_queue.turns[0].number)
    await settle()
    assert tasks[0].cancelled()
    assert log == ["0", "1"]
    leave.set()
    await tasks[1]


async def test_an_error_gives_the_place_up() -> None:
    request_queue = RequestQueue()

    async def fail() -> None:
        async with request_queue.turn(TurnKind.CHAT, "fails", "m"):
            raise ValueError("broken")

    with pytest.raises(ValueError, match=r"^broken$"):
        await fail()
    assert request_queue.turns == ()


async def test_a_countdown_keeps_the_place_and_can_be_cancelled() -> None:
    request_queue = RequestQueue()

    async def back_off() -> None:
        async with request_queue.turn(TurnKind.CHAT, "refused", "m") as turn:
            await request_queue.back_off(turn, 3600)

    task = asyncio.get_running_loop().create_task(back_off())
    await settle()
    turn = request_queue.turns[0]
    assert turn.state is TurnState.BACKING_OFF
    assert turn.resumes_at is not None
    assert request_queue.running == 1
    request_queue.cancel(turn.number)
    await settle()
    assert task.cancelled()
    assert request_queue.turns == ()


async def test_a_countdown_says_which_try_comes_next_and_why() -> None:
    request_queue, retry = RequestQueue(), Retry(ErrorKind.THROTTLED, 2, 4)

    async def back_off() -> None:
        async with request_queue.turn(TurnKind.CHAT, "refused", "m") as turn:
            counting = request_queue.back_off(turn, 0.01, retry)
            # At once, before anybody waits: what is told now must already be true.
            assert (turn.retry, turn.pause) == (retry, 0.01)
            await counting
            assert (turn.retry, turn.resumes_at, turn.state) == (None, None, TurnState.RUNNING)

    await asyncio.get_running_loop().create_task(back_off())


async def test_a_paused_queue_lets_nobody_in_and_stops_nobody() -> None:
    log: list[str] = []
    request_queue, leave = RequestQueue(2), [asyncio.Event() for _ in range(3)]
    tasks = [
        asyncio.get_running_loop().create_task(
            hold(request_queue, TurnKind.CHAT, str(n), log, leave[n])
        )
        for n in range(1)
    ]
    await settle()
    request_queue.set_paused(True)
    tasks += [
        asyncio.get_running_loop().create_task(
            hold(request_queue, TurnKind.CHAT, str(n), log, leave[n])
        )
        for n in range(1, 3)
    ]
    await settle()
    assert log == ["0"]
    assert (request_queue.running, request_queue.waiting, request_queue.paused) == (1, 2, True)
    leave[0].set()
    await settle()
    assert log == ["0"]
    request_queue.set_paused(False)
    await settle()
    assert log == ["0", "1", "2"]
    for event in leave:
        event.set()
    await asyncio.gather(*tasks)


async def test_an_order_that_waits_for_a_picture_lets_everything_else_pass() -> None:
    request_queue, leave = RequestQueue(), asyncio.Event()
    log: list[str] = []

    async def paint(name: str) -> None:
        async with request_queue.turn(TurnKind.IMAGE, name, "m") as turn:
            log.append(name)
            request_queue.hand_over(turn)
            await leave.wait()

    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(paint(name)) for name in ("first", "second")]
    await settle()
    assert (log, request_queue.running, request_queue.waiting) == (["first"], 1, 1)
    second = request_queue.turns[1]
    assert request_queue.held(second) and request_queue.before(second) == [request_queue.turns[0]]
    for kind in (TurnKind.TITLE, TurnKind.CHAT):
        await hold(request_queue, kind, kind.name, log, _set())
    assert log == ["first", "TITLE", "CHAT"]
    request_queue.set_limits(1, 2)
    await settle()
    assert log[-1] == "second"
    leave.set()
    await asyncio.gather(*tasks)


async def test_what_the_service_has_already_waits_for_nobody() -> None:
    request_queue, leave = RequestQueue(), asyncio.Event()
    request_queue.set_paused(True)

    async def look_after() -> None:
        async with request_queue.turn(TurnKind.IMAGE, "from before", "m", pending=True) as turn:
            assert turn.state is TurnState.PENDING
            await leave.wait()

    tasks = [asyncio.get_running_loop().create_task(look_after()) for _ in range(2)]
    await settle()
    assert (request_queue.running, request_queue.waiting) == (2, 0)
    leave.set()
    await asyncio.gather(*tasks)


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event
