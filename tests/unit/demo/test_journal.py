"""The box tells tests what was asked of it, and when a client went away."""

from __future__ import annotations

import hashlib
import json
import socket
import struct

from tests.unit.demo.client import CHAT, Client


def test_a_request_is_written_down_without_its_token(box: Client) -> None:
    box.chat("a secret question", temperature=0.5)
    (entry,) = box.journal("chat")["requests"]
    assert entry["method"] == "POST"
    assert entry["path"] == "/v1/chat/completions"
    assert entry["status"] == 200
    assert entry["body"]["temperature"] == 0.5
    assert entry["body_size"] > 0
    assert entry["secrets"]["authorization"] == hashlib.sha256(box.token.encode()).hexdigest()
    assert box.token not in json.dumps(box.journal())
    assert entry["arrived_at"] <= entry["first_byte_at"] <= entry["ended_at"]


def test_counters_and_wiping(box: Client) -> None:
    box.chat("one")
    box.chat("two")
    box.get("/v1/models")
    counters = box.journal()["counters"]
    assert (counters["chat"], counters["models"]) == (2, 1)
    with box.http() as http:
        http.delete("/_box/requests")
    assert box.journal()["requests"] == []


def test_waiting_answers_when_it_is_so(box: Client) -> None:
    box.chat("one")
    assert box.wait(door="chat", state="ended").status_code == 200
    late = box.wait(door="chat", count=2, seconds=0)
    assert late.status_code == 408
    assert len(late.json()["requests"]) == 1
    assert box.wait(state="asleep").status_code == 400


def test_a_client_that_leaves_in_the_middle_is_noticed(box: Client) -> None:
    body = {"model": CHAT, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    with (
        box.http(headers={"x-studio-scenario": "stall"}) as http,
        http.stream("POST", "/v1/chat/completions", json=body) as answer,
    ):
        parts = answer.iter_bytes()
        next(parts)
        assert box.journal("chat")["requests"][0]["client_left_at"] is None
    report = box.wait(door="chat", state="left").json()
    (entry,) = report["requests"]
    assert entry["client_left_at"] >= entry["first_byte_at"]
    assert entry["ended_at"] is None
    closed = {link["number"]: link["closed_at"] for link in report["connections"]["closed"]}
    assert closed[entry["connection"]] is not None


def test_calls_in_flight_are_counted_for_each_account(box: Client) -> None:
    def mine() -> dict[str, int]:
        sha = hashlib.sha256(box.token.encode()).hexdigest()
        rows = box.journal()["accounts"]
        return next(row for row in rows if row["token_sha256"] == sha)

    body = {"model": CHAT, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    with (
        box.http(headers={"x-studio-scenario": "stall"}) as http,
        http.stream("POST", "/v1/chat/completions", json=body) as first,
        http.stream("POST", "/v1/chat/completions", json=body) as second,
    ):
        parts = [first.iter_bytes(), second.iter_bytes()]
        assert [next(part)[:5] for part in parts] == [b"data:", b"data:"]
        assert mine()["in_flight"] == 2
    box.wait(door="chat", state="left", count=2)
    assert mine()["peak_in_flight"] == 2


def test_a_client_that_leaves_before_its_body_came_is_survived(box: Client) -> None:
    port = box.process.port
    head = b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\nabc"
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head)
        box.wait(door="messages", state="arrived")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert box.wait(door="messages", state="left").status_code == 200
    assert box.chat("still there?").status_code == 200
