"""A value that a service refuses is named, so that the user can mend it where it stands."""

from __future__ import annotations

import pytest

from studio.core.messages import Parameters, Role
from studio.core.stream import ChatMessage, ChatRequest, TextContent
from tests.contract.asking import Asker
from tests.contract.wire import Play, WireServer, chunked, whole

PARAMETERS = Parameters(temperature=1.8, top_p=0.95, max_tokens=100_000)
SAID = [
    ("temperature must be <= 1", "temperature"),
    ("temperature: Input should be less than or equal to 1", "temperature"),
    ("Invalid parameter: temperature. The value should be in [0, 2)", "temperature"),
    ("<400> InternalError.Algo.InvalidParameter: Temperature should be in (0.0, 2.0)",
     "temperature"),
    ("参数 temperature 取值范围应为 [0, 1]", "temperature"),
    ("温度必须小于 1", "temperature"),
    ("top_p must be in (0, 1], got 0.95", "top_p"),
    ("Top P should be 0.8 or lower", "top_p"),
    ("max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens",
     "max_tokens"),
    ("Range of max_tokens should be [1, 8192]", "max_tokens"),
    ("max_tokens (100000) is greater than the maximum number of tokens of this model (8192)",
     "max_tokens"),
    ("'max_tokens' or 'max_completion_tokens' is too large: 9. The maximum context length is 8",
     "max_tokens"),
    ("max_completion_tokens exceeds the model's limit", "max_tokens"),
    ("最大输出长度不能超过 8192", "max_tokens"),
    ("`temperature` and `top_p` cannot both be specified for this model", "temperature top_p"),
    ("temperature must be at most 1; top_p must be at most 0.9", "temperature top_p"),
]  # fmt: skip
OTHERS = [
    "The prompt holds words that are not allowed",
    "messages must not be empty",
    "You may ask for at most 5 pictures",
]


def _question(stream: bool, parameters: Parameters = PARAMETERS) -> ChatRequest:
    turn = ChatMessage(Role.USER, (TextContent("你好"),))
    return ChatRequest("org/model", (turn,), parameters=parameters, stream=stream)


def _refusal(said: str, status: str = "400 Bad Request") -> Play:
    return whole({"error": {"message": said, "type": "invalid_request_error"}}, status)


@pytest.mark.parametrize(("said", "fields"), SAID)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_a_refused_value_is_named_and_sent_no_second_time(
    one_a_protocol: Asker, said: str, fields: str, stream: bool
) -> None:
    status = "422 Unprocessable" if stream else "400 Bad Request"
    async with WireServer(_refusal(said, status)) as server:
        outcome = await one_a_protocol.ask(server.address, _question(stream))
        assert outcome.error is not None
        assert (outcome.kind, outcome.error.values.get("fields")) == ("refused", fields)
        assert outcome.error.detail == said
        assert len(server.seen) == 1


@pytest.mark.parametrize(("said", "fields"), SAID[:4])
async def test_a_refusal_that_comes_within_the_stream_names_the_value_too(
    one_a_protocol: Asker, said: str, fields: str
) -> None:
    body = f'event: error\ndata: {{"error": {{"message": "{said}"}}}}\n\n'
    async with WireServer(chunked([body.encode()])) as server:
        outcome = await one_a_protocol.ask(server.address, _question(stream=True))
        assert outcome.error is not None
        assert (outcome.kind, outcome.error.values.get("fields")) == ("refused", fields)


async def test_what_was_not_sent_or_is_not_meant_is_not_named(one_a_protocol: Asker) -> None:
    for said in OTHERS:
        async with WireServer(_refusal(said)) as server:
            outcome = await one_a_protocol.ask(server.address, _question(stream=True))
            assert outcome.error is not None
            assert "fields" not in outcome.error.values
    async with WireServer(_refusal("temperature must be <= 1")) as server:
        outcome = await one_a_protocol.ask(server.address, _question(True, Parameters()))
        assert outcome.error is not None
        assert "fields" not in outcome.error.values


async def test_too_long_a_talk_is_still_told_apart_from_too_long_an_answer(
    one_a_protocol: Asker,
) -> None:
    said = "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"
    async with WireServer(_refusal(said)) as server:
        outcome = await one_a_protocol.ask(server.address, _question(stream=True))
        assert outcome.kind == "context_full"
