"""What cameras, phones and browsers write is taken as people see it, or named for what it is."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw

from studio.core.errors import ErrorKind, StudioError
from studio.storage.pictures import decoding, file_kinds
from studio.storage.pictures.preparing import (
    LEAST_SIDE,
    MOST_SIDE,
    MOST_SLICES,
    Change,
    PreparedPicture,
    prepare,
    prepare_pixels,
    prepare_slices,
)

FILES = Path(__file__).parents[2] / "data" / "pictures"


def saved(picture: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()


def seen(prepared: PreparedPicture) -> Image.Image:
    picture = Image.open(io.BytesIO(prepared.content))
    picture.load()
    assert picture.mode == "RGB"
    return picture


def grain(size: tuple[int, int], seed: int = 1) -> Image.Image:
    noise = Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))
    return Image.blend(Image.new("RGB", size, (90, 140, 60)), noise, 0.2)


def refused(source: bytes | Path) -> StudioError:
    with pytest.raises(StudioError) as raised:
        prepare(source)
    assert raised.value.kind is ErrorKind.UNREADABLE_PICTURE
    return raised.value


# Files of cameras.


def test_a_camera_s_picture_with_others_behind_it_is_taken() -> None:
    prepared = prepare(FILES / "mpo.jpg")
    assert Change.ONE_OF_SEVERAL in prepared.changes
    assert seen(prepared).size == (prepared.width, prepared.height)


def test_a_picture_without_inks_in_its_colours_is_taken() -> None:
    assert seen(prepare(FILES / "cmyk.jpg")).mode == "RGB"


@pytest.mark.parametrize(
    "name", ["iphone.heic", "samsung.heic", "burst.heic", "heix.heif", "heis.heic"]
)
def test_a_photo_of_a_phone_in_heic_is_named_with_the_way_to_jpeg(name: str) -> None:
    assert refused(FILES / name).values["reason"] == file_kinds.HEIC


@pytest.mark.parametrize(
    "name", ["photo.jfif", "jpg_trailing.jpg", "png_trailing.png", "exif0_bad.jpg"]
)
def test_odd_endings_and_what_stands_behind_a_picture_cost_nothing(name: str) -> None:
    assert prepare(FILES / name).width > 0


def header_of(width: int, height: int, *, progressive: bool = False) -> bytes:
    """A JPEG that says it is that large, made of one that is not."""
    small = saved(Image.new("RGB", (16, 16)), "JPEG", progressive=progressive)
    mark = b"\xff\xc2" if progressive else b"\xff\xc0"
    at = small.index(mark) + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


def test_what_needs_too_much_memory_is_refused_and_the_size_that_fits_is_named() -> None:
    for source in (header_of(30000, 20000, progressive=True), saved_header(12000, 9000)):
        error = refused(source)
        assert error.values["reason"] == decoding.TOO_MUCH_MEMORY
        fitting = int(error.values["fitting_width"]), int(error.values["fitting_height"])
        assert 3_000 < fitting[0] < int(error.values["width"])
        assert 3_000 < fitting[1] < int(error.values["height"])
        assert error.values["reason"].format(**error.values)


def saved_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 99))


_LARGEST = """
import sys
sys.path.insert(0, sys.argv[1])
from studio.storage.pictures.preparing import prepare
from studio.storage.pictures.decoding import open_picture
import PIL.Image, PIL.PngImagePlugin, PIL.JpegImagePlugin, PIL.WebPImagePlugin
import PIL.AvifImagePlugin, PIL.GifImagePlugin, PIL.BmpImagePlugin, PIL.ImageCms, pathlib

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

