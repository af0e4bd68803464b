"""Pictures in a real window: dropped and asked about, refused, made, and made despite a crash."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop import Desktop, wait_until
from PIL import Image

from tests.end2end.parts import Tell, Use

PROMPT = "A lighthouse on a dark cliff at dusk"


@pytest.fixture(autouse=True)
def _as_always(tell: Tell) -> Iterator[None]:
    yield
    tell("settings", {"task_seconds": 1.5})


def photograph(path: Path) -> Path:
    """A picture that lies on its side and is larger than what is sent, with a camera's notes."""
    image = Image.new("RGB", (3000, 2000), (180, 40, 30))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A camera"
    image.save(path, exif=exif)
    return path


def vast_header(path: Path) -> Path:
    """A PNG that says it has 200 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    path.write_bytes(content + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b""))
    return path


def saved(data: Path) -> list[Path]:
    """The pictures of the library."""
    return sorted((data / "pictures").rglob("*.png"))


def settings_in(path: Path) -> tuple[str, dict[str, object]]:
    """What a saved picture says of itself: the customary words, and our JSON."""
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        image.load()
        return image.text["parameters"], json.loads(image.text["moda-studio"])  # type: ignore[attr-defined]  # a PNG


def test_a_picture_dropped_from_another_program_is_asked_about_and_kept(
    use: Use, data: Path, desktop: Desktop
) -> None:
    path = photograph(desktop.home / "holiday.jpg")
    user = use(data)
    user.go("Vision")
    user.drop(path)
    # The card itself: it is looked at level by level, and its words may change in between.
    card = user.studio.find("panel", part="Will be sent")
    assert "holiday.jpg" in card.words
    assert "2000 × 3000" in card.words  # what the file holds ...
    assert "1365 × 2048" in card.words  # ... and what will be sent
    user.ask("How large is it?")
    answer = user.wait_answer()
    assert "1365 × 2048" in answer
    assert "none" in answer.partition("EXIF")[2][:30]
    user.studio.close()
    assert user.studio.wait_end() == 0

    again = use(data)
    again.go("Vision")
    again.studio.click("list item", part="How large is it?")
    assert again.wait_said("1365 × 2048") == answer
    again.ask("And its colour?")  # a question that follows is about the same picture
    assert "red" in again.wait_answer().partition("And its colour?")[2]


def test_what_is_no_picture_is_said_in_place_and_the_draft_stays(
    use: Use, data: Path, desktop: Desktop
) -> None:
    folder = desktop.home / "dropped"
    folder.mkdir()
    text, empty, inner = folder / "notes.png", folder / "empty.png", folder / "inner"
    text.write_text("No picture at all.\n")
    empty.touch()
    inner.mkdir()
    user = use(data)
    user.go("Vision")
    user.studio.write("Message", "My draft")
    said: list[str] = []
    for path, sentence in (
        (text, "notes.png: This is a text file, not a picture."),
        (empty, "empty.png: The file is empty."),
        (inner, "inner: This is a folder."),
        (
            vast_header(folder / "vast.png"),
            "vast.png: The picture has 20000 × 10000 pixels and would take too much memory.",
        ),
    ):
        user.drop(path)
        said.append(sentence)
        # Each by its name, where the pictures are, and those before stay to be read.
        card = user.studio.find("panel", part=sentence)
        assert [line for line in said if line not in card.name] == []
    assert user.studio.find("text", "Message").text == "My draft"
    # None of them stayed in the way of a real one.
    user.drop(photograph(folder / "real.jpg"))
    user.studio.find(part="real.jpg")
    user.studio.focus("Message")
    user.studio.keys("Return")
    assert "1365 × 2048" in user.wait_said("EXIF")
    user.studio.wait_gone("panel", part="vast.png")  # nothing is said of them once it is asked


def test_a_picture_is_made_and_saved_with_its_settings_inside(
    use: Use, data: Path, tell: Tell
) -> None:
    tell("requests", method="DELETE")
    user = use(data)
    user.go("Images")
    user.order(PROMPT)
    user.studio.find(name=f"Picture: {PROMPT}", within=30)
    (path,) = saved(data)
    words, ours = settings_in(path)
    assert words.startswith(PROMPT)
    assert "Seed: " in words
    assert ours["request"]["prompt"] == PROMPT  # type: ignore[index]
    # A prompt of 2,001 characters cannot be sent.
    user.studio.paste("Prompt", "x" * 2_001)
    user.studio.wait_words("2001 / 2000")
    user.studio.keys("ctrl+Return")
    user.studio.wait_words("2000")
    assert len(tell("requests?door=images")["requests"]) == 1
    assert user.studio.find("text", "Prompt").text == "x" * 2_001


def test_a_picture_arrives_although_the_program_was_killed_meanwhile(
    use: Use, data: Path, tell: Tell
) -> None:
    tell("requests", method="DELETE")
    tell("settings", {"task_seconds": 8})
    user = use(data)
    user.go("Images")
    user.order(PROMPT)
    tell("wait?door=tasks&state=ended&seconds=20")  # it was asked for once: it is known here
    user.studio.kill()
    assert saved(data) == []

    again = use(data)
    wait_until(lambda: saved(data), "the picture", 30)
    again.go("Images")
    again.studio.find(name=f"Picture: {PROMPT}")
    (path,) = saved(data)
    words, ours = settings_in(path)
    assert words.startswith(PROMPT)
    assert ours["request"]["prompt"] == PROMPT  # type: ignore[index]
    assert len(tell("requests?door=images")["requests"]) == 1  # ordered once, paid once
