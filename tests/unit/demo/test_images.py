"""Pictures from words: tasks, files, limits, and pictures that follow from the request alone."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from studio.demo.launch import spawn
from studio.demo.options import BoxOptions
from studio.demo.painter import Commission, paint
from studio.demo.tasks import Task
from tests.unit.demo.client import Client, data_url, fetch

GENERATE = "/v1/images/generations"
SMALL = {"model": "Qwen/Qwen-Image", "prompt": "hills", "size": "96x64"}
ASYNC = {"x_modelscope_async_mode": "true"}
POLL = {"X-ModelScope-Task-Type": "image_generation"}


def submit(box: Client, **values: Any) -> str:
    headers = {**ASYNC, **values.pop("headers", {})}
    answer = box.post(GENERATE, {**SMALL, **values}, **headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["task_id"])


def poll(box: Client, task_id: str) -> Any:
    return box.get(f"/v1/tasks/{task_id}", headers=POLL).json()


def test_a_task_ends_with_a_picture_from_another_host(box: Client) -> None:
    answer = poll(box, submit(box))
    assert answer["task_status"] == "SUCCEED"
    (url,) = answer["output_images"]
    assert url.startswith(box.process.files_url)
    assert box.process.files_url != box.process.hub_url
    fetched = fetch(url)
    picture = Image.open(io.BytesIO(fetched.content))
    assert (picture.size, picture.format) == ((96, 64), "PNG")
    (entry,) = box.journal("files")["requests"]
    assert "authorization" not in entry["header_names"]


def test_the_words_of_a_task_on_its_way() -> None:
    task = Task("1", {}, at=100.0, seconds=10.0)
    words = [task.status(now) for now in (100, 101.9, 102, 104.9, 105, 109.9, 110, 999)]
    assert words == [
        *["PENDING"] * 2,
        *["RUNNING"] * 2,
        *["PROCESSING"] * 2,
        *["SUCCEED"] * 2,
    ]


def test_a_picture_is_not_there_before_its_task_is_done(box: Client) -> None:
    box.post("/_box/settings", {"task_seconds": 600})
    task_id = submit(box)
    assert poll(box, task_id)["task_status"] == "PENDING"
    assert fetch(f"{box.process.files_url}/files/{task_id}.png").status_code == 404


def test_without_the_header_the_picture_comes_at_once(box: Client) -> None:
    (image,) = box.post(GENERATE, SMALL).json()["images"]
    assert fetch(image["url"]).headers["content-type"] == "image/png"


def test_the_same_request_gives_the_same_bytes(box: Client) -> None:
    urls = [poll(box, submit(box, seed=7))["output_images"][0] for _ in range(2)]
    assert urls[0] != urls[1]
    assert fetch(urls[0]).content == fetch(urls[1]).content


BASE = Commission("Qwen/Qwen-Image", "a lake", "", 96, 64, 1, 30, 4.0)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"prompt": "a city at night"},
        {"negative_prompt": "clouds"},
        {"model": "MAILAND/majicflus_v1"},
        {"steps": 60},
        {"guidance": 9.0},
        {"width": 128},
        {"loras": '{"a/b": 1.0}'},
    ],
)
def test_every_setting_shows_in_the_picture(change: dict[str, Any]) -> None:
    values = {name: getattr(BASE, name) for name in Commission.__slots__}
    assert paint(Commission(**{**values, **change})) != paint(BASE)


def test_the_painter_listens_to_the_words() -> None:
    def brightness(prompt: str) -> float:
        raw = paint(Commission("m", prompt, "", 96, 96, 5, 30, 4.0))
        return ImageStat.Stat(Image.open(io.BytesIO(raw)).convert("L")).mean[0]

    assert brightness("夜晚的山") < 70 < brightness("白天的山")
    assert brightness("hills at night") < 70 < brightness("hills on a sunny day")


@pytest.mark.parametrize("place", ["city", "sea", "forest", "mountain", "desert", "hill"])
@pytest.mark.parametrize("size", [(64, 64), (512, 64), (64, 1664)])
def test_every_place_can_be_painted_in_every_shape(place: str, size: tuple[int, int]) -> None:
    words = f"{place}, night, aurora, snowing, rain, birds, boat, fog, lantern, flowers, stars"
    raw = paint(Commission("m", words, "", *size, 1, 1, 1.5))
    assert Image.open(io.BytesIO(raw)).size == size


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": "x" * 2000}, "prompt"),
        ({"negative_prompt": "x" * 2000}, "negative_prompt"),
        ({"size": "32x64"}, "size"),
        ({"size": "1665x64"}, "size"),
        ({"size": "big"}, "size"),
        ({"model": "MAILAND/majicflus_v1", "size": "1025x512"}, "size"),
        ({"model": "Tongyi-MAI/Z-Image-Turbo", "size": "511x512"}, "size"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**31}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"steps": 0}, "steps"),
        ({"steps": 101}, "steps"),
        ({"guidance": 1.4}, "guidance"),
        ({"guidance": 20.1}, "guidance"),
        ({"n": 2}, "n"),
        ({"loras": {"a/b": 0.5, "c/d": 0.4}}, "loras"),
        ({"loras": {f"a/{n}": 1 / 7 for n in range(7)}}, "loras"),
        ({"loras": []}, "loras"),
        ({"image_url": "http://127.0.0.1/x.png"}, "image_url"),
        ({"model": "Qwen/Qwen-Image-Edit"}, "image_url"),
        ({"model": "Qwen/Qwen-Image-Edit", "image_url": "http://192.0.2.1/x.png"}, "image_url"),
    ],
)
def test_values_out_of_range_are_refused_by_name(
    box: Client, wrong: dict[str, Any], name: str
) -> None:
    answer = box.post(GENERATE, {**SMALL, **wrong})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == name


@pytest.mark.parametrize(
    "good",
    [
        {"prompt": "x" * 1999},
        {"size": "1664x64"},
        {"seed": 2**31 - 1, "steps": 100, "guidance": 20},
        {"seed": 0, "steps": 1, "guidance": 1.5},
        {"loras": "a/b"},
        {"loras": {"a/b": 0.3, "c/d": 0.7}},
        {"model": "MAILAND/majicflus_v1", "size": "64x64"},
        {"model": "Tongyi-MAI/Z-Image-Turbo", "size": "512x512"},
    ],
)
def test_values_at_their_ends_are_taken(box: Client, good: dict[str, Any]) -> None:
    assert submit(box, **good)


def test_an_edit_works_on_the_picture_that_was_sent(box: Client) -> None:
    model = "Qwen/Qwen-Image-Edit"
    source = data_url(Image.new("RGB", (80, 80), "#c02020"))
    values = {"model": model, "prompt": "black and white", "image_url": source, "size": "96x96"}
    first = poll(box, submit(box, **values))["output_images"][0]
    picture = Image.open(io.BytesIO(fetch(first).content)).convert("RGB")
    red, green, blue = picture.getpixel((20, 20))  # type: ignore[misc]
    assert red == green == blue
    again = {**values, "prompt": "mirror", "image_url": [first, source]}
    assert fetch(poll(box, submit(box, **again))["output_images"][0]).status_code == 200


def test_an_edit_of_a_broken_picture_is_refused_at_once(box: Client) -> None:
    values = {"model": "Qwen/Qwen-Image-Edit", "image_url": "data:image/png;base64,AAAA"}
    assert box.post(GENERATE, {**SMALL, **values}).status_code == 400


def test_a_poll_needs_the_kind_of_its_task(box: Client) -> None:
    assert box.get(f"/v1/tasks/{submit(box)}").status_code == 400
    assert box.get("/v1/tasks/unknown", headers=POLL).status_code == 404


def test_tasks_survive_a_new_box(tmp_path: Path) -> None:
    options = BoxOptions(task_seconds=0, state=tmp_path / "tasks.jsonl")
    with spawn(options) as process:
        client = Client(process)
        task_id = submit(client)
        before = fetch(poll(client, task_id)["output_images"][0]).content
        process.process.kill()
    with (tmp_path / "tasks.jsonl").open("a") as file:
        file.write('{"id": "cut off')
    with spawn(options) as process:
        client = Client(process)
        answer = poll(client, task_id)
        assert answer["task_status"] == "SUCCEED"
        assert fetch(answer["output_images"][0]).content == before
        assert submit(client) != task_id


def test_a_task_that_was_running_ends_in_the_next_box(tmp_path: Path) -> None:
    state = tmp_path / "tasks.jsonl"
    with spawn(BoxOptions(task_seconds=600, state=state)) as process:
        task_id = submit(Client(process))
        assert poll(Client(process), task_id)["task_status"] == "PENDING"
    row = json.loads(state.read_text())
    row["at"] = time.time() - 601
    state.write_text(json.dumps(row) + "\n")
    with spawn(BoxOptions(task_seconds=600, state=state)) as process:
        assert poll(Client(process), task_id)["task_status"] == "SUCCEED"
