"""The OpenAI-compatible door, as bytes on a real socket."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.unit.demo.client import Client

ASK = [{"role": "user", "content": "Explain quicksort"}]
HYBRID = "Qwen/Qwen3.5-35B-A3B"


def events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data:")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def joined(chunks: list[Any], name: str = "content") -> str:
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    return "".join(delta.get(name) or "" for delta in deltas)


def test_a_stream_and_a_whole_answer_say_the_same(box: Client) -> None:
    whole = box.chat("Explain quicksort").json()["choices"][0]
    chunks = events(box.chat("Explain quicksort", stream=True).text)
    assert joined(chunks) == whole["message"]["content"]
    assert whole["finish_reason"] == "stop"
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_the_same_question_gets_the_same_answer(box: Client) -> None:
    first, second = (box.chat("write me a poem").json()["choices"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Explain quicksort", ["Demo", "```python", "| case |", r"$O(n \log n)$", "## "]),
        ("用 python 写一下快排", ["演示", "```python", "| 情况 |", r"$O(n \log n)$"]),
        ("给房东写封信", ["演示", "**主题"]),
        ("please translate: good morning", ["早上好"]),
        ("what is 12 * (3 + 4)?", [r"\times", "**84**"]),
        ("Tell me about the harbour", ["> Tell me about the harbour", f"`{HYBRID}`"]),
    ],
)
def test_answers_are_open_about_being_a_demo(box: Client, question: str, parts: list[str]) -> None:
    text = box.chat(question, model=HYBRID).json()["choices"][0]["message"]["content"]
    assert [part for part in ["> **", *parts] if part not in text] == []


def test_the_general_answer_tells_what_reached_the_service(box: Client) -> None:
    messages = [
        {"role": "system", "content": [{"type": "text", "text": "Be brief | please"}]},
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "answer"},
        {"role": "user", "content": "second"},
    ]
    text = box.chat("", messages=messages, temperature=0.3, top_p=0.9).json()["choices"][0]
    content = text["message"]["content"]
    assert "Be brief \\| please" in content
    assert "`temperature` = 0.3, `top_p` = 0.9" in content
    assert "| Messages sent along | 3 |" in content


def test_usage_is_zeros_unless_it_was_asked_for(box: Client) -> None:
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    plain = events(box.chat("hello", stream=True).text)
    assert {json.dumps(chunk["usage"]) for chunk in plain} == {json.dumps(zeros)}
    asked = events(box.chat("hello", stream=True, stream_options={"include_usage": True}).text)
    assert asked[-1]["choices"] == []
    words = sum(bool(joined([chunk])) for chunk in asked)
    assert asked[-1]["usage"]["completion_tokens"] == words
    assert asked[-1]["usage"]["prompt_tokens"] > 0


def test_a_reasoning_model_thinks_in_a_field_of_its_own(box: Client) -> None:
    chunks = events(box.chat("hello", model="deepseek-ai/DeepSeek-R1-0528", stream=True).text)
    assert "hello" in joined(chunks, "reasoning_content")
    assert "<think>" not in joined(chunks)


def test_another_one_thinks_between_tags(box: Client) -> None:
    model = "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"
    chunks = events(box.chat("hello", model=model, stream=True).text)
    content = joined(chunks)
    assert content.startswith("<think>\n")
    assert "\n</think>\n\n> **Demo" in content
    assert joined(chunks, "reasoning_content") == ""
    assert box.chat("hello", model=model).json()["choices"][0]["message"]["content"] == content


def test_a_hybrid_model_thinks_when_it_is_told_to(box: Client) -> None:
    thinking = box.chat("hello", model=HYBRID, stream=True, enable_thinking=True)
    quiet = box.chat("hello", model=HYBRID, stream=True)
    assert joined(events(thinking.text), "reasoning_content")
    assert not joined(events(quiet.text), "reasoning_content")
    refused = box.chat("hello", model=HYBRID, enable_thinking=True)
    assert refused.status_code == 400
    assert "enable_thinking" in refused.json()["error"]["message"]


def test_a_model_may_not_know_the_key(box: Client) -> None:
    model = "Qwen/Qwen3-Coder-30B-A3B-Instruct"
    refused = box.chat("hello", model=model, enable_thinking=False)
    assert refused.status_code == 400
    assert "enable_thinking" in refused.json()["error"]["message"]


def test_max_tokens_ends_with_length(box: Client) -> None:
    chunks = events(box.chat("Explain quicksort", stream=True, max_tokens=7).text)
    assert sum(bool(joined([chunk])) for chunk in chunks) == 7
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"


def test_a_stop_word_ends_the_answer_before_it(box: Client) -> None:
    content = box.chat("Explain quicksort", stop=["```"]).json()["choices"][0]["message"]["content"]
    assert "quicksort" in content.lower()
    assert "```" not in content


def test_an_exact_number_of_tokens(box: Client) -> None:
    box.post("/_box/settings", {"tokens": 1234})
    chunks = events(box.chat("anything", stream=True).text)
    assert sum(bool(joined([chunk])) for chunk in chunks) == 1234
    assert "## Part 1" in joined(chunks)


def test_the_pace_is_kept(box: Client) -> None:
    box.post("/_box/settings", {"tokens": 20, "tokens_per_second": 40})
    started = time.monotonic()
    box.chat("anything", stream=True)
    # Nineteen gaps of 25 ms: a stream that ignores its pace would be done at once.
    assert time.monotonic() - started >= 0.45


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("Qwen/Qwen2.5-72B-Instruct", "has no provider supported"),
        ("nobody/nothing", "has no provider supported"),
        ("Qwen/Qwen-Image", "has no provider supported"),
        ("Qwen/Qwen2.5-7B-Instruct:Nobody", "has no provider supported"),
        ("", "Invalid model id"),
        (None, "Invalid model id"),
    ],
)
def test_a_model_that_is_not_served(box: Client, model: object, words: str) -> None:
    answer = box.chat("hello", model=model)
    assert answer.status_code == 400
    assert words in answer.json()["errors"]["message"]


def test_a_provider_suffix_and_an_unlisted_model_are_served(box: Client) -> None:
    assert box.chat("hello", model="Qwen/Qwen2.5-7B-Instruct:DashScope").status_code == 200
    assert box.chat("hello", model="Qwen/Qwen3-Next-80B-A3B-Instruct").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"temperature": 3}, "temperature"),
        ({"temperature": "warm"}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "developer", "content": "x"}, *ASK]}, "messages"),
        ({"model": "moonshotai/Kimi-K2-Instruct", "temperature": 0.5}, "temperature"),
    ],
)
def test_wrong_values_are_refused_by_name(box: Client, wrong: dict[str, Any], name: str) -> None:
    answer = box.chat("hello", **wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == name


def test_a_tool_is_called_and_its_result_used(box: Client) -> None:
    rule = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    }
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": rule}}]
    asked = {"role": "user", "content": "What is the weather?"}
    choice = box.chat("", messages=[asked], tools=tools).json()["choices"][0]
    call = choice["message"]["tool_calls"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert json.loads(call["function"]["arguments"]) == {"city": "demo", "days": 1}
    streamed = events(box.chat("", messages=[asked], tools=tools, stream=True).text)
    assert streamed[-1]["choices"][0]["finish_reason"] == "tool_calls"
    messages = [
        asked,
        choice["message"],
        {"role": "tool", "tool_call_id": call["id"], "content": "It rains"},
    ]
    final = box.chat("", messages=messages, tools=tools).json()["choices"][0]
    assert "It rains" in final["message"]["content"]


def test_half_a_surrogate_pair_in_the_question_does_no_harm(box: Client) -> None:
    body = (
        b'{"model":"Qwen/Qwen2.5-7B-Instruct","messages":[{"role":"user","content":"a\\ud83d b"}]}'
    )
    with box.http() as http:
        answer = http.post("/v1/chat/completions", content=body)
        assert answer.status_code == 200
        body = body.replace(b"Qwen2.5", b"\\ud83d")
        assert http.post("/v1/chat/completions", content=body).status_code == 400
