"""Every fault does on the wire what its line in the table says."""

from __future__ import annotations

import io
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, UnidentifiedImageError

from studio.demo.scenarios import SCENARIOS
from tests.unit.demo.client import CHAT, Client, fetch

ASK: dict[str, Any] = {
    "model": CHAT,
    "stream": True,
    "messages": [{"role": "user", "content": "Explain quicksort"}],
}
GENERATE = "/v1/images/generations"
PICTURE = {"model": "Qwen/Qwen-Image", "prompt": "hills", "size": "96x64"}
POLL = {"X-ModelScope-Task-Type": "image_generation"}


def raw(box: Client, scenario: str, **body: Any) -> bytes:
    """The answer to a streamed question as the bytes on the socket, until it falls silent."""
    content = json.dumps({**ASK, **body}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Authorization: Bearer {box.token}\r\nX-Studio-Scenario: {scenario}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", box.process.port), 20) as client:
        client.sendall(head.encode() + content)
        received = b""
        while part := client.recv(65_536):
            received += part
    return received


def stream(box: Client, scenario: str, **body: Any) -> str:
    return box.chat("Explain quicksort", scenario=scenario, stream=True, **body).text


def words(text: str) -> str:
    """The text of an OpenAI stream, as far as it can be read."""
    found = re.findall(r'"content": ("(?:[^"\\]|\\.)*")', text)
    return "".join(json.loads(piece) for piece in found)


def tokens(text: str) -> int:
    return len(re.findall(r'"content": "(?!")', text))


# ------------------------------------------------------------------ refusals

REFUSALS = [
    ("401_wrong", 401, "Authentication failed"),
    ("401_unbound", 401, "bind your Alibaba Cloud account"),
    ("403_unverified", 403, "real name verified"),
    ("402_credits", 402, "insufficient"),
    ("403_credits", 403, "insufficient"),
    ("429_credits", 429, "insufficient"),
    ("429", 429, "rate limit you"),
    ("429_no_header", 429, "rate limit you"),
    ("429_today", 429, f"today's quota for model {CHAT}"),
    ("403_html", 403, "<b>the firewall</b>"),
    ("400_detail", 400, "detail"),
    ("image_too_large", 400, "image file size exceed"),
    ("retired_model", 400, f"{CHAT} has no provider supported"),
    ("500", 500, "Internal error"),
    ("502", 502, "Bad gateway"),
    ("503", 503, "Server is busy"),
    ("504", 504, "Gateway time-out"),
]


@pytest.mark.parametrize(("name", "status", "said"), REFUSALS)
def test_refusals(box: Client, name: str, status: int, said: str) -> None:
    for answer in (box.chat("hello", scenario=name), box.message("hello", scenario=name)):
        assert answer.status_code == status
        assert said in answer.text


def test_retry_after_is_sent_or_not(box: Client) -> None:
    assert box.chat("hello", scenario="429").headers["retry-after"] == "3"
    assert box.chat("hello", scenario="429:7").headers["retry-after"] == "7"
    assert "retry-after" not in box.chat("hello", scenario="429_no_header").headers


def test_thinking_refused_only_while_it_is_asked_for(box: Client) -> None:
    assert box.chat("hi", scenario="thinking_refused", enable_thinking=False).status_code == 400
    assert box.chat("hi", scenario="thinking_refused").status_code == 200


def test_parameter_refused_only_while_it_is_sent(box: Client) -> None:
    headers = {"x_studio_scenario": "parameter_refused:guidance"}
    refused = box.post(GENERATE, {**PICTURE, "guidance": 4}, **headers)
    assert refused.json()["error"]["param"] == "guidance"
    assert box.post(GENERATE, PICTURE, **headers).status_code == 200


def test_echo_token(box: Client) -> None:
    assert box.token in box.chat("hi", scenario="echo_token").text


def test_one_at_a_time(box: Client) -> None:
    with (
        box.http(headers={"x-studio-scenario": "stall"}) as http,
        http.stream("POST", "/v1/chat/completions", json=ASK) as answer,
    ):
        parts = answer.iter_bytes()
        next(parts)
        assert box.chat("hi", scenario="one_at_a_time").status_code == 429
    box.wait(door="chat", state="left")
    assert box.chat("hi", scenario="one_at_a_time").status_code == 200


def test_rate_headers(box: Client) -> None:
    headers = box.chat("hi", scenario="rate_headers:2000,12,200,3").headers
    assert headers["modelscope-ratelimit-requests-remaining"] == "12"
    assert headers["modelscope-ratelimit-model-requests-remaining"] == "3"
    assert "modelscope-ratelimit-requests-limit" not in box.chat("hi").headers


# -------------------------------------------------------- wrong kinds of body


@pytest.mark.parametrize(
    ("name", "media_type", "body"),
    [
        ("html_200", "text/html", "<h1>Please sign in"),
        ("text_200", "text/plain", "upstream connect error"),
        ("empty_200", "text/event-stream", ""),
        ("broken_json_200", "application/json", '{"data": [{"id": "Qw'),
        ("json_error_200", "application/json", '"error":{"message":"Internal failure"'),
        ("json_errors_200", "application/json", '"errors":{"message":"Internal failure"'),
        ("plain_json_200", "application/json", '"object":"chat.completion"'),
        ("empty_shell", "text/event-stream", '"choices": null'),
    ],
)
def test_bodies_that_are_no_stream(box: Client, name: str, media_type: str, body: str) -> None:
    answer = box.chat("hi", scenario=name, stream=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert body in answer.text


def test_an_empty_shell_without_streaming(box: Client) -> None:
    assert box.chat("hi", scenario="empty_shell").json()["choices"] is None


def test_redirects(box: Client) -> None:
    kept = box.chat("hi", scenario="redirect:http://127.0.0.1:9/x")
    assert (kept.status_code, kept.headers["location"]) == (307, "http://127.0.0.1:9/x")
    assert box.chat("hi", scenario="redirect_302:/y").status_code == 302


def test_gzip_bomb_is_small_on_the_wire(box: Client) -> None:
    with (
        box.http(headers={"x-studio-scenario": "gzip_bomb:8"}) as http,
        http.stream("GET", "/v1/models") as answer,
    ):
        assert int(answer.headers["content-length"]) < 20_000
        assert sum(len(part) for part in answer.iter_bytes()) == 8 * 1024 * 1024


# ------------------------------------------------------------ the connection


def test_silence_lasts_and_ends(box: Client) -> None:
    with (
        pytest.raises(httpx.ReadTimeout),
        box.http(headers={"x-studio-scenario": "silence"}) as http,
    ):
        http.post("/v1/chat/completions", json=ASK, timeout=0.2)
    assert box.wait(door="chat", state="left").status_code == 200
    started = time.monotonic()
    assert box.chat("hi", scenario="silence:0.2").status_code == 200
    assert time.monotonic() - started >= 0.2


def test_dropped_without_an_answer(box: Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        box.chat("hi", scenario="drop")
    with pytest.raises(httpx.ReadError):
        box.chat("hi", scenario="drop:reset")


def test_a_kept_alive_connection_is_forgotten(box: Client) -> None:
    with box.http() as http:
        headers = {"x-studio-scenario": "drop_keepalive"}
        assert http.get("/v1/models", headers=headers).status_code == 200
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            http.get("/v1/models")
        assert http.get("/v1/models").status_code == 200
    first, second, third = box.journal("models")["requests"]
    assert first["connection"] == second["connection"] != third["connection"]
    assert second["client_left_at"] is None


# ----------------------------------------------------------- inside a stream


def test_cut_clean(box: Client) -> None:
    text = stream(box, "cut_clean:3")
    assert tokens(text) == 3
    assert '"stop"' not in text
    assert "[DONE]" not in text


def test_cut_inside_a_chunk(box: Client) -> None:
    received = raw(box, "cut_chunk:3")
    assert tokens(received.decode()) == 3
    assert received.endswith(b"400\r\ndata: ")
    with pytest.raises(httpx.RemoteProtocolError):
        stream(box, "cut_chunk")


def test_cut_by_reset(box: Client) -> None:
    with pytest.raises(ConnectionResetError):
        raw(box, "cut_reset")
    seen = b""
    with (
        box.http(headers={"x-studio-scenario": "cut_reset:3"}) as http,
        http.stream("POST", "/v1/chat/completions", json=ASK) as answer,
        pytest.raises(httpx.ReadError),
    ):
        for part in answer.iter_bytes():
            seen += part
    assert tokens(seen.decode()) == 3


def test_cut_in_a_line_of_a_body_without_length(box: Client) -> None:
    received = raw(box, "cut_line:3")
    assert b"transfer-encoding" not in received.lower()
    assert not received.endswith(b"\n")
    assert stream(box, "cut_line").startswith("data: ")


def test_a_whole_answer_in_a_body_without_length(box: Client) -> None:
    assert raw(box, "bare").endswith(b"data: [DONE]\n\n")


def test_stall(box: Client) -> None:
    body = {**ASK}
    seen = ""
    with (
        box.http(headers={"x-studio-scenario": "stall:4"}) as http,
        http.stream("POST", "/v1/chat/completions", json=body, timeout=0.3) as answer,
        pytest.raises(httpx.ReadTimeout),
    ):
        for part in answer.iter_text():
            seen += part
    assert tokens(seen) == 4


def test_pause_goes_on(box: Client) -> None:
    started = time.monotonic()
    assert stream(box, "pause:0.3").endswith("data: [DONE]\n\n")
    assert time.monotonic() - started >= 0.3


def test_split_bytes_and_slow_drip(box: Client) -> None:
    whole = words(stream(box, "bare", max_tokens=3))
    assert words(stream(box, "split_bytes", max_tokens=3)) == whole
    assert words(stream(box, "slow_drip:0", max_tokens=3)) == whole


def test_keepalive_comments(box: Client) -> None:
    text = stream(box, "keepalive", max_tokens=4)
    assert text.count(": keep-alive\n\n") == 4
    assert tokens(text) == 4


def test_keepalive_forever(box: Client) -> None:
    seen = ""
    with (
        box.http(headers={"x-studio-scenario": "keepalive_forever:0.01"}) as http,
        http.stream("POST", "/v1/chat/completions", json=ASK) as answer,
    ):
        for part in answer.iter_text():
            seen += part
            if seen.count(": keep-alive") >= 5:
                break
    assert tokens(seen) == 2


def test_ends_that_are_missing(box: Client) -> None:
    no_done, no_finish = stream(box, "no_done"), stream(box, "no_finish")
    assert '"finish_reason": "stop"' in no_done
    assert "[DONE]" not in no_done
    assert '"finish_reason": "stop"' not in no_finish
    assert no_finish.endswith("data: [DONE]\n\n")
    anthropic = box.message("hi", scenario="no_done", stream=True).text
    assert "message_stop" not in anthropic
    assert "end_turn" in anthropic


def test_length_and_filter(box: Client) -> None:
    assert tokens(stream(box, "length:6")) == 6
    assert '"finish_reason": "length"' in stream(box, "length")
    assert '"finish_reason": "content_filter"' in stream(box, "content_filter")
    anthropic = box.message("hi", scenario="length:6", stream=True).text
    assert '"max_tokens"' in anthropic
    assert anthropic.count("text_delta") == 6
    closed = anthropic.count("event: content_block_stop")
    assert closed == anthropic.count("event: content_block_start") == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("error_in_stream", 'data: {"error": {"message": "The model crashed"'),
        ("errors_in_stream", 'data: {"errors": {"message": "The model crashed"'),
        ("error_event", 'event: error\ndata: {"type": "error"'),
        ("error_event_text", "event: error\ndata: the model crashed"),
    ],
)
def test_errors_inside_a_stream(box: Client, name: str, line: str) -> None:
    text = stream(box, name)
    assert tokens(text) == 5
    assert line in text
    assert "[DONE]" not in text


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("not_json", "data: not json\n"),
        ("empty_data", "\ndata:\n"),
        ("odd_payloads", 'data: {"choices": null}\n'),
        ("deep_json:50", "data: " + "[" * 50 + "]" * 50),
        ("long_line:1", "x" * 1024 * 1024),
    ],
)
def test_foreign_lines_do_not_lose_the_rest(box: Client, name: str, line: str) -> None:
    text = stream(box, name)
    assert line in text
    assert words(text) == words(stream(box, "bare"))
    assert text.endswith("data: [DONE]\n\n")


