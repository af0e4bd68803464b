"""The Anthropic-compatible door, as bytes on a real socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.demo.client import Client

HYBRID = "Qwen/Qwen3.5-35B-A3B"

THINKER = "deepseek-ai/DeepSeek-R1-0528"


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        value = json.loads(data.removeprefix("data: "))
        assert name == f"event: {value['type']}"
        found.append((value["type"], value))
    return found


def test_a_stream_has_every_event_in_order(box: Client) -> None:
    names = [name for name, _ in events(box.message("hello", stream=True).text)]
    inner = [name for name in names if name != "content_block_delta"]
    assert inner == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_thinking_comes_in_a_block_before_the_text(box: Client) -> None:
    streamed = events(box.message("hello", stream=True, model=THINKER).text)
    blocks = [v["content_block"]["type"] for n, v in streamed if n == "content_block_start"]
    assert blocks == ["thinking", "text"]
    deltas = [v["delta"] for n, v in streamed if n == "content_block_delta"]
    thinking = "".join(d["thinking"] for d in deltas if d["type"] == "thinking_delta")
    text = "".join(d["text"] for d in deltas if d["type"] == "text_delta")
    whole = box.message("hello", model=THINKER).json()["content"]
    assert whole[0]["thinking"] == thinking
    assert whole[1] == {"type": "text", "text": text}


def test_a_hybrid_model_thinks_when_asked(box: Client) -> None:
    asked = {"type": "enabled", "budget_tokens": 1024}
    whole = box.message("hello", model=HYBRID, thinking=asked).json()
    assert [block["type"] for block in whole["content"]] == ["thinking", "text"]
    assert [b["type"] for b in box.message("hello", model=HYBRID).json()["content"]] == ["text"]


def test_system_and_content_may_be_lists(box: Client) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "the harbour"}]}]
    system = [{"type": "text", "text": "Be kind"}]
    answer = box.message("", messages=messages, system=system).json()
    assert "> the harbour" in answer["content"][0]["text"]
    assert "Be kind" in answer["content"][0]["text"]


def test_the_limit_is_said(box: Client) -> None:
    answer = box.message("hello", max_tokens=5).json()
    assert answer["stop_reason"] == "max_tokens"
    assert answer["usage"]["output_tokens"] == 5


def test_max_tokens_is_required(box: Client) -> None:
    answer = box.message("hello", max_tokens=None)
    assert answer.status_code == 400
    assert "max_tokens" in answer.json()["error"]["message"]


def test_a_tool_is_used(box: Client) -> None:
    tools = [{"name": "get_weather", "input_schema": {"properties": {"city": {"type": "string"}}}}]
    answer = box.message("the weather?", tools=tools).json()
    assert answer["stop_reason"] == "tool_use"
    assert answer["content"][-1]["input"] == {"city": "demo"}
    streamed = events(box.message("the weather?", tools=tools, stream=True).text)
    assert any(v.get("content_block", {}).get("type") == "tool_use" for _, v in streamed)


@pytest.mark.parametrize("model", ["nobody/nothing", "Qwen/Qwen-Image"])
def test_a_model_that_is_not_served(box: Client, model: str) -> None:
    answer = box.message("hello", model=model)
    assert answer.status_code == 400
    assert "has no provider supported" in answer.json()["detail"]
