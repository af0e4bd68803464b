"""Pictures are sent upright, small, true to their colours and without a trace of where they were
taken; whatever is no picture is refused in words before it is decoded."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from studio.core.errors import ErrorKind, StudioError
from studio.storage.pictures import decoding, file_kinds
from studio.storage.pictures.encoding import MOST_SENT_BYTES
from studio.storage.pictures.preparing import MOST_SIDE, Change, PreparedPicture, prepare

SECRET = b"Schillerplatz7"


def saved(picture: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()


def decoded(prepared: PreparedPicture) -> Image.Image:
    picture = Image.open(io.BytesIO(prepared.content))
    assert picture.size == (prepared.width, prepared.height)
    assert prepared.media_type == f"image/{(picture.format or '').lower()}"
    picture.load()
    return picture


def close(found: Any, wanted: tuple[int, ...], within: int = 6) -> bool:
    return all(abs(a - b) <= within for a, b in zip(found, wanted, strict=True))


def photo(size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Many colours with the grain of a sensor, as a photograph has."""
    left = Image.linear_gradient("L").resize(size)
    top = left.transpose(Image.Transpose.ROTATE_90).resize(size)
    smooth = Image.merge("RGB", (left, top, Image.radial_gradient("L").resize(size)))
    grain = Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))
    return Image.blend(smooth, grain, 0.04)


def png_header(width: int, height: int, rest: bytes = b"") -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + rest + chunk(b"IDAT", zlib.compress(b"\x00" * 100))


def refused(source: bytes | Path) -> StudioError:
    with pytest.raises(StudioError) as raised:
        prepare(source)
    error = raised.value
    assert error.kind is ErrorKind.UNREADABLE_PICTURE
    assert error.values["reason"].format(**error.values)
    return error


def test_a_photograph_is_sent_as_jpeg() -> None:
    prepared = prepare(saved(photo()), "a.png")
    assert prepared.media_type == "image/jpeg"
    assert (prepared.width, prepared.height) == (64, 48)
    assert prepared.changes == (Change.RE_ENCODED,)
    assert prepared.name == "a.png"
    found = decoded(prepared).convert("RGB")
    assert close(found.getpixel((32, 24)), photo().getpixel((32, 24)), 12)  # type: ignore[arg-type]


def test_line_art_stays_png_and_exact() -> None:
    drawing = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(drawing).line((0, 0, 299, 199), fill=(200, 0, 0), width=3)
    prepared = prepare(saved(drawing))
    assert prepared.media_type == "image/png"
    assert decoded(prepared).convert("RGB").tobytes() == drawing.tobytes()
    assert prepared.changes == ()


def test_what_is_clear_is_white_and_what_nobody_saw_is_gone() -> None:
    picture = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 32, 64))
    picture.paste((0, 0, 0, 128), (32, 0, 64, 10))
    prepared = prepare(saved(picture, "WEBP", lossless=True, exact=True))
    found = decoded(prepared)
    assert found.mode == "RGB"
    assert found.getpixel((5, 5)) == (0, 0, 0)
    assert found.getpixel((50, 50)) == (255, 255, 255)
    assert close(found.getpixel((50, 5)), (127, 127, 127), 2)
    assert Change.FLATTENED in prepared.changes


def test_alpha_that_hides_nothing_is_dropped() -> None:
    picture = photo()
    picture.putalpha(255)
    assert prepare(saved(picture)).media_type == "image/jpeg"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_sent_upright(orientation: int, file_format: str) -> None:
    upright = Image.new("RGB", (80, 40), "white")
    upright.paste((220, 0, 0), (0, 0, 20, 20))  # red at the top left, blue at the bottom right
    upright.paste((0, 0, 220), (60, 20, 80, 40))
    back: dict[int, Image.Transpose] = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turned = upright.transpose(back[orientation]) if orientation in back else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = prepare(saved(turned, file_format, exif=exif, quality=95))
    assert (prepared.width, prepared.height) == (80, 40)
    assert (prepared.original_width, prepared.original_height) == (80, 40)
    found = decoded(prepared).convert("RGB")
    assert close(found.getpixel((5, 5)), (220, 0, 0), 30)
    assert close(found.getpixel((74, 34)), (0, 0, 220), 30)
    assert (Change.TURNED in prepared.changes) == (orientation != 1)


