"""Copies look like the picture they were made of, and say what a format cannot hold."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import ImageRequest
from studio.storage.db.database import Database
from studio.storage.pictures.copies import ExportFormat, as_png
from studio.storage.pictures.file_settings import read_settings
from studio.storage.pictures.library import Library

DATA = Path(__file__).parents[2] / "data" / "pictures"
REQUEST = ImageRequest("org/model", "a cat", seed=1)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def gray_profile() -> bytes:
    """The profile within a picture with gray pixels."""
    with Image.open(DATA / "gray_profile_with_alpha.png") as opened:
        found = opened.info["icc_profile"]
    assert isinstance(found, bytes) and found[16:20] == b"GRAY"
    return found


def encoded(picture: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()


@pytest.fixture
def library(database: Database, tmp_path: Path) -> Library:
    return Library(database, tmp_path / "pictures")


def copy(
    library: Library, content: bytes, file_format: ExportFormat, target: Path, **asked: Any
) -> tuple[Image.Image, bool]:
    """A picture kept and saved as a copy, opened again; and whether its settings are inside."""
    image = library.keep(content, asked.pop("request", REQUEST))
    whole = library.export(image, target, file_format, with_settings=True)
    opened = Image.open(io.BytesIO(target.read_bytes()))
    opened.load()
    return opened, whole


def near(found: Any, wanted: Any, within: int = 3) -> bool:
    pairs = zip(
        found if isinstance(found, tuple) else (found,),
        wanted if isinstance(wanted, tuple) else (wanted,),
        strict=False,
    )
    return all(abs(one - other) <= within for one, other in pairs)


@pytest.mark.parametrize("file_format", [ExportFormat.JPEG, ExportFormat.WEBP])
@pytest.mark.parametrize(("value", "tone"), [(33410, 130), (0, 0), (65535, 255), (257 * 40, 40)])
def test_sixteen_bit_gray_keeps_its_tones(
    library: Library, tmp_path: Path, file_format: ExportFormat, value: int, tone: int
) -> None:
    content = encoded(Image.new("I;16", (32, 32), value))
    opened, _ = copy(library, content, file_format, tmp_path / "copy")
    assert near(opened.convert("L").getpixel((16, 16)), tone, 2)


def test_sixteen_bit_gray_stays_what_it_is_as_png(library: Library, tmp_path: Path) -> None:
    content = encoded(Image.new("I;16", (32, 32), 33410))
    opened, _ = copy(library, content, ExportFormat.PNG, tmp_path / "copy")
    assert (opened.mode, opened.getpixel((16, 16))) == ("I;16", 33410)


def test_a_gray_profile_stays_with_gray_and_is_converted_away_for_colour(
    library: Library, tmp_path: Path
) -> None:
    profile = gray_profile()
    content = encoded(Image.new("L", (32, 32), 113), icc_profile=profile)
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    srgb = ImageCms.createProfile("sRGB")
    wanted = ImageCms.profileToProfile(Image.new("L", (1, 1), 113), own, srgb, outputMode="RGB")
    assert wanted is not None
    for file_format in ExportFormat:
        opened, _ = copy(library, content, file_format, tmp_path / file_format.value)
        found = opened.info.get("icc_profile")
        if opened.mode == "L":
            assert found is not None and found[16:20] == b"GRAY"
            assert near(opened.getpixel((9, 9)), 113)
        else:
            assert opened.mode == "RGB" and found is None
            assert near(opened.getpixel((9, 9)), wanted.getpixel((0, 0)))


def test_gray_with_alpha_and_a_gray_profile_keeps_its_colours(
    library: Library, tmp_path: Path
) -> None:
    content = (DATA / "gray_profile_with_alpha.png").read_bytes()
    with Image.open(io.BytesIO(content)) as original:
        gray: Any = original.convert("LA").getchannel("L").getpixel((30, 30))
    own = ImageCms.ImageCmsProfile(io.BytesIO(gray_profile()))
    srgb = ImageCms.createProfile("sRGB")
    wanted = ImageCms.profileToProfile(Image.new("L", (1, 1), gray), own, srgb, outputMode="RGB")
    assert wanted is not None
    opened, _ = copy(library, content, ExportFormat.WEBP, tmp_path / "copy")
    assert opened.info.get("icc_profile") is None
    assert near(opened.convert("RGBA").getpixel((30, 30)), wanted.getpixel((0, 0)), 4)


@pytest.mark.parametrize("file_format", list(ExportFormat))
def test_a_colour_profile_stays_with_colours(
    library: Library, tmp_path: Path, file_format: ExportFormat
) -> None:
    content = encoded(Image.new("RGB", (32, 32), (200, 80, 40)), icc_profile=SRGB)
    opened, _ = copy(library, content, file_format, tmp_path / "copy")
    assert opened.info.get("icc_profile") == SRGB
    assert near(opened.convert("RGB").getpixel((9, 9)), (200, 80, 40), 4)


@pytest.mark.parametrize("file_format", list(ExportFormat))
@pytest.mark.parametrize(
    ("mode", "profile"),
    [("L", SRGB), ("RGB", b"no profile at all"), ("RGB", SRGB[:60]), ("RGBA", b"x" * 400)],
    ids=["of colours on gray", "no profile", "cut short", "rubbish"],
)
def test_a_profile_that_does_not_fit_the_pixels_is_not_written(
    library: Library, tmp_path: Path, file_format: ExportFormat, mode: str, profile: bytes
) -> None:
    content = encoded(Image.new(mode, (32, 32), 90 if mode == "L" else "#5a5a5a"))
    with Image.open(io.BytesIO(content)) as plain:
        content = encoded(plain, icc_profile=profile)
    opened, _ = copy(library, content, file_format, tmp_path / "copy")
    assert opened.info.get("icc_profile") is None
    assert near(opened.convert("L").getpixel((9, 9)), 90)


def test_a_print_picture_is_kept_in_the_colours_of_the_screen() -> None:
    content = encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95)
    kept = as_png(content, None)
    with Image.open(io.BytesIO(kept.content)) as opened:
        assert opened.mode == "RGB" and "icc_profile" not in opened.info
        red, green, blue = opened.getpixel((9, 9))  # type: ignore[misc]  # of RGB
        assert red > 180 and green < 90 and blue < 90


@pytest.mark.parametrize(
    ("file_format", "name"), [(ExportFormat.WEBP, "WebP"), (ExportFormat.JPEG, "JPEG")]
)
def test_a_picture_that_is_too_wide_for_a_format_is_refused_in_words(
    library: Library, tmp_path: Path, file_format: ExportFormat, name: str
) -> None:
    limit = 16_383 if name == "WebP" else 65_500
    wide = library.keep(encoded(Image.new("L", (limit + 600, 8), 90)), REQUEST)
    target = tmp_path / "copy"
    target.write_bytes(b"the old one")
    with pytest.raises(StudioError) as raised:
        library.export(wide, target, file_format, with_settings=True)
    assert raised.value.kind is ErrorKind.STORAGE
    values = raised.value.values
    assert (values["format"], values["limit"]) == (name, f"{limit}")
    assert "{format}" in values["reason"]
    assert target.read_bytes() == b"the old one"
    library.export(wide, target, ExportFormat.PNG, with_settings=True)


@pytest.mark.parametrize("file_format", list(ExportFormat))
def test_a_long_prompt_goes_into_every_format_that_has_room(
    library: Library, tmp_path: Path, file_format: ExportFormat
) -> None:
    request = ImageRequest("org/model", "🎈" * 3999)
    content = encoded(Image.new("RGB", (32, 32)))
    _, whole = copy(library, content, file_format, tmp_path / "copy", request=request)
    assert whole
    found = read_settings((tmp_path / "copy").read_bytes())
    assert found is not None and found.request == request


def test_a_prompt_without_room_is_left_out_and_the_picture_is_saved(
    library: Library, tmp_path: Path
) -> None:
    request = ImageRequest("org/model", "🎈" * 9000, negative_prompt="é" * 9000)
    content = encoded(Image.new("RGB", (32, 32)))
    opened, whole = copy(library, content, ExportFormat.JPEG, tmp_path / "copy", request=request)
    assert not whole
    assert opened.size == (32, 32)
    assert read_settings((tmp_path / "copy").read_bytes()) is None
    for file_format in (ExportFormat.PNG, ExportFormat.WEBP):
        assert copy(library, content, file_format, tmp_path / "other", request=request)[1]
