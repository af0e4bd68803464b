"""Every parameter that a user can set is read where it counts: in the body of the request."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from studio.core.messages import ChatProtocol, Parameters, Role
from studio.core.stream import ChatMessage, ChatRequest, TextContent
from tests.contract.asking import Asker, question
from tests.contract.wire import WireServer, chunked, whole

# A value of each parameter, and what each protocol makes of it.
VALUES: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "temperature": (0.3, {"temperature": 0.3}, {"temperature": 0.3}),
    "top_p": (0.85, {"top_p": 0.85}, {"top_p": 0.85}),
    "max_tokens": (77, {"max_tokens": 77}, {"max_tokens": 77}),
    "stop": (("END", "###"), {"stop": ["END", "###"]}, {"stop_sequences": ["END", "###"]}),
    "thinking": (
        False,
        {"enable_thinking": False},
        {"thinking": {"type": "disabled"}},
    ),
}
# What is in every body, whatever was set.
ALWAYS = {"model", "messages", "stream", "stream_options", "max_tokens"}


async def _sent(asker: Asker, parameters: Parameters, *, stream: bool) -> dict[str, Any]:
    dialect = asker.dialect
    play = chunked(dialect.stream("ok")) if stream else whole(dialect.answer("ok"))
    async with WireServer(play) as server:
        outcome = await asker.ask(server.address, question(stream=stream, parameters=parameters))
        assert (outcome.text, outcome.kind, len(server.seen)) == ("ok", "", 1)
        body: dict[str, Any] = server.seen[0].json
        return body


def _expected(asker: Asker, name: str) -> dict[str, Any]:
    return VALUES[name][1 if asker.protocol is ChatProtocol.OPENAI else 2]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("name", VALUES)
async def test_a_parameter_is_in_the_body(asker: Asker, name: str, stream: bool) -> None:
    body = await _sent(asker, Parameters(**{name: VALUES[name][0]}), stream=stream)
    expected = _expected(asker, name)
    assert {key: body.get(key) for key in expected} == expected
    assert body["stream"] is stream
    assert body.keys() <= ALWAYS | expected.keys(), "nothing goes along that was not set"


@pytest.mark.parametrize("value", [0.0, 1, 2.0])
async def test_the_ends_of_a_range_are_no_nothing(one_a_protocol: Asker, value: float) -> None:
    body = await _sent(one_a_protocol, Parameters(temperature=value, top_p=value), stream=True)
    assert (body["temperature"], body["top_p"]) == (value, value)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_all_parameters_at_once(asker: Asker, stream: bool) -> None:
    parameters = Parameters(**{name: value[0] for name, value in VALUES.items()})
    body = await _sent(asker, parameters, stream=stream)
    for name in VALUES:
        for key, value in _expected(asker, name).items():
            assert body[key] == value


async def test_every_pair_of_parameters_is_in_the_body(one_a_protocol: Asker) -> None:
    for names in itertools.combinations(VALUES, 2):
        parameters = Parameters(**{name: VALUES[name][0] for name in names})
        body = await _sent(one_a_protocol, parameters, stream=True)
        for key, value in (
            pair for name in names for pair in _expected(one_a_protocol, name).items()
        ):
            assert body[key] == value


async def test_thinking_on_leaves_the_answer_its_room(one_a_protocol: Asker) -> None:
    body = await _sent(one_a_protocol, Parameters(thinking=True, max_tokens=2000), stream=True)
    if one_a_protocol.protocol is ChatProtocol.OPENAI:
        assert (body["enable_thinking"], body["max_tokens"]) == (True, 2000)
    else:
        assert body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
        assert body["max_tokens"] == 4000


async def test_a_parameter_that_no_request_can_hold_is_our_fault(one_a_protocol: Asker) -> None:
    async with WireServer(whole("{}")) as server:
        turn = ChatMessage(Role.USER, (TextContent("Hello"),))
        odd = Parameters(temperature=object())  # type: ignore[arg-type]  # on purpose
        outcome = await one_a_protocol.ask(
            server.address, ChatRequest("org/model", (turn,), "", odd)
        )
        assert (outcome.kind, len(server.seen)) == ("bug", 0)
        assert outcome.error is not None
        assert "TypeError" in outcome.error.detail
        assert outcome.error.action == "copy_details"