def test_nothing_but_pixels_is_sent() -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[29] = SECRET.decode()  # GPS
    exif.get_ifd(0x8769)[0x927C] = SECRET  # maker note
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    text = PngImagePlugin.PngInfo()
    text.add_itxt("parameters", SECRET.decode())
    text.add_text("XML:com.adobe.xmp", SECRET.decode())
    clear = photo((400, 300))
    clear.putalpha(120)
    sources = [
        saved(photo(), "JPEG", exif=exif, icc_profile=profile, comment=SECRET, xmp=SECRET),
        saved(photo(), "PNG", exif=exif, icc_profile=profile, pnginfo=text),
        saved(clear, "PNG", exif=exif, icc_profile=profile, pnginfo=text),
        saved(photo(), "WEBP", exif=exif, icc_profile=profile, xmp=SECRET),
        saved(photo().quantize(16), "GIF", comment=SECRET),
        saved(photo(), "AVIF", exif=exif, icc_profile=profile, xmp=SECRET),
    ]
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0e" + SECRET
    jpeg = saved(photo(), "JPEG")
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    sources.append(jpeg[:2] + segment + jpeg[2:])
    for source in sources:
        assert SECRET in source
        prepared = prepare(source)
        assert SECRET not in prepared.content
        assert b"acsp" not in prepared.content  # the mark of every ICC profile
        assert b"Exif" not in prepared.content
        assert b"eXIf" not in prepared.content
        assert Change.METADATA_REMOVED in prepared.changes
        assert not decoded(prepared).getexif()