def test_text_after_the_end(box: Client) -> None:
    seen = ""
    with (
        box.http(headers={"x-studio-scenario": "after_done"}) as http,
        http.stream("POST", "/v1/chat/completions", json=ASK, timeout=0.3) as answer,
        pytest.raises(httpx.ReadTimeout),
    ):
        for part in answer.iter_text():
            seen += part
    assert " after the end" in seen.partition("[DONE]")[2]


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("lone_surrogate", b'"a\\ud83db"'),
        ("nul_bytes", b'"a\\u0000b"'),
        ("control_characters", b'"a\\u202e\\u001b[31mb"'),
        ("bad_utf8", b'"a\xff\xfe\xc3b"'),
        ("markup:http://127.0.0.1:9/p.png", b"![a](http://127.0.0.1:9/p.png)"),
    ],
)
def test_hostile_pieces(box: Client, name: str, piece: bytes) -> None:
    received = raw(box, name)
    assert piece in received
    assert b"data: [DONE]" in received


def test_framing_that_is_unusual_but_right(box: Client) -> None:
    assert raw(box, "bom").split(b"\r\n\r\n", 1)[1].split(b"\r\n", 1)[1].startswith(b"\xef\xbb\xbf")
    text = stream(box, "no_space_data")
    assert "data:{" in text
    assert "data: {" not in text
    assert "data: [DONE]" not in stream(box, "line_ends:cr").split("\n")
    crlf = stream(box, "line_ends")
    assert crlf.count("\r\n\r\n") == crlf.count("data: ")
    assert stream(box, "no_last_blank").endswith("}")


