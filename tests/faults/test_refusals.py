"""Every refusal of the service: told in words that help, once, and never with the token."""

from __future__ import annotations

import base64
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

import pytest

from studio.core.credits import RateLimits
from studio.core.errors import ErrorAction
from studio.core.messages import Parameters
from studio.core.stream import ParametersDropped
from studio.providers.registry import build_chat, endpoint_for
from tests.contract.asking import FAST, TOKEN, Asker, outcome_of, question
from tests.contract.wire import WireServer, chunked, whole

REFUSALS = [
    ("401 Unauthorized", {"errors": {"message": "Authentication failed, please make sure"}},
     "wrong_token"),
    ("401 Unauthorized", {"errors": {"message": "please bind your Alibaba Cloud account"}},
     "not_bound"),
    ("403 Forbidden", {"errors": {"message": "Your account is not real name verified"}},
     "not_verified"),
    ("400 Bad Request", {"errors": {"message": "Model id: a/b, has no provider supported"}},
     "model_gone"),
    ("400 Bad Request", {"error": {"message": "Invalid model id: a/b"}}, "model_gone"),
    ("400 Bad Request", {"errors": {"message": "The image file size exceeds 10MB"}},
     "picture_too_large"),
    ("400 Bad Request", {"errors": {"message": "input size exceeded"}}, "context_full"),
    ("402 Payment Required", {"error": "insufficient balance"}, "no_credits"),
    ("403 Forbidden", {"error": {"message": "insufficient credits"}}, "no_credits"),
    ("429 Too Many Requests", {"error": {"code": "insufficient_quota", "message": "You are out."}},
     "no_credits"),
    ("429 Too Many Requests",
     {"errors": {"message": "You have exceeded today's quota for model a/b, try again tomorrow"}},
     "done_for_today"),
    ("429 Too Many Requests", {"errors": {"message": "We have to rate limit you"}}, "throttled"),
    ("429 Too Many Requests", {"errors": {"message": "Request limit exceeded."}}, "throttled"),
    ("429 Too Many Requests", {"error": {"code": "limit_burst_rate"}}, "throttled"),
    ("429 Too Many Requests",
     {"error": {"code": "insufficient_quota", "message": "Temporarily, try again later"}},
     "throttled"),
    ("503 Service Unavailable", {"errors": {"message": "Server is busy"}}, "busy"),
    ("500 Internal Server Error", "plain words", "busy"),
    ("502 Bad Gateway", "<html><h1>502</h1></html>", "busy"),
    ("504 Gateway Timeout", "", "busy"),
    ("529 Overloaded", {"type": "error", "error": {"type": "overloaded_error", "message": "Over"}},
     "busy"),
    ("422 Unprocessable Entity", {"detail": [{"loc": ["x"], "msg": "required"}]}, "refused"),
    ("400 Bad Request", {"detail": "Something is off"}, "refused"),
    ("403 Forbidden", "<!doctype html><script>alert(1)</script>", "web_page"),
    ("404 Not Found", {"detail": "Not Found"}, "refused"),
    ("413 Request Entity Too Large", "", "context_full"),  # no picture was sent
    ("418 I'm a teapot", [], "refused"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
async def test_each_refusal_has_its_words(
    one_a_protocol: Asker, status: str, body: object, kind: str
) -> None:
    async with WireServer(whole(body, status, x_request_id="r-7")) as server:  # type: ignore[arg-type]  # any JSON
        outcome = await one_a_protocol.ask(server.address)
        assert outcome.error is not None
        assert outcome.kind == kind
        assert outcome.error.request_id == "r-7"
        assert outcome.error.values == {"host": server.address[7:], "model": "org/model"}
        assert "<" not in outcome.error.detail
        assert outcome.events == []
        assert len(server.seen) == 1


async def test_the_words_of_the_server_are_shown(asker: Asker) -> None:
    body = {"errors": {"message": "Authentication failed", "request_id": "in-body"}}
    async with WireServer(whole(body, "401 Unauthorized")) as server:
        outcome = await asker.ask(server.address)
        assert outcome.error is not None
        assert outcome.error.detail == "Authentication failed"
        assert outcome.error.request_id == "in-body"
        assert outcome.error.action is ErrorAction.TOKEN_SETTINGS
        assert not outcome.error.retryable
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("3600", 3600.0),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("1e99", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
    ],
)
async def test_retry_after_is_told_and_never_waited_for(
    one_a_protocol: Asker, value: str, seconds: float | None
) -> None:
    play = whole({"errors": {"message": "slow down"}}, "429 Too Many", retry_after=value)
    async with WireServer(play) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert outcome.error is not None
        assert (outcome.kind, outcome.error.retry_after) == ("throttled", seconds)
        assert len(server.seen) == 1


async def test_retry_after_as_a_date(one_a_protocol: Asker) -> None:
    later = formatdate(time.time() + 120, usegmt=True)
    async with WireServer(whole({}, "429 Too Many", retry_after=later)) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert outcome.error is not None
        assert outcome.error.retry_after is not None
        assert 60 < outcome.error.retry_after <= 120


async def test_an_echoed_token_is_masked_in_every_encoding(asker: Asker) -> None:
    forms = [TOKEN, TOKEN[3:], TOKEN.upper(), quote(TOKEN, safe=""), TOKEN.encode().hex()]
    for around in ("", "x", "xy", "Bearer "):
        forms.append(base64.b64encode(f"{around}{TOKEN}".encode()).decode())
        forms.append(base64.urlsafe_b64encode(f"{around}{TOKEN}:".encode()).decode())
    for form in forms:
        body = {"errors": {"message": f"Bad token '{form}' given", "request_id": form}}
        play = whole(body, "401 Unauthorized", x_request_id=form)
        async with WireServer(play) as server:
            outcome = await asker.ask(server.address)
            assert outcome.error is not None
            assert "•••" in outcome.error.detail
            assert TOKEN[3:20].lower() not in outcome.error.detail.lower()


async def test_a_long_and_dirty_detail_is_made_fit(one_a_protocol: Asker) -> None:
    said = "\x1b[31mred\u202e\ud800 " + "x" * 100_000
    async with WireServer(whole({"error": {"message": said}}, "400 Bad Request")) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert outcome.error is not None
        assert outcome.error.detail.startswith("[31mred xxx")
        assert len(outcome.error.detail) <= 2000


async def test_quota_headers_are_heard_on_answers_and_refusals(asker: Asker) -> None:
    heard: list[tuple[RateLimits, str]] = []
    headers: dict[str, Any] = {
        "modelscope_ratelimit_requests_limit": "2000",
        "modelscope_ratelimit_requests_remaining": "1999",
        "modelscope_ratelimit_model_requests_limit": "200",
        "modelscope_ratelimit_model_requests_remaining": "many",
    }
    plays = (whole({}, "429 Too", **headers), chunked(asker.dialect.stream("ok"), **headers))
    async with WireServer(*plays) as server:
        endpoint = endpoint_for(asker.row.id, server.address)

        def listen(limits: RateLimits, model: str) -> None:
            heard.append((limits, model))

        provider = build_chat(asker.protocol, endpoint, TOKEN, FAST, listen)
        await outcome_of(provider, question())
        await outcome_of(provider, question())
        await provider.close()
    assert heard == [(RateLimits(2000, 1999, 200, None), "org/model")] * 2


async def test_a_refused_thinking_switch_is_left_out_once_and_told() -> None:
    refusal = whole({"errors": {"message": "enable_thinking is not supported"}}, "400 Bad")
    for asker in _openai():
        async with WireServer(refusal, chunked(asker.dialect.stream("ok"))) as server:
            request = question(parameters=Parameters(thinking=True))
            outcome = await asker.ask(server.address, request)
            assert (outcome.text, outcome.end) == ("ok", "stop")
            assert ParametersDropped(("thinking",)) in outcome.events
            first, second = (each.json for each in server.seen)
            assert first["enable_thinking"] is True
            assert "enable_thinking" not in second
        async with WireServer(refusal) as server:
            outcome = await asker.ask(server.address, request)
            assert (outcome.kind, len(server.seen)) == ("refused", 2)


async def test_a_model_that_thinks_only_in_streams_is_asked_for_a_stream() -> None:
    said = "parameter.enable_thinking must be set to false for non-streaming calls"
    for asker in _openai():
        plays = (
            whole({"error": {"message": said}}, "400 Bad"),
            chunked(asker.dialect.stream("ok")),
        )
        for thinking in (None, True):
            async with WireServer(*plays) as server:
                request = question(stream=False, parameters=Parameters(thinking=thinking))
                outcome = await asker.ask(server.address, request)
                assert (outcome.text, len(server.seen)) == ("ok", 2)
                first, second = (each.json for each in server.seen)
                assert (first["stream"], second["stream"]) == (False, True)
                assert first.get("enable_thinking") is second.get("enable_thinking") is thinking


async def test_refused_counting_is_left_out_and_remembered() -> None:
    refusal = whole({"detail": "stream_options: unknown field"}, "400 Bad")
    for asker in _openai():
        plays = (refusal, *(chunked(asker.dialect.stream("ok")) for _ in range(2)))
        async with WireServer(*plays) as server, asker.provider(server.address) as provider:
            assert (await asker.again(provider)).text == "ok"
            assert (await asker.again(provider)).text == "ok"
            sent = ["stream_options" in each.json for each in server.seen]
            assert sent == [True, False, False]


def _openai() -> list[Asker]:
    return [each for each in Asker.every() if each.protocol.value == "openai"]
