"""Ordering, asking after and fetching pictures, over every row that has them."""

from __future__ import annotations

import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.core.images import ImageRequest
from studio.providers.base import Finished, ImageProvider, StillRunning, Submitted
from studio.providers.registry import PROVIDERS, ProviderRow, build_images, endpoint_for
from tests.contract.asking import FAST, TOKEN
from tests.contract.wire import (
    CLOSE,
    HANG,
    KEEP,
    RESET,
    Ending,
    Pause,
    Play,
    WireServer,
    chunked,
    head,
    whole,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
REQUEST = ImageRequest(
    "org/painter", "一只猫 a cat", "dull", (1024, 768), seed=7, steps=30, guidance=3.5
)
ROWS = [row for row in PROVIDERS if row.pictures]


@pytest.fixture(params=ROWS, ids=[row.id for row in ROWS])
def row(request: pytest.FixtureRequest) -> ProviderRow:
    """Every row that makes pictures."""
    found: ProviderRow = request.param
    return found


@asynccontextmanager
async def _painter(row: ProviderRow, address: str) -> AsyncIterator[ImageProvider]:
    made = build_images(endpoint_for(row.id, address), TOKEN, FAST)
    try:
        yield made
    finally:
        await made.close()


async def _kind_of_submit(row: ProviderRow, play: Play, requests: int = 1) -> str:
    async with WireServer(play) as server, _painter(row, server.address) as painter:
        with pytest.raises(StudioError) as caught:
            await painter.submit(REQUEST)
        assert TOKEN not in f"{caught.value.detail} {caught.value.request_id}"
        assert len(server.seen) == requests
        return caught.value.kind.value


async def test_an_order_is_taken_asked_after_and_fetched(row: ProviderRow) -> None:
    async with WireServer() as server, _painter(row, server.address) as painter:
        result = f"{server.address}/files/1.png"
        running: list[dict[str, Any]] = [
            {"task_status": word} for word in ("PENDING", "RUNNING", "SOMETHING_NEW")
        ]
        done: dict[str, Any] = {"task_status": "SUCCEED", "output_images": [result]}
        answers: list[dict[str, object]] = [
            {"task_id": "t/1 x", "task_status": "PENDING"},
            *running,
            done,
        ]
        server.plays = [*(whole(each) for each in answers), whole(PNG, content_type="text/plain")]
        assert await painter.submit(REQUEST) == Submitted("t/1 x")
        for word in ("PENDING", "RUNNING", "SOMETHING_NEW"):
            assert await painter.poll("t/1 x") == StillRunning(word)
        assert await painter.poll("t/1 x") == Finished((result,))
        assert await painter.download(result) == PNG
        order, ask, fetch = server.seen[0], server.seen[1], server.seen[-1]
        assert (order.method, order.path) == ("POST", "/v1/images/generations")
        assert order.headers["x-modelscope-async-mode"] == "true"
        assert order.headers["authorization"] == f"Bearer {TOKEN}"
        assert order.json == {
            "model": "org/painter", "prompt": "一只猫 a cat", "negative_prompt": "dull",
            "size": "1024x768", "seed": 7, "steps": 30, "guidance": 3.5,
        }  # fmt: skip
        assert "一只猫".encode() in order.body
        assert ask.path == "/v1/tasks/t%2F1%20x"
        assert ask.headers["x-modelscope-task-type"] == "image_generation"
        assert "authorization" not in fetch.headers


async def test_what_is_not_set_is_not_sent(row: ProviderRow) -> None:
    async with (
        WireServer(whole({"task_id": "t"})) as server,
        _painter(row, server.address) as painter,
    ):
        await painter.submit(ImageRequest("a/b", "cat"))
        assert server.seen[0].json == {"model": "a/b", "prompt": "cat"}


@pytest.mark.parametrize(
    ("answer", "urls"),
    [
        ({"images": [{"url": "https://x.example/1"}]}, ("https://x.example/1",)),
        ({"data": [{"url": "https://x.example/1"}, {"url": "https://x.example/2"}]},
         ("https://x.example/1", "https://x.example/2")),
        ({"data": [{"b64_json": "QUJD"}]}, ("data:image/png;base64,QUJD",)),
        ({"data": [{"url": "data:image/jpeg;base64,QUJD"}]}, ("data:image/jpeg;base64,QUJD",)),
        ({"output_images": ["https://x.example/1"]}, ("https://x.example/1",)),
        ({"images": [{"url": "file:///etc/passwd"}, {"url": "https://x.example/1"}]},
         ("https://x.example/1",)),
    ],
)  # fmt: skip
async def test_a_synchronous_answer_is_taken_too(
    row: ProviderRow, answer: dict[str, object], urls: tuple[str, ...]
) -> None:
    async with WireServer(whole(answer)) as server, _painter(row, server.address) as painter:
        assert await painter.submit(REQUEST) == Finished(urls)
        assert len(server.seen) == 1


async def test_refused_parameters_are_left_out_once_and_named(row: ProviderRow) -> None:
    refusal = whole({"errors": {"message": "guidance and steps are not allowed"}}, "400 Bad")
    async with (
        WireServer(refusal, whole({"task_id": "t"})) as server,
        _painter(row, server.address) as painter,
    ):
        assert await painter.submit(REQUEST) == Submitted("t", ("steps", "guidance"))
        assert set(server.seen[1].json) == {"model", "prompt", "negative_prompt", "size", "seed"}
    assert await _kind_of_submit(row, refusal, requests=2) == "refused"
    plain = whole({"errors": {"message": "No."}}, "400 Bad")
    assert await _kind_of_submit(row, plain) == "refused"


@pytest.mark.parametrize(
    "said",
    [
        "Height must be divisible by 16",
        "Unsupported size 1024x768, available: 1024x1024",
        "steps must be between 1 and 8",
        "guidance 3.5 is out of range",
    ],
)
async def test_a_refused_value_orders_nothing_and_names_its_field(
    row: ProviderRow, said: str
) -> None:
    refusal = whole({"errors": {"message": said}}, "400 Bad")
    async with (
        WireServer(refusal, whole({"task_id": "t"})) as server,
        _painter(row, server.address) as painter,
    ):
        with pytest.raises(StudioError) as caught:
            await painter.submit(REQUEST)
        assert (caught.value.kind.value, caught.value.detail) == ("refused", said)
        assert caught.value.values["fields"] in ("size", "steps", "guidance")
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (Play((), CLOSE), "maybe_submitted"),
        (Play((), RESET), "maybe_submitted"),
        (Play((head(content_length="50"), b'{"task_'), CLOSE), "maybe_submitted"),
        (chunked([b'{"task_']), "maybe_submitted"),
        (whole("", "504 Gateway Timeout"), "maybe_submitted"),
        (whole("<html>bad gateway</html>", "502 Bad Gateway"), "maybe_submitted"),
        (whole({"errors": {"message": "Server is busy"}}, "503 No"), "busy"),
        (whole({"errors": {"message": "today's quota for model x"}}, "429 No"), "done_for_today"),
        (whole({"errors": {"message": "rate limit you"}}, "429 No"), "throttled"),
        (whole({"errors": {"message": "Authentication failed"}}, "401 No"), "wrong_token"),
        (whole({"errors": {"message": "no provider supported"}}, "400 No"), "model_gone"),
        (whole({"errors": {"message": "oh"}}), "refused"),
        (whole("<html>log in</html>", content_type="text/html"), "web_page"),
        (whole({"something": "else"}), "maybe_submitted"),
        (whole({"task_id": None, "message": "accepted"}), "maybe_submitted"),
        (whole([]), "maybe_submitted"),
        (whole({"images": []}), "maybe_submitted"),
        (whole({"task_status": "FAILED", "message": "no"}), "task_failed"),
        (whole("", "307 T", location="https://thief.example/"), "redirected"),
    ],
)
async def test_an_order_is_never_repeated_by_itself(
    row: ProviderRow, play: Play, kind: str
) -> None:
    assert await _kind_of_submit(row, play) == kind