def test_reasoning_never_closed(box: Client) -> None:
    tags = stream(box, "reasoning_never_closed", model="deepseek-ai/DeepSeek-R1-Distill-Qwen-7B")
    assert "<think>" in tags
    assert "</think>" not in tags
    field = stream(box, "reasoning_never_closed", model="deepseek-ai/DeepSeek-R1-0528")
    assert '"reasoning_content"' in field
    assert "Demo" not in words(field)


# --------------------------------------------------------------------- tasks


def submit(box: Client, scenario: str) -> Any:
    headers = {"x_studio_scenario": scenario, "x_modelscope_async_mode": "true"}
    answer = box.post(GENERATE, PICTURE, **headers)
    assert answer.status_code == 200
    return answer.json()


def poll(box: Client, scenario: str) -> httpx.Response:
    return box.get(f"/v1/tasks/{submit(box, scenario)['task_id']}", headers=POLL)


def result(box: Client, scenario: str) -> httpx.Response:
    (url,) = poll(box, scenario).json()["output_images"]
    return fetch(url)


def test_tasks_that_end_badly(box: Client) -> None:
    failed = poll(box, "task_failed:Too blue").json()
    assert failed["task_status"] == "FAILED"
    assert failed["errors"]["message"] == "Too blue"
    assert poll(box, "task_endless").json()["task_status"] == "RUNNING"
    assert poll(box, "task_lost").status_code == 404
    assert poll(box, "task_empty").json()["output_images"] == []


