"""A refusal that says how to ask: asked again once in that way, and remembered for that model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.core.lessons import Fact, learned_from
from studio.core.messages import ChatProtocol, Parameters, Role
from studio.core.stream import (
    ChatMessage,
    ChatRequest,
    ModelLearned,
    ParametersDropped,
    TextContent,
    ThinkingContent,
)
from tests.contract.asking import Asker, outcome_of, question
from tests.contract.wire import Play, WireServer, chunked, whole

ASKED = ChatMessage(Role.USER, (TextContent("你好"),))
THOUGHT = ChatMessage(Role.ASSISTANT, (ThinkingContent("想一想"), TextContent("你好！")))
BACK = "The `reasoning_content` in the thinking mode must be passed back to the API."


def refused(said: str, status: str = "400 Bad Request") -> Play:
    """A refusal with the words of a service."""
    return whole({"error": {"message": said, "type": "invalid_request_error"}}, status)


def talk(*turns: ChatMessage, stream: bool = True) -> ChatRequest:
    """A conversation that goes on with another question."""
    asked = (*turns, ChatMessage(Role.USER, (TextContent("再说一次"),)))
    return ChatRequest("org/model", asked, "", Parameters(), stream)


@pytest.mark.parametrize(
    "said",
    [
        BACK,
        "The reasoning_content in the thinking mode must be passed back to the API.",
        "content[].thinking in the thinking mode must be passed back to the API.",
        "messages.1: Missing `reasoning_content` field in the assistant message",
        (
            "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
            "`text`. When `thinking` is enabled, a final `assistant` message must start with a "
            "thinking block"
        ),
        (
            "thinking is enabled but reasoning_content is missing in assistant tool call message "
            "at index 2"
        ),
        "思考模式下，推理内容必须回传。",
    ],
)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_thoughts_go_back_to_a_model_that_wants_them(
    one_a_protocol: Asker, said: str, stream: bool
) -> None:
    dialect = one_a_protocol.dialect
    good = chunked(dialect.stream("ok")) if stream else whole(dialect.answer("ok"))
    request = talk(ASKED, THOUGHT, stream=stream)
    async with WireServer(refused(said), good, good) as server:
        async with one_a_protocol.provider(server.address) as provider:
            outcome = await outcome_of(provider, request)
            assert (outcome.text, outcome.kind) == ("ok", "")
            learned = [each for each in outcome.events if isinstance(each, ModelLearned)]
            assert [each.fact for each in learned] == [Fact.WANTS_REASONING]
            assert learned[0].evidence == said
            assert (await outcome_of(provider, request)).text == "ok"
        sent = [each.json["messages"][1] for each in server.seen]
    if one_a_protocol.protocol is ChatProtocol.OPENAI:
        assert [each.get("reasoning_content") for each in sent] == [None, "想一想", "想一想"]
    else:
        thought = {"type": "thinking", "thinking": "想一想", "signature": ""}
        assert sent[0] == {"role": "assistant", "content": "你好！"}
        assert sent[1] == sent[2]
        assert sent[1]["content"] == [thought, {"type": "text", "text": "你好！"}]


async def test_a_signed_thought_goes_back_as_it_came_with_or_without_being_asked_for() -> None:
    asker = next(each for each in Asker.every() if each.protocol is ChatProtocol.ANTHROPIC)
    signed = ChatMessage(Role.ASSISTANT, (ThinkingContent("Hm", "S1"), TextContent("ok")))
    hidden = ChatMessage(Role.ASSISTANT, (ThinkingContent(redacted="r1"), TextContent("ok")))
    async with WireServer(chunked(asker.dialect.stream("ok"))) as server:
        outcome = await asker.ask(server.address, talk(ASKED, signed, ASKED, hidden))
        assert outcome.text == "ok"
        messages = server.seen[0].json["messages"]
    assert messages[1]["content"][0] == {"type": "thinking", "thinking": "Hm", "signature": "S1"}
    assert messages[3]["content"][0] == {"type": "redacted_thinking", "data": "r1"}


async def test_a_model_that_refuses_all_the_same_is_asked_twice_and_has_taught_nothing(
    one_a_protocol: Asker,
) -> None:
    server = WireServer(refused(BACK))
    async with server, one_a_protocol.provider(server.address) as provider:
        outcome = await outcome_of(provider, talk(ASKED, THOUGHT))
        assert (outcome.kind, len(server.seen)) == ("refused", 2)
        await outcome_of(provider, talk(ASKED, THOUGHT))
        assert len(server.seen) == 4, "nothing was remembered"


async def test_what_one_model_taught_says_nothing_of_another(one_a_protocol: Asker) -> None:
    good = chunked(one_a_protocol.dialect.stream("ok"))
    request = talk(ASKED, THOUGHT)
    async with WireServer(refused(BACK), good) as server:
        async with one_a_protocol.provider(server.address) as provider:
            await outcome_of(provider, request)
            await outcome_of(provider, replace(request, model="org/other"))
        other = server.seen[2].json["messages"][1]
    assert other == {"role": "assistant", "content": "你好！"}


STREAM_WORDS = [
    "This model only support stream mode, please enable the stream parameter to access the model.",
    "enable thinking can not be support when `stream=False`.",
    "parameter.enable_thinking must be set to false for non-streaming calls",
    "<400> InternalError.Algo.InvalidParameter: This model does not support non-streaming output.",
    "Non-streaming requests are not supported for this model.",
    "Streaming is required for operations that may take longer than 10 minutes.",
    "stream must be true for this model",
    "This model requires streaming. Please set stream=true",
    "Only streaming calls are supported",
    "该模型仅支持流式输出",
    "此模型不支持非流式调用，请设置 stream=true",
]


@pytest.mark.parametrize("said", STREAM_WORDS)
async def test_a_model_that_only_streams_is_asked_for_a_stream(
    one_a_protocol: Asker, said: str
) -> None:
    good = chunked(one_a_protocol.dialect.stream("ok"))
    async with WireServer(refused(said), good, good) as server:
        async with one_a_protocol.provider(server.address) as provider:
            for _ in range(2):
                outcome = await outcome_of(provider, question(stream=False))
                assert (outcome.text, outcome.kind) == ("ok", "")
        assert [each.json["stream"] for each in server.seen] == [False, True, True]


@pytest.mark.parametrize("said", STREAM_WORDS)
async def test_the_same_words_about_a_stream_that_was_asked_for_are_a_refusal(
    one_a_protocol: Asker, said: str
) -> None:
    async with WireServer(refused(said)) as server:
        assert (await one_a_protocol.ask(server.address)).kind
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"),
        ("top_p: Extra inputs are not permitted", "top_p"),
        ("Unknown parameter: 'stop'.", "stop"),
        ("`temperature` is deprecated for this model.", "temperature"),
        ("该模型不支持参数 top_p", "top_p"),
        ("enable_thinking is not supported", "thinking"),
        ("thinking: unknown field", "thinking"),
    ],
)
async def test_a_parameter_that_a_model_does_not_know_is_left_out_and_told(
    one_a_protocol: Asker, said: str, name: str
) -> None:
    parameters = Parameters(0.3, 0.8, 500, True, ("END",))
    good = chunked(one_a_protocol.dialect.stream("ok"))
    async with WireServer(refused(said), good) as server:
        async with one_a_protocol.provider(server.address) as provider:
            for _ in range(2):
                outcome = await outcome_of(provider, question(parameters=parameters))
                assert outcome.text == "ok"
                assert ParametersDropped((name,)) in outcome.events
        keys = {"thinking": ("enable_thinking", "thinking"), "stop": ("stop", "stop_sequences")}
        for seen, there in zip(server.seen, (True, False, False), strict=True):
            assert any(key in seen.json for key in keys.get(name, (name,))) is there
            others = {"temperature", "top_p"} - {name}
            assert others <= seen.json.keys(), "only what was refused is left out"


@pytest.mark.parametrize(
    "said",
    [
        "temperature must be 1",
        "temperature must be between 0.0 and 2.0",
        (
            "Unsupported value: 'temperature' does not support 0.3 with this model. Only the "
            "default (1) value is supported."
        ),
        "top_p is out of range [0, 1]",
        "max_tokens must be less than or equal to 8192",
        "Invalid value for temperature: expected a value <= 1.0",
        "temperature 取值范围为 (0, 1]，不支持 1.5",
    ],
)
async def test_a_refused_value_is_the_users_to_mend(one_a_protocol: Asker, said: str) -> None:
    parameters = Parameters(0.3, 0.8, 500)
    async with WireServer(refused(said)) as server:
        outcome = await one_a_protocol.ask(server.address, question(parameters=parameters))
        assert (outcome.kind, len(server.seen)) == ("refused", 1)
        assert outcome.error is not None
        assert outcome.error.detail == said


def test_nothing_is_learned_of_what_was_not_sent() -> None:
    for said in ("temperature is not supported", "enable_thinking is not supported", "stop: x"):
        assert learned_from(said, (), stream=True, thoughts=True) is None


@pytest.mark.parametrize(
    "said",
    ["", "Model X has no provider supported", "Authentication failed", "thinking about it",
     "The stream of requests is too large", "please pass a valid model back to the API"],
)  # fmt: skip
def test_words_about_something_else_teach_nothing(said: str) -> None:
    sent = frozenset(Fact) - {Fact.NO_THINKING, Fact.NO_COUNT}
    assert learned_from(said, sent, stream=False, thoughts=True) is None