async def test_an_order_that_never_left_is_no_riddle(row: ProviderRow) -> None:
    async with WireServer(whole({})) as server:
        address = server.address
    async with _painter(row, address) as painter:
        with pytest.raises(StudioError) as caught:
            await painter.submit(REQUEST)
        assert caught.value.kind.value == "nothing_there"


async def test_every_order_has_a_connection_of_its_own(row: ProviderRow) -> None:
    async with (
        WireServer(whole({"task_id": "t"}, ending=KEEP)) as server,
        _painter(row, server.address) as painter,
    ):
        await painter.submit(REQUEST)
        await painter.submit(REQUEST)
        assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "status", "kind", "said"),
    [
        ({"task_status": "FAILED", "errors": {"message": "Not allowed", "code": 7}},
         "200 OK", "task_failed", "Not allowed"),
        ({"task_status": "failed", "message": "internal"}, "200 OK", "task_failed", "internal"),
        ({"task_status": "FAILED"}, "200 OK", "task_failed", ""),
        ({"task_status": "SUCCEED", "output_images": []}, "200 OK", "result_gone", ""),
        ({"errors": {"message": "task not exist"}}, "404 Not Found", "task_unknown",
         "task not exist"),
        ({"task_status": "FAILED", "errors": {"code": 500, "message": "task not found"}},
         "200 OK", "task_unknown", "task not found"),
        ({"errors": {"code": 500, "message": "Task 7 does not exist"}}, "200 OK", "task_unknown",
         "Task 7 does not exist"),
        ({"errors": {"message": "no such task"}}, "400 Bad", "task_unknown", "no such task"),
        ({"output": {"task_status": "UNKNOWN"}}, "200 OK", "task_unknown", ""),
        ({"status": "Task not found"}, "200 OK", "task_unknown", ""),
        ({"message": "任务不存在"}, "200 OK", "task_unknown", "任务不存在"),
        ({"task_status": "FAILED", "errors": {"message": "model not found"}}, "200 OK",
         "task_failed", "model not found"),
        ({"errors": {"message": "task not found"}}, "500 No", "busy", "task not found"),
        ({"errors": {"message": "rate limit you"}}, "429 No", "throttled", "rate limit you"),
        ({"unknown": 1}, "200 OK", "bad_reply", ""),
        ({"errors": {"message": "Server is busy"}}, "500 No", "busy", "Server is busy"),
    ],
)  # fmt: skip
async def test_what_becomes_of_a_task(
    row: ProviderRow, answer: dict[str, object], status: str, kind: str, said: str
) -> None:
    async with (
        WireServer(whole(answer, status)) as server,
        _painter(row, server.address) as painter,
    ):
        with pytest.raises(StudioError) as caught:
            await painter.poll("t")
        assert (caught.value.kind.value, caught.value.detail) == (kind, said)
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (whole("<html>", content_type="image/png"), "not_a_picture"),
        (whole(b"", content_type="image/png"), "not_a_picture"),
        (whole("gone", "404 Not Found"), "result_gone"),
        (whole("<html>no</html>", "403 Forbidden"), "result_gone"),
        (Play((head(content_length="500"), PNG), CLOSE), "cut_short"),
        (Play((head(content_length=str(2**31)), PNG, *([b"\0" * 2**20] * 70)), HANG), "too_large"),
        (whole("", "302 F", location="http://169.254.169.254/latest"), "redirected"),
        (whole("", "302 F", location="http://10.0.0.1/x"), "redirected"),
        (whole("", "302 F", location="https://192.168.1.1/x"), "redirected"),
        (whole("", "302 F", location="https://[::ffff:127.0.0.1]/x"), "redirected"),
        (whole("", "302 F", location="https://[::ffff:10.0.0.1]/x"), "redirected"),
        (whole("", "302 F", location="https://2130706434/x"), "redirected"),
        (whole("", "302 F", location="https://0x0a.1/x"), "redirected"),
        (whole("", "302 F", location="file:///etc/passwd"), "redirected"),
        (whole("", "302 F", location="ftp://x.example/"), "redirected"),
        (whole("", "302 F", location="/again"), "redirected"),
    ],
)
async def test_what_is_no_result(row: ProviderRow, play: Play, kind: str) -> None:
    async with WireServer(play) as server, _painter(row, server.address) as painter:
        with pytest.raises(StudioError) as caught:
            await painter.download(f"{server.address}/1.png")
        assert caught.value.kind.value == kind
        assert all("authorization" not in each.headers for each in server.seen)


