"""Tokens: each state that an account can be in is shown as the service shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.demo.client import Client

BALANCE = "/openapi/v1/magicubes/balance"


@pytest.mark.parametrize(
    ("token", "status", "words"),
    [
        ("", 401, "Authentication failed"),
        ("ms-wrong", 401, "Authentication failed"),
        ("ms-unbound", 401, "bind your Alibaba Cloud account"),
        ("ms-unverified", 403, "real name verified"),
        ("ms-throttled", 429, "rate limit you"),
        ("ms-broke", 402, "insufficient"),
        ("ms-broke403", 403, "insufficient"),
        ("ms-broke429", 429, "insufficient"),
    ],
)
def test_a_state_is_refused_with_its_own_words(
    box: Client, token: str, status: int, words: str
) -> None:
    answer = replace(box, token=token).chat("hello")
    assert answer.status_code == status
    assert words in answer.json()["errors"]["message"]
    assert answer.json()["errors"]["request_id"] == answer.headers["x-request-id"]


def test_the_anthropic_door_says_detail(box: Client) -> None:
    answer = replace(box, token="ms-wrong").message("hello")
    assert answer.status_code == 401
    assert "Authentication failed" in answer.json()["detail"]


def test_a_key_in_x_api_key_is_as_good(box: Client) -> None:
    with replace(box, token="").http(headers={"x-api-key": "ms-key"}) as http:
        assert http.get(BALANCE).status_code == 200


def test_a_token_without_credits_is_a_good_token(box: Client) -> None:
    answer = replace(box, token="ms-broke").get(BALANCE)
    assert answer.json()["data"]["available_balance"] == 0


def test_the_balance_goes_down_by_the_price_of_a_model(box: Client) -> None:
    before = box.get(BALANCE).json()["data"]["total_balance"]
    box.chat("hello", model="Qwen/Qwen2.5-7B-Instruct")
    box.chat("hello", model="deepseek-ai/DeepSeek-R1-0528")
    after = box.get(BALANCE).json()["data"]["total_balance"]
    assert before - after == 2.5


def test_a_refused_call_costs_nothing(box: Client) -> None:
    box.chat("hello", model="nobody/serves-this")
    assert box.get(BALANCE).json()["data"]["total_balance"] == 250


def test_the_list_of_models_is_open_to_anybody(box: Client) -> None:
    answer = replace(box, token="ms-wrong").get("/v1/models")
    ids = [row["id"] for row in answer.json()["data"]]
    assert "Qwen/Qwen3.5-35B-A3B" in ids
    assert "Qwen/Qwen-Image" not in ids
    assert set(answer.json()["data"][0]) == {"id", "object", "owned_by", "created"}


def test_another_host_name_is_turned_away(box: Client) -> None:
    with box.http(headers={"host": "evil.example"}) as http:
        assert http.get("/_box/requests").status_code == 421