def test_a_status_that_nobody_knows(box: Client) -> None:
    box.post("/_box/settings", {"task_seconds": 600})
    task_id = submit(box, "task_unknown_word:DREAMING")["task_id"]
    assert box.get(f"/v1/tasks/{task_id}", headers=POLL).json()["task_status"] == "DREAMING"


def test_submissions_that_are_slow_or_lost(box: Client) -> None:
    started = time.monotonic()
    submit(box, "slow_submit:0.3")
    assert time.monotonic() - started >= 0.3
    before = box.journal()["tasks"]
    lost = box.post(GENERATE, PICTURE, x_studio_scenario="submit_lost")
    assert lost.status_code == 504
    assert box.journal()["tasks"] == before + 1


@pytest.mark.parametrize(
    ("name", "key"),
    [("answer_at_once", "images"), ("answer_at_once:b64", "data"), ("answer_at_once:data", "data")],
)
def test_pictures_instead_of_a_task(box: Client, name: str, key: str) -> None:
    assert key in submit(box, name)


def test_results_that_are_not_there(box: Client) -> None:
    assert result(box, "result_404").status_code == 404
    assert result(box, "result_html").headers["content-type"].startswith("text/html")
    moved = result(box, "result_redirect:http://127.0.0.1:9/x")
    assert (moved.status_code, moved.headers["location"]) == (302, "http://127.0.0.1:9/x")


