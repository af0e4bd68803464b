"""Whatever a client sends, the box answers like a service: never with a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.demo import arithmetic, pieces
from studio.demo.own_texts import table
from studio.demo.replies import filler
from tests.unit.demo.client import CHAT, Client

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "url", "image_url", "name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
CHAT_KEYS = [
    "messages", "model", "stop", "tools", "stream", "stream_options", "enable_thinking", "system",
    "temperature", "max_tokens", "thinking", "stop_sequences",
]  # fmt: skip
IMAGE_KEYS = [
    "prompt",
    "negative_prompt",
    "size",
    "seed",
    "steps",
    "guidance",
    "loras",
    "image_url",
]
MORE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MORE
@given(st.dictionaries(st.sampled_from(CHAT_KEYS), VALUES, max_size=5))
def test_chat_bodies(box: Client, junk: dict[str, Any]) -> None:
    ask = {"model": CHAT, "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
    with box.http() as http:
        for path in ("/v1/chat/completions", "/v1/messages"):
            answer = http.post(path, content=json.dumps({**ask, **junk}))
            assert answer.status_code in (200, 400)


@MORE
@given(st.dictionaries(st.sampled_from(IMAGE_KEYS), VALUES, max_size=4))
def test_image_bodies(box: Client, junk: dict[str, Any]) -> None:
    ask = {"model": "Qwen/Qwen-Image", "prompt": "hills", "size": "64x64"}
    with box.http(headers={"x-modelscope-async-mode": "true"}) as http:
        answer = http.post("/v1/images/generations", content=json.dumps({**ask, **junk}))
        assert answer.status_code in (200, 400)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"model":'])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/images/generations"])
def test_bodies_that_are_no_object(box: Client, path: str, body: bytes) -> None:
    with box.http() as http:
        assert http.post(path, content=body).status_code == 400


def test_routes_and_methods_that_are_not_there(box: Client) -> None:
    assert box.get("/v1/nothing").status_code == 404
    assert box.get("/v1/chat/completions").status_code == 405


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    cut = pieces.split(text)
    assert "".join(cut) == text
    assert len(cut) == pieces.count(text)
    assert all(cut)


@given(st.integers(0, 3000), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_filler_has_exactly_the_length(length: int, seed: int) -> None:
    for language in ("en", "zh_CN"):
        book = table(f"answers.{language}.toml")
        first = list(filler(book, seed, length))
        assert len(first) == length
        assert first == list(filler(book, seed, length))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("12 * (3 + 4)", "84"),
        ("多少：7÷2", "3.5"),
        ("2^10?", "1024"),
        ("-3 + 5", "2"),
        ("(1+2", None),
        ("1/0", None),
        ("9**9**9**9", None),
        ("on 2024-05-01", None),
        ("chapters 1-2 of the very long book that I read last year", None),
        ("hello", None),
        ("0-8)**0.5", None),
    ],
)
def test_sums(text: str, result: str | None) -> None:
    found = arithmetic.find(text)
    assert (found.result if found else None) == result


@given(st.text(alphabet="0123456789+-*/^(). ", max_size=30))
def test_sums_never_crash(text: str) -> None:
    arithmetic.find(text)


def test_both_languages_have_the_same_answers() -> None:
    english, chinese = table("answers.en.toml"), table("answers.zh_CN.toml")
    assert english["texts"].keys() == chinese["texts"].keys()
    assert [row["name"] for row in english["answers"]] == [r["name"] for r in chinese["answers"]]
    for name in english["words"].keys() - {"between"}:
        assert english["words"][name].keys() == chinese["words"][name].keys()
