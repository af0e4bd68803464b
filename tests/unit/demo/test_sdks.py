"""Both SDKs, as they come, work against the box."""

from __future__ import annotations

import anthropic
import openai
import pytest

from tests.unit.demo.client import CHAT, Client

THINKER = "deepseek-ai/DeepSeek-R1-0528"


@pytest.fixture
def chatter(box: Client) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=box.token, base_url=f"{box.origin}/v1", max_retries=0, timeout=20
    )


@pytest.fixture
def messenger(box: Client) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(
        api_key=box.token, base_url=box.origin, max_retries=0, timeout=20
    )


async def test_openai_lists_streams_and_answers(chatter: openai.AsyncOpenAI) -> None:
    async with chatter:
        ids = [model.id async for model in await chatter.models.list()]
        assert THINKER in ids
        whole = await chatter.chat.completions.create(
            model=CHAT,
            messages=[{"role": "user", "content": "Explain quicksort"}],
        )
        text = ""
        finish = usage = None
        async with await chatter.chat.completions.create(
            model=CHAT,
            messages=[{"role": "user", "content": "Explain quicksort"}],
            stream=True,
            stream_options={"include_usage": True},
        ) as stream:
            async for chunk in stream:
                for choice in chunk.choices:
                    text += choice.delta.content or ""
                    finish = choice.finish_reason or finish
                usage = chunk.usage
        assert text == whole.choices[0].message.content
        assert finish == "stop"
        assert usage is not None
        assert usage == whole.usage


async def test_openai_passes_thinking_on(chatter: openai.AsyncOpenAI) -> None:
    thoughts = ""
    async with (
        chatter,
        await chatter.chat.completions.create(
            model="Qwen/Qwen3.5-35B-A3B",
            messages=[{"role": "user", "content": "hello"}],
            stream=True,
            extra_body={"enable_thinking": True},
        ) as stream,
    ):
        async for chunk in stream:
            extra = chunk.choices[0].delta.model_extra or {}
            thoughts += extra.get("reasoning_content") or ""
    assert "hello" in thoughts


async def test_openai_gets_the_refusals_it_knows(box: Client) -> None:
    client = openai.AsyncOpenAI(
        api_key="ms-wrong", base_url=f"{box.origin}/v1", max_retries=0, timeout=20
    )
    async with client:
        with pytest.raises(openai.AuthenticationError) as caught:
            await client.chat.completions.create(
                model=CHAT, messages=[{"role": "user", "content": "hello"}]
            )
    assert caught.value.request_id
    assert isinstance(caught.value.body, dict)


async def test_anthropic_streams_and_answers(messenger: anthropic.AsyncAnthropic) -> None:
    async with messenger:
        whole = await messenger.messages.create(
            model=CHAT, max_tokens=2000, messages=[{"role": "user", "content": "hello"}]
        )
        async with messenger.messages.stream(
            model=CHAT, max_tokens=2000, messages=[{"role": "user", "content": "hello"}]
        ) as stream:
            text = "".join([piece async for piece in stream.text_stream])
            final = await stream.get_final_message()
    assert final.stop_reason == whole.stop_reason == "end_turn"
    assert whole.content[0].type == "text"
    assert whole.content[0].text == text
    assert final.usage.output_tokens == whole.usage.output_tokens > 0


async def test_anthropic_gets_thinking_blocks(messenger: anthropic.AsyncAnthropic) -> None:
    async with (
        messenger,
        messenger.messages.stream(
            model=THINKER, max_tokens=2000, messages=[{"role": "user", "content": "hello"}]
        ) as stream,
    ):
        final = await stream.get_final_message()
    assert [block.type for block in final.content] == ["thinking", "text"]


async def test_anthropic_gets_the_refusals_it_knows(box: Client) -> None:
    client = anthropic.AsyncAnthropic(
        api_key="ms-unverified", base_url=box.origin, max_retries=0, timeout=20
    )
    async with client:
        with pytest.raises(anthropic.PermissionDeniedError, match="real name verified"):
            await client.messages.create(
                model=CHAT, max_tokens=10, messages=[{"role": "user", "content": "hello"}]
            )