before = peak()
prepare(pathlib.Path(sys.argv[2]))
print(peak() - before)
"""

LARGEST: dict[str, tuple[tuple[int, int], str, dict[str, Any]]] = {
    "rgba.png": ((6800, 5200), "RGBA", {"compress_level": 1}),
    "rgb.png": ((6800, 5200), "RGB", {"compress_level": 1}),
    "gray.png": ((12000, 11200), "L", {"compress_level": 1}),
    "plain.jpg": ((16320, 12240), "RGB", {"quality": 30}),
    "progressive.jpg": ((6800, 5400), "RGB", {"quality": 30, "progressive": True}),
    "photo.webp": ((3300, 2700), "RGB", {"quality": 30, "method": 0}),
    "photo.avif": ((3700, 2900), "RGB", {"quality": 30, "speed": 10}),
    "drawing.gif": ((5600, 4700), "P", {}),
    "paint.bmp": ((6600, 5200), "RGB", {}),
}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("name", sorted(LARGEST))
def test_the_largest_picture_of_each_format_takes_no_more_memory_than_promised(
    tmp_path: Path, name: str
) -> None:
    size, mode, options = LARGEST[name]
    path = tmp_path / name
    Image.linear_gradient("L").resize(size).convert(mode).save(path, **options)
    done = subprocess.run(
        [sys.executable, "-c", _LARGEST, str(Path(__file__).parents[3]), str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert int(done.stdout) <= decoding.MOST_MEMORY // 1024 // 1024


# Colours.


def opened_with_profile(name: str) -> tuple[bytes, Image.Image]:
    with Image.open(FILES / name) as opened:
        opened.load()
        return opened.info["icc_profile"], opened.copy()


def test_a_profile_is_judged_by_what_it_does_and_not_by_its_name() -> None:
    prepared = prepare(FILES / "icc_srgb_named_linear.png")
    found = seen(prepared).getpixel((30, 30))
    assert isinstance(found, tuple)
    assert all(abs(a - b) <= 3 for a, b in zip(found, (229, 133, 110), strict=True)), found


def test_a_gray_profile_holds_for_gray_with_alpha_too() -> None:
    profile, gray_with_alpha = opened_with_profile("icc_gray_la.png")
    gray = gray_with_alpha.getchannel("L")
    alone = seen(prepare(saved(gray, icc_profile=profile)))
    gray_with_alpha.putalpha(255)
    both = seen(prepare(saved(gray_with_alpha, icc_profile=profile)))
    assert both.tobytes() == alone.tobytes()
    assert both.convert("L").tobytes() != gray.tobytes()
    # What lies on white is mixed with it after its colours are right.
    prepared = prepare(FILES / "icc_gray_la.png")
    mixed = seen(prepared)
    for x, y in ((10, 10), (40, 30), (60, 60)):
        value, there = alone.getpixel((x, y)), mixed.getpixel((x, y))
        assert isinstance(value, tuple) and isinstance(there, tuple)
        assert abs(there[0] - (255 - (255 - value[0]) * 200 / 255)) <= 2
    assert {Change.FLATTENED, Change.COLOURS_CONVERTED} <= set(prepared.changes)


def test_srgb_by_another_name_is_left_alone() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    prepared = prepare(saved(grain((64, 64)), icc_profile=profile))
    assert Change.COLOURS_CONVERTED not in prepared.changes


def test_colours_are_those_of_littlecms_pixel_by_pixel() -> None:
    profile, _ = opened_with_profile("icc_srgb_named_linear.png")
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    drawn = grain((80, 60), 5).quantize(200).convert("RGB")  # few colours: sent without loss
    wanted = ImageCms.profileToProfile(drawn, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert wanted is not None
    found = seen(prepare(saved(drawn, icc_profile=profile)))
    assert found.tobytes() == wanted.tobytes()


def test_a_profile_for_another_kind_of_colours_costs_nothing() -> None:
    gray, _ = opened_with_profile("icc_gray_la.png")
    picture = grain((64, 64))
    assert Change.COLOURS_CONVERTED not in prepare(saved(picture, icc_profile=gray)).changes


# How it is sent.


def test_a_screenshot_is_sent_as_png_and_no_larger_than_it_was() -> None:
    prepared = prepare(FILES / "terminal.png")
    assert prepared.media_type == "image/png"
    assert len(prepared.content) <= (FILES / "terminal.png").stat().st_size
    with Image.open(FILES / "terminal.png") as opened:
        assert seen(prepared).tobytes() == opened.convert("RGB").tobytes()


def test_coloured_text_that_must_be_jpeg_keeps_the_colour_of_every_pixel() -> None:
    picture = grain((400, 300))
    ImageDraw.Draw(picture).line((0, 10, 399, 10), fill=(255, 0, 0))
    prepared = prepare(saved(picture))
    assert prepared.media_type == "image/jpeg"
    with Image.open(io.BytesIO(prepared.content)) as opened:
        assert {layer[1:3] for layer in opened.layer} == {(1, 1)}  # type: ignore[attr-defined]


def test_a_photograph_is_never_written_as_png(monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.storage.pictures import encoding

    written: list[tuple[str, int]] = []
    real = encoding._encoded

    def note(picture: Image.Image, file_format: str, **options: int | bool) -> bytes:
        written.append((file_format, picture.height))
        return real(picture, file_format, **options)

    monkeypatch.setattr(encoding, "_encoded", note)
    assert prepare(saved(grain((1500, 1000)), "JPEG")).media_type == "image/jpeg"
    assert all(height < 200 for kind, height in written if kind == "PNG")


def test_pasted_pixels_are_shrunk_before_anything_is_encoded() -> None:
    noise = random.Random(3).randbytes(5120 * 4)
    prepared = prepare_pixels(noise * 2880, (5120, 2880), "Pasted", alpha=False)
    assert (prepared.width, prepared.height) == (2048, 1152)
    assert (prepared.original_width, prepared.original_height) == (5120, 2880)
    assert Change.SHRUNK in prepared.changes


# Long and tiny ones.


@pytest.mark.parametrize("size", [(1080, 12000), (12000, 1080), (700, 2800), (1170, 30000)])
def test_a_long_picture_can_be_sent_in_slices_that_overlap(size: tuple[int, int]) -> None:
    source = saved(Image.linear_gradient("L").resize(size).convert("RGB"))
    whole = prepare(source, "page.png")
    assert whole.slices >= 2
    pieces = prepare_slices(source, "page.png")
    assert len(pieces) == whole.slices <= MOST_SLICES
    assert [piece.name for piece in pieces] == [
        f"page.png {n}/{len(pieces)}" for n in range(1, len(pieces) + 1)
    ]
    assert all(piece.slices == 0 for piece in pieces)
    # Better than the whole: what is narrow stays wide enough to be read.
    assert min(pieces[0].width, pieces[0].height) > min(whole.width, whole.height)


def test_slices_hold_all_of_the_picture_in_order() -> None:
    tall = Image.new("RGB", (200, 3000))
    for number in range(30):
        tall.paste((number * 8, 0, 0), (0, number * 100, 200, number * 100 + 100))
    pieces = prepare_slices(saved(tall))
    reds = [seen(piece).getpixel((50, 0)) for piece in pieces]
    assert reds == sorted(reds, key=lambda each: each[0] if isinstance(each, tuple) else 0)
    found = set()
    for piece in pieces:
        picture = seen(piece)
        found |= {
            round(value[0] / 8)
            for y in range(picture.height)
            if isinstance(value := picture.getpixel((50, y)), tuple)
        }
    assert found >= set(range(30))


@pytest.mark.parametrize("size", [(2048, 900), (4000, 3000), (3000, 2000), (500, 20)])
def test_a_picture_that_is_not_long_has_no_slices(size: tuple[int, int]) -> None:
    assert prepare(saved(Image.new("RGB", size, "red"))).slices == 0


@pytest.mark.parametrize(
    ("size", "change"),
    [
        ((1, 1), Change.ENLARGED),
        ((16, 16), Change.ENLARGED),
        ((500, 20), Change.ENLARGED),
        ((2000, 5), Change.PADDED),
        ((1, 2048), Change.PADDED),
    ],
)
def test_a_tiny_picture_is_brought_to_what_models_take(
    size: tuple[int, int], change: Change
) -> None:
    prepared = prepare(saved(Image.new("RGB", size, (10, 20, 30))))
    assert min(prepared.width, prepared.height) >= LEAST_SIDE
    assert max(prepared.width, prepared.height) <= MOST_SIDE
    assert change in prepared.changes
    assert (prepared.original_width, prepared.original_height) == size
    middle = seen(prepared).getpixel(((prepared.width - 1) // 2, (prepared.height - 1) // 2))
    assert middle == (10, 20, 30)


# Damaged ones and animations.


def test_of_an_animation_the_first_frame_that_shows_something_is_taken() -> None:
    prepared = prepare(FILES / "first_empty.gif")
    assert Change.ONE_FRAME in prepared.changes
    assert seen(prepared).getpixel((9, 9)) == (200, 0, 0)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_frames_that_show_nothing_are_passed_over(file_format: str) -> None:
    empty = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    white = Image.new("RGBA", (64, 64), "white")
    drawn = white.copy()
    drawn.paste((200, 0, 0, 255), (0, 0, 32, 64))
    source = saved(empty, file_format, save_all=True, append_images=[white, drawn], duration=50)
    assert seen(prepare(source)).getcolors(1) is None


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_only_its_end_mark_is_taken_and_said_to_be_damaged(
    progressive: bool,
) -> None:
    whole = saved(grain((300, 200)), "JPEG", progressive=progressive)
    assert whole.endswith(b"\xff\xd9")
    prepared = prepare(whole[:-2])
    assert Change.MENDED in prepared.changes
    assert seen(prepared).tobytes() == seen(prepare(whole)).tobytes()


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.98])
def test_a_jpeg_that_is_cut_in_its_pixels_is_refused(keep: float) -> None:
    whole = saved(grain((300, 200)), "JPEG")
    assert refused(whole[: int(len(whole) * keep)]).values["reason"] == decoding.BROKEN


def _with_bad_text(kind: bytes, *, before: bool) -> bytes:
    whole = saved(grain((60, 40)))
    bad = struct.pack(">I", 9) + kind + b"Comment\0x" + b"\0\0\0\0"
    at = whole.index(b"IDAT") - 4 if before else whole.index(b"IEND") - 4
    return whole[:at] + bad + whole[at:]


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"])
@pytest.mark.parametrize("before", [True, False])
def test_a_damaged_piece_beside_the_pixels_of_a_png_costs_nothing(
    kind: bytes, before: bool
) -> None:
    assert prepare(_with_bad_text(kind, before=before)).width == 60


def test_a_png_without_its_end_is_taken() -> None:
    whole = saved(grain((60, 40)))
    assert prepare(whole[:-12]).width == 60


def test_a_png_that_is_cut_in_its_pixels_is_refused() -> None:
    whole = saved(grain((200, 200)))
    assert refused(whole[: len(whole) // 2]).values["reason"] == decoding.BROKEN


@pytest.mark.parametrize(
    ("start", "reason", "name"),
    [
        (b"%PDF-1.7\n", file_kinds.PDF, ""),
        (b"8BPS\0\x01\0\0", file_kinds.PHOTOSHOP, ""),
        (b"II*\0\x10\0\0\0CR\x02\0", file_kinds.RAW, "CR2"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01", file_kinds.RAW, "CR3"),
        (b"MM\0*" + b"\0" * 90 + b"NIKON CORPORATION\0", file_kinds.RAW, "NIKON"),
        (b"II*\0" + b"\0" * 90 + b"SONY\0", file_kinds.RAW, "SONY"),
        (b"FUJIFILMCCD-RAW 0201", file_kinds.RAW, "RAF"),
        (b"IIU\0\x18\0\0\0", file_kinds.RAW, "RW2"),
        (b"II*\0\x08\0\0\0\0\0", file_kinds.CONVERT, "TIFF"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", file_kinds.CONVERT, "JPEG 2000"),
        (b"\0\0\x01\0\x01\0\x10\x10", file_kinds.CONVERT, "ICO"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", file_kinds.VIDEO, ""),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", file_kinds.VIDEO, ""),
        (b"\x1aE\xdf\xa3\x01\0\0\0", file_kinds.VIDEO, ""),
        (b"RIFF\x10\0\0\0AVI LIST", file_kinds.VIDEO, ""),
        (b"RIFF\x10\0\0\0WAVEfmt ", file_kinds.SOUND, ""),
        (b"ID3\x04\0\0\0\0", file_kinds.SOUND, ""),
        (b"PK\x03\x04\x14\0\0\0", file_kinds.ARCHIVE, ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", file_kinds.ARCHIVE, ""),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", file_kinds.HEIC, ""),
        (b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc", file_kinds.HEIC, ""),
        ("\ufeff你好".encode("utf-16"), file_kinds.TEXT, ""),
    ],
)
def test_what_is_no_picture_is_named_for_what_it_is(start: bytes, reason: str, name: str) -> None:
    error = refused(start + b"\0" * 40)
    assert error.values["reason"] == reason
    assert error.values.get("format", "") == name