async def test_a_result_may_move_on_this_computer(row: ProviderRow) -> None:
    async with WireServer(whole(PNG)) as files:
        moved = whole("", "302 Found", location=f"{files.address}/2.png")
        async with WireServer(moved) as server, _painter(row, server.address) as painter:
            assert await painter.download(f"{server.address}/1.png") == PNG
            assert "authorization" not in files.seen[0].headers


async def test_a_public_service_cannot_send_us_to_this_computer(row: ProviderRow) -> None:
    async with WireServer(whole(PNG)) as server:
        async with _painter(row, "https://service.example/v1") as painter:
            for url in (
                f"{server.address}/1.png",
                server.address.replace("127.0.0.1", "localhost"),
                f"https://localhost:{server.port}/1.png",
            ):
                with pytest.raises(StudioError) as caught:
                    await painter.download(url)
                assert caught.value.kind.value == "redirected"
        assert server.connections == 0


async def test_a_name_that_leads_to_this_computer_is_refused_when_connected(
    row: ProviderRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    async with WireServer(whole(PNG)) as server:
        lookup = socket.getaddrinfo

        def misled(host: object, *args: object, **kwargs: object) -> object:
            name = "127.0.0.1" if host in ("pictures.example", b"pictures.example") else host
            return lookup(name, *args, **kwargs)  # type: ignore[arg-type]  # passed on as given

        monkeypatch.setattr(socket, "getaddrinfo", misled)
        async with _painter(row, "https://service.example/v1") as painter:
            with pytest.raises(StudioError) as caught:
                await painter.download(f"https://pictures.example:{server.port}/1.png")
            assert caught.value.kind.value == "redirected"
        assert server.seen == []


async def test_data_addresses(row: ProviderRow) -> None:
    async with _painter(row, "https://service.example/v1") as painter:
        encoded = base64.b64encode(PNG).decode()
        assert await painter.download(f"data:image/png;base64,{encoded}") == PNG
        for bad in ("data:image/png;base64,QUJD", "data:image/png;base64,%%%", "data:", "data:,x"):
            with pytest.raises(StudioError) as caught:
                await painter.download(bad)
            assert caught.value.kind.value == "not_a_picture"


@pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["fin", "rst"])
async def test_asking_after_a_task_survives_a_dropped_connection(
    row: ProviderRow, ending: Ending
) -> None:
    pending = whole({"task_status": "PENDING"})
    async with (
        WireServer(pending, Play((Pause(0.01),), ending), pending) as server,
        _painter(row, server.address) as painter,
    ):
        assert await painter.poll("t") == StillRunning("PENDING")
        assert await painter.poll("t") == StillRunning("PENDING")
        assert (len(server.seen), server.connections) == (3, 2)