def test_results_that_lie(box: Client) -> None:
    with pytest.raises((OSError, UnidentifiedImageError)):
        Image.open(io.BytesIO(result(box, "result_truncated").content)).load()
    liar = result(box, "result_wrong_type")
    assert liar.headers["content-type"] == "image/jpeg"
    assert liar.content.startswith(b"\x89PNG")


# --------------------------------------------------------------------- plans


def test_a_plan_counts_down_and_skips(box: Client) -> None:
    box.post("/_box/scenario", {"name": "503", "for": "chat", "times": 2, "after": 1})
    statuses = [box.chat("hi").status_code for _ in range(4)]
    assert statuses == [200, 503, 503, 200]


def test_a_plan_is_for_its_doors_only(box: Client) -> None:
    box.post("/_box/scenario", {"name": "429:1", "for": ["messages"]})
    assert box.chat("hi").status_code == 200
    assert box.message("hi").status_code == 429
    with box.http() as http:
        http.delete("/_box/scenario")
    assert box.message("hi").status_code == 200


def test_a_plan_for_everything_spares_the_box_s_own_routes(box: Client) -> None:
    box.post("/_box/scenario", {"name": "500", "for": "all"})
    assert box.get("/api/v1/models/Qwen/Qwen-Image").status_code == 500
    assert box.get("/_box/requests").status_code == 200


@pytest.mark.parametrize(
    "wish",
    [{"name": "no_such"}, {"name": "500", "for": "kitchen"}, {"name": "500", "times": "x"}, {}],
)
def test_a_wrong_plan_is_refused(box: Client, wish: dict[str, Any]) -> None:
    assert box.post("/_box/scenario", wish).status_code == 400


def test_an_unknown_name_in_the_header_is_refused(box: Client) -> None:
    assert box.chat("hi", scenario="no_such").status_code == 400


def _tried() -> Iterator[str]:
    source = Path(__file__).read_text(encoding="utf-8")
    yield from re.findall(r"[\"']([a-z0-9_]+)(?::[^\"']*)?[\"']", source)


def test_every_scenario_is_tried_here_and_described(box: Client) -> None:
    assert set(SCENARIOS) - set(_tried()) == set()
    listed = box.get("/_box/scenarios").json()["scenarios"]
    assert set(listed) == set(SCENARIOS)
    assert [name for name, row in listed.items() if not row["doc"] or not row["for"]] == []