@pytest.mark.parametrize(
    ("size", "wanted"), [((3000, 1500), (2048, 1024)), ((100, 5000), (41, 2048))]
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_a_large_picture_is_shrunk(
    size: tuple[int, int], wanted: tuple[int, int], file_format: str
) -> None:
    prepared = prepare(saved(photo(size), file_format))
    assert (prepared.width, prepared.height) == wanted
    assert (prepared.original_width, prepared.original_height) == size
    assert Change.SHRUNK in prepared.changes


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_noise_is_made_small_enough(mode: str) -> None:
    side = MOST_SIDE
    noise = Image.frombytes(mode, (side, side), os.urandom(side * side * len(mode)))
    prepared = prepare(saved(noise, compress_level=0))
    assert len(prepared.content) <= MOST_SENT_BYTES
    decoded(prepared)


def cmyk() -> bytes:
    return saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", quality=95)


def sixteen_bits() -> bytes:
    picture = Image.new("I;16", (64, 64), 0x8000)
    return saved(picture)


def palette_with_alpha() -> bytes:
    picture = Image.new("P", (64, 64), 1)
    picture.putpalette([0, 0, 0, 0, 128, 0])
    return saved(picture, transparency=b"\xff\x80")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param(cmyk(), (255, 0, 0), id="CMYK"),
        pytest.param(sixteen_bits(), (128, 128, 128), id="16 bits"),
        pytest.param(palette_with_alpha(), (127, 191, 127), id="palette with alpha"),
        pytest.param(saved(Image.new("LA", (64, 64), (90, 40))), (229, 229, 229), id="LA"),
        pytest.param(saved(Image.new("1", (64, 64), 1)), (255, 255, 255), id="1 bit"),
        pytest.param(saved(Image.new("L", (64, 64), 77)), (77, 77, 77), id="grey"),
        pytest.param(
            saved(Image.new("L", (64, 64), 77), transparency=77), (255, 255, 255), id="grey key"
        ),
        pytest.param(saved(Image.new("RGB", (9, 9), "red"), "BMP"), (255, 0, 0), id="BMP"),
        pytest.param(saved(Image.new("RGB", (64, 64), "red"), "AVIF"), (255, 0, 0), id="AVIF"),
    ],
)
def test_every_kind_of_pixel_keeps_its_colour(source: bytes, wanted: tuple[int, ...]) -> None:
    found = decoded(prepare(source))
    assert found.mode in ("RGB", "RGBA")
    middle = found.getpixel((found.width // 2, found.height // 2))
    assert close(middle, wanted, 8)


def test_colours_of_a_wide_profile_are_converted() -> None:
    # Red and green change places in this profile, so that ignoring it would be seen.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    swapped = bytearray(srgb.tobytes())
    tags = {bytes(swapped[at : at + 4]): at for at in range(132, 132 + 12 * swapped[131], 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    swapped[red + 4 : red + 12], swapped[green + 4 : green + 12] = (
        swapped[green + 4 : green + 12],
        swapped[red + 4 : red + 12],
    )
    at = swapped.find("sRGB".encode("utf-16-be"))
    swapped[at : at + 8] = "SWAP".encode("utf-16-be")
    picture = Image.new("RGB", (64, 64), (250, 10, 10))
    prepared = prepare(saved(picture, icc_profile=bytes(swapped)))
    assert Change.COLOURS_CONVERTED in prepared.changes
    found = decoded(prepared).convert("RGB").getpixel((5, 5))
    assert close(found, (10, 250, 10), 20)


def test_a_broken_profile_costs_nothing() -> None:
    picture = Image.new("RGB", (64, 64), (250, 10, 10))
    prepared = prepare(saved(picture, icc_profile=b"no profile at all" * 20))
    assert close(decoded(prepared).convert("RGB").getpixel((5, 5)), (250, 10, 10))


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_sent(file_format: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "lime", "blue")]
    source = saved(frames[0], file_format, save_all=True, append_images=frames[1:], duration=50)
    prepared = prepare(source)
    assert Change.ONE_FRAME in prepared.changes
    assert close(decoded(prepared).convert("RGB").getpixel((5, 5)), (255, 0, 0), 12)


@pytest.mark.parametrize(
    ("content", "reason", "values"),
    [
        (b"", decoding.EMPTY, {}),
        (b"This is a letter.\n" * 9, file_kinds.TEXT, {}),
        ("这是一封信。".encode() * 2000, file_kinds.TEXT, {}),
        (b"<html><body>login</body></html>", file_kinds.TEXT, {}),
        (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', file_kinds.SVG, {}),
        (b"\xef\xbb\xbf <svg/>", file_kinds.SVG, {}),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", file_kinds.HEIC, {}),
        (b"\xff\x0a" + b"\0" * 50, file_kinds.CONVERT, {"format": "JPEG XL"}),
        (b"\0\0\0\x0cJXL \r\n\x87\n", file_kinds.CONVERT, {"format": "JPEG XL"}),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", file_kinds.TEXT, {}),
        (b"8BPS\0\x01" + b"\0" * 60, file_kinds.PHOTOSHOP, {}),
        (b"SIMPLE  =                    T" + b"\0" * 2000, file_kinds.UNKNOWN, {}),
        (os.urandom(1) + b"\x01\x02\x03" * 500, file_kinds.UNKNOWN, {}),
        (b"\x89PNG\r\n\x1a\n", decoding.BROKEN, {}),
        (b"\xff\xd8\xff\xe0", decoding.BROKEN, {}),
        (b"GIF89a", decoding.BROKEN, {}),
        (b"RIFF\x10\0\0\0WEBPVP8 ", decoding.BROKEN, {}),
    ],
)
def test_what_is_no_picture_is_refused_in_words(
    content: bytes, reason: str, values: dict[str, str]
) -> None:
    error = refused(content)
    assert error.values["reason"] == reason
    assert values.items() <= error.values.items()


def test_a_cut_picture_is_refused() -> None:
    for file_format in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"):
        source = saved(photo((200, 200)), file_format)
        for keep in (0.02, 0.3, 0.6, 0.95):
            cut = source[: int(len(source) * keep)]
            try:
                decoded(prepare(cut))  # a decoder may show a picture that lacks its end
            except StudioError as error:
                assert error.kind is ErrorKind.UNREADABLE_PICTURE
    assert refused(saved(photo(), "PNG")[:200]).values["reason"] == decoding.BROKEN
    assert refused(saved(photo(), "JPEG")[:400]).values["reason"] == decoding.BROKEN


def test_flipped_bytes_never_raise_anything_else() -> None:
    numbers = random.Random(7)
    for file_format in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"):
        source = saved(photo((90, 70)), file_format)
        for _ in range(60):
            broken = bytearray(source)
            for _ in range(numbers.randrange(1, 9)):
                broken[numbers.randrange(len(broken))] = numbers.randrange(256)
            try:
                prepare(bytes(broken))
            except StudioError as error:
                assert error.kind is ErrorKind.UNREADABLE_PICTURE


def test_of_a_camera_s_file_with_several_pictures_the_first_is_sent_upright() -> None:
    first, second = Image.new("RGB", (80, 40), (220, 0, 0)), Image.new("RGB", (80, 40), "blue")
    exif = Image.Exif()
    exif[0x0112] = 6
    source = saved(first, "MPO", save_all=True, append_images=[second], exif=exif)
    prepared = prepare(source)
    assert (prepared.width, prepared.height) == (40, 80)
    assert close(decoded(prepared).getpixel((5, 5)), (220, 0, 0), 8)
    assert {Change.ONE_OF_SEVERAL, Change.TURNED} <= set(prepared.changes)


def gif_bomb() -> bytes:
    screen = b"GIF89a" + struct.pack("<HH", 60000, 60000) + b"\x80\0\0" + b"\0" * 6
    return screen + b",\0\0\0\0" + struct.pack("<HH", 60000, 60000) + b"\0\x02\x02\x4c\x01\0;"


def bmp_bomb() -> bytes:
    bmp = bytearray(saved(Image.new("RGB", (2, 2)), "BMP"))
    bmp[18:26] = struct.pack("<ii", 20000, 20000)
    return bytes(bmp)


BOMBS: dict[str, Callable[[], bytes]] = {
    "169 MP header": lambda: png_header(13000, 13000),
    "400 MP header": lambda: png_header(20000, 20000),
    "3.6 GP header": lambda: png_header(60000, 60000),
    "GIF screen": gif_bomb,
    "zTXt": lambda: png_header(10, 10, _ztxt(200 * 1024 * 1024)),
    "BMP header": bmp_bomb,
    "WebP canvas": lambda: b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0",
}


def _ztxt(size: int) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * 1024 * 1024) for _ in range(size // 1024 // 1024))
    content = b"Comment\0\0" + packed + packer.flush()
    crc = struct.pack(">I", zlib.crc32(b"zTXt" + content))
    return struct.pack(">I", len(content)) + b"zTXt" + content + crc


_REFUSE = """
import resource, sys
from pathlib import Path
from studio.core.errors import StudioError
from studio.storage.pictures.preparing import prepare
import PIL.Image, PIL.PngImagePlugin, PIL.JpegImagePlugin, PIL.WebPImagePlugin, PIL.AvifImagePlugin
before = resource.getrusage(resource.RUSAGE_SELF)
try:
    prepare(Path(sys.argv[1]))
except StudioError as error:
    print(error.values["reason"])
after = resource.getrusage(resource.RUSAGE_SELF)
print((after.ru_maxrss - before.ru_maxrss) // 1024)
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""


@pytest.mark.skipif(os.name == "nt", reason="memory is measured otherwise there")
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(BOMBS[name]())
    done = subprocess.run(
        [sys.executable, "-c", _REFUSE, str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    reason, grown, seconds = done.stdout.splitlines()
    wanted = decoding.BROKEN if name in ("zTXt", "WebP canvas") else decoding.TOO_MUCH_MEMORY
    assert reason in (wanted, decoding.TOO_MUCH_MEMORY)
    assert int(grown) < 150
    assert float(seconds) < 1.0


def test_ten_thousand_frames_cost_no_more_than_one() -> None:
    frames = [Image.new("P", (8, 8), n % 2) for n in range(2)]
    for frame in frames:
        frame.putpalette([0, 0, 0, 255, 255, 255])
    two = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    start = two.rindex(b"\x21\xf9\x04")
    many = two[:start] + two[start:-1] * 10_000 + b";"
    prepared = prepare(many)
    assert Change.ONE_FRAME in prepared.changes


def test_a_file_is_read_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "猫 🎈.png"
    path.write_bytes(saved(photo()))
    prepared = prepare(path)
    assert prepared.name == "猫 🎈.png"
    assert prepared.original_bytes == path.stat().st_size


def test_a_folder_and_a_file_that_is_gone_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path).values["reason"] == decoding.FOLDER
    assert refused(tmp_path / "gone.png").values["reason"] == decoding.GONE
    assert refused(tmp_path / "nul\0.png").values["reason"] in (
        decoding.UNREADABLE,
        decoding.GONE,
    )


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert refused(tmp_path / "pipe.png").values["reason"] == decoding.NOT_A_FILE
    assert refused(Path("/dev/zero")).values["reason"] == decoding.NOT_A_FILE


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(decoding.MOST_BYTES + 1)
    error = refused(path)
    assert error.values["reason"] == decoding.TOO_MANY_BYTES
    assert error.values["limit"] == "100"


def test_importing_costs_no_pillow() -> None:
    modules = "preparing, library, thumbnails, attachments, decoding, file_settings"
    code = f"from studio.storage.pictures import {modules}\nimport sys\n"
    code += "from studio.storage import preferences, locations, secrets\n"
    code += "from studio.storage.db import database\n"
    heavy = {"PIL", "keyring", "platformdirs"}
    code += f"print({heavy!r} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
