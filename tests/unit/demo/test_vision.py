"""The box truly looks at a picture that is sent to it."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from PIL import Image

from studio.demo.picture_facts import colour_name, look
from tests.unit.demo.client import Client, data_url

MODEL = "Qwen/Qwen2.5-VL-72B-Instruct"


def ask(box: Client, url: str, text: str = "What is this?") -> Any:
    content = [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "text", "text": text},
    ]
    return box.chat("", model=MODEL, messages=[{"role": "user", "content": content}])


def said(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    ("colour", "name"),
    [("#e01010", "red"), ("#1133cc", "blue"), ("#108a20", "green"), ("#ffffff", "white")],
)
def test_size_shape_and_colour_are_measured(box: Client, colour: str, name: str) -> None:
    text = said(ask(box, data_url(Image.new("RGB", (321, 123), colour))))
    assert "321 × 123 pixels, wide" in text
    assert f"{name} 100%" in text
    assert "PNG" in text


def test_brightness_is_measured_and_said_in_chinese(box: Client) -> None:
    dark = said(ask(box, data_url(Image.new("RGB", (50, 80), "#101010")), "这是什么？"))
    bright = said(ask(box, data_url(Image.new("RGB", (50, 80), "#f0f0f0")), "这是什么？"))
    assert "偏暗" in dark
    assert "竖向" in dark
    assert "明亮" in bright


def test_the_box_of_what_stands_out_is_found(box: Client) -> None:
    picture = Image.new("RGB", (800, 400), "#20508a")
    picture.paste("#e8c020", (500, 100, 700, 300))
    text = said(ask(box, data_url(picture), "Please locate it with a box"))
    row = re.search(r"```json\n(.*?)\n```", text)
    assert row is not None
    (found,) = json.loads(row[1])
    assert found["label"] == "yellow area"
    # Measured on a thumbnail of 96 pixels: good to about a hundredth of the width.
    expected = [500, 100, 700, 300]
    assert all(abs(a - b) <= 20 for a, b in zip(found["bbox_2d"], expected, strict=True))


def test_camera_data_that_came_along_is_reported(box: Client) -> None:
    picture = Image.new("RGB", (60, 40), "green")
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    assert "with the place" in said(ask(box, data_url(picture, "JPEG", exif=exif)))
    assert "EXIF) | none" in said(ask(box, data_url(picture, "JPEG")))


def test_several_pictures_are_looked_at_in_turn(box: Client) -> None:
    urls = [data_url(Image.new("RGB", size, "red")) for size in ((10, 20), (30, 20))]
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    text = said(box.chat("", model=MODEL, messages=[{"role": "user", "content": parts}]))
    assert "Picture 1" in text
    assert "30 × 20" in text.split("Picture 2")[1]


def test_the_anthropic_door_sees_too(box: Client) -> None:
    raw = data_url(Image.new("RGB", (64, 32), "blue")).partition(",")[2]
    source = {"type": "base64", "media_type": "image/png", "data": raw}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "And?"}]
    answer = box.message("", model=MODEL, messages=[{"role": "user", "content": content}])
    assert "64 × 32" in answer.json()["content"][0]["text"]


def test_a_question_that_follows_is_about_the_same_picture(box: Client) -> None:
    first = [{"type": "image_url", "image_url": {"url": data_url(Image.new("RGB", (60, 40)))}}]
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [*first, {"type": "text", "text": "What is this?"}]},
        {"role": "assistant", "content": "Something black."},
        {"role": "user", "content": "And how large is it?"},
    ]
    assert "60 × 40 pixels" in said(box.chat("", model=MODEL, messages=messages))


def test_a_picture_elsewhere_is_not_fetched_and_the_answer_says_so(box: Client) -> None:
    text = said(ask(box, "http://192.0.2.1/cat.png"))
    assert "http://192.0.2.1/cat.png" in text
    assert "fetches nothing from the network" in text


def test_a_picture_of_the_box_itself_is_seen(box: Client) -> None:
    request = {"model": "Qwen/Qwen-Image", "prompt": "the sea", "size": "160x96"}
    url = box.post("/v1/images/generations", request).json()["images"][0]["url"]
    assert "160 × 96" in said(ask(box, url))


def test_a_text_model_takes_no_picture(box: Client) -> None:
    content = [{"type": "image_url", "image_url": {"url": data_url(Image.new("L", (9, 9)))}}]
    answer = box.chat("", messages=[{"role": "user", "content": content}])
    assert answer.status_code == 400


def test_limits_are_the_service_s(box: Client) -> None:
    heavy = "data:image/png;base64," + "A" * (7 * 1024 * 1024)
    assert "image file size exceed" in ask(box, heavy).json()["errors"]["message"]
    wide = data_url(Image.new("1", (2049, 10)))
    assert "input size exceed" in ask(box, wide).json()["errors"]["message"]
    assert ask(box, data_url(Image.new("1", (2048, 10)))).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,AAAA",
        "data:image/png;base64,%%%",
        "data:image/png,plain",
        "data:",
        data_url(Image.new("RGB", (20, 20)), "TIFF"),
        data_url(Image.effect_noise((90, 90), 40), "PNG")[:-2000] + "AAAA",
    ],
)
def test_broken_and_foreign_pictures_are_refused(box: Client, url: str) -> None:
    assert ask(box, url).status_code == 400


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_can_be_looked_at(mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (7, 5)).save(stream, "JPEG" if mode == "CMYK" else "PNG")
    assert look(stream.getvalue()).width == 7


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((0, 0, 0), "black"),
        ((128, 128, 128), "grey"),
        ((20, 30, 90), "navy"),
        ((120, 70, 30), "brown"),
        ((250, 150, 30), "orange"),
        ((255, 170, 190), "pink"),
        ((0, 160, 160), "teal"),
        ((140, 50, 200), "purple"),
    ],
)
def test_colours_have_everyday_names(colour: tuple[int, int, int], name: str) -> None:
    assert colour_name(*colour) == name
