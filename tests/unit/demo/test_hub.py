"""The hub: what a model can do, and who serves it."""

from __future__ import annotations

import pytest

from tests.unit.demo.client import Client

PROVIDERS = "/api/v1/inference/list_model_providers"


@pytest.mark.parametrize(
    ("model", "tasks"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", {"text-generation"}),
        ("Qwen/QVQ-72B-Preview", {"image-text-to-text"}),
        ("Qwen/Qwen-Image", {"text-to-image-synthesis"}),
        ("Qwen/Qwen-Image-Edit", {"image-to-image"}),
    ],
)
def test_a_model_names_its_kinds(box: Client, model: str, tasks: set[str]) -> None:
    answer = box.get(f"/api/v1/models/{model}").json()
    assert {task["Name"] for task in answer["Data"]["Tasks"]} == tasks


def test_an_unknown_model_is_not_found(box: Client) -> None:
    answer = box.get("/api/v1/models/nobody/nothing")
    assert answer.status_code == 404
    assert answer.json()["Success"] is False


def test_a_served_model_has_providers_with_prices(box: Client) -> None:
    rows = box.get(PROVIDERS, params={"ModelId": "Qwen/Qwen-Image"}).json()["Data"]["Providers"]
    assert rows[0] == {"Name": "ModelScope", "EstimatedMagicGrainCost": 2, "CostTier": "ultra"}


@pytest.mark.parametrize("model", ["Qwen/Qwen2.5-72B-Instruct", "nobody/nothing", ""])
def test_nobody_serves_it(box: Client, model: str) -> None:
    assert box.get(PROVIDERS, params={"ModelId": model}).json()["Data"]["Providers"] is None