async def test_a_missing_token_is_told_at_once(row: ProviderRow) -> None:
    async with WireServer(whole({})) as server:
        endpoint = replace(endpoint_for(row.id, server.address), needs_token=True)
        painter = build_images(endpoint, "", FAST)
        with pytest.raises(StudioError) as caught:
            await painter.submit(REQUEST)
        assert caught.value.kind.value == "no_token"
        assert server.connections == 0


# Hosts on the own network.


def _named(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let names of computers lead to this one, as a host's name on an own network leads to it."""
    lookup = socket.getaddrinfo

    def led(host: object, *args: object, **kwargs: object) -> object:
        name = host.decode() if isinstance(host, bytes) else host
        return lookup("127.0.0.1" if name in names else host, *args, **kwargs)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(socket, "getaddrinfo", led)


PLAIN = replace(FAST, allow_plain_http=True)


async def test_a_host_on_the_own_network_gives_its_pictures_with_its_own_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _named(monkeypatch, "nas.lan")
    async with WireServer(whole(PNG)) as server:
        origin = f"http://nas.lan:{server.port}"
        endpoint = replace(endpoint_for("openai", "http://127.0.0.1:1"), openai_base=f"{origin}/v1")
        painter = build_images(endpoint, TOKEN, PLAIN)
        assert await painter.download(f"{origin}/generated-images/x.png") == PNG
        assert server.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
        await painter.close()


async def test_its_token_goes_to_no_other_port_and_no_other_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _named(monkeypatch, "nas.lan", "other.lan")
    async with WireServer(whole(PNG)) as files, WireServer(whole(PNG)) as service:
        origin = f"http://nas.lan:{service.port}"
        endpoint = replace(endpoint_for("openai", "http://127.0.0.1:1"), openai_base=f"{origin}/v1")
        painter = build_images(endpoint, TOKEN, PLAIN)
        assert await painter.download(f"http://nas.lan:{files.port}/x.png") == PNG
        assert "authorization" not in files.seen[0].headers
        for url in (f"http://other.lan:{files.port}/x.png", f"http://127.0.0.1:{files.port}/x.png"):
            with pytest.raises(StudioError):
                await painter.download(url)
        service.plays = [whole("", "302 F", location=f"http://other.lan:{files.port}/x.png")]
        with pytest.raises(StudioError) as caught:
            await painter.download(f"{origin}/x.png")
        assert caught.value.kind.value == "redirected"
        service.plays = [whole("", "302 F", location=f"http://nas.lan:{files.port}/y.png")]
        files.plays = [whole(PNG)]
        assert await painter.download(f"{origin}/x.png") == PNG
        assert all("authorization" not in each.headers for each in files.seen)
        await painter.close()


async def test_plain_http_that_was_not_agreed_to_fetches_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _named(monkeypatch, "nas.lan")
    async with WireServer(whole(PNG)) as server:
        origin = f"http://nas.lan:{server.port}"
        endpoint = replace(endpoint_for("openai", "http://127.0.0.1:1"), openai_base=f"{origin}/v1")
        painter = build_images(endpoint, TOKEN, FAST)
        with pytest.raises(StudioError) as caught:
            await painter.download(f"{origin}/x.png")
        assert caught.value.kind.value == "not_encrypted"
        assert server.seen == []
        await painter.close()


async def test_a_host_that_asks_for_its_token_gets_it_for_its_own_pictures(
    row: ProviderRow,
) -> None:
    async with (
        WireServer(whole("", "401 No"), whole(PNG)) as server,
        _painter(row, server.address) as painter,
    ):
        assert await painter.download(f"{server.address}/x.png") == PNG
        assert [("authorization" in each.headers) for each in server.seen] == [False, True]


async def test_another_host_that_asks_for_a_token_gets_none(row: ProviderRow) -> None:
    async with WireServer() as service, WireServer(whole("", "401 No")) as files:
        async with _painter(row, service.address) as painter:
            with pytest.raises(StudioError) as caught:
                await painter.download(f"{files.address}/x.png")
            assert caught.value.kind.value == "result_gone"
        assert [("authorization" in each.headers) for each in files.seen] == [False]
