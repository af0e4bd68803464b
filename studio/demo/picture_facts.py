"""Looks at a picture for real: size, colours, brightness, what stands out, and camera data."""

from __future__ import annotations

import base64
import binascii
import colorsys
import io
import warnings
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageChops, ImageStat, UnidentifiedImageError

from studio.demo.refusals import Refusal

# The service's limits in practice; a client has to keep to them.
MOST_BYTES = 5 * 1024 * 1024
LONGEST_SIDE = 2048
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_GPS = 0x8825
_BROKEN = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What was measured. `colours` are (name, share of the area), largest first; `subject` is
    the box (left, top, right, bottom) in pixels of the area that differs most."""

    width: int
    height: int
    format: str
    bytes: int
    brightness: int
    contrast: int
    colours: tuple[tuple[str, float], ...]
    subject: tuple[int, int, int, int]
    subject_colour: str
    exif_tags: int
    has_place: bool

    def words(self, book: dict[str, Any]) -> dict[str, object]:
        """The measures in the words of a language."""
        names = book["colours"]
        listed = book["between"].join(f"{names[name]} {share:.0%}" for name, share in self.colours)
        shape = "square" if self.width == self.height else "landscape"
        shape = "portrait" if self.height > self.width else shape
        exif = "none" if not self.exif_tags else "some"
        return {
            "width": self.width,
            "height": self.height,
            "format": self.format,
            "bytes": f"{self.bytes / 1024:.1f} KiB",
            "brightness": self.brightness,
            "brightness_word": book["brightness"][_grade(self.brightness, 33, 66, "brightness")],
            "contrast_word": book["contrast"][_grade(self.contrast, 12, 24, "contrast")],
            "colours": listed,
            "first_colour": names[self.colours[0][0]],
            "second": names[self.colours[1][0]] if len(self.colours) > 1 else "",
            "orientation": book["orientation"][shape],
            "exif": book["exif"]["gps" if self.has_place else exif].replace(
                "{{tags}}", str(self.exif_tags)
            ),
        }


def decode_url(url: str) -> bytes:
    """The bytes of a `data:` URL; raises the service's refusal for a bad one."""
    head, _, payload = url.partition(",")
    if not head.endswith(";base64"):
        raise Refusal(400, "Invalid image url: only base64 data is supported", deep=True)
    # Measured before decoding: four characters carry three bytes.
    if len(payload) * 3 // 4 > MOST_BYTES + 2:
        raise Refusal(
            400, f"The image file size exceeds {MOST_BYTES} bytes: image file size exceed"
        )
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, "Invalid image url: not base64", deep=True) from error


def opened(raw: bytes) -> Image.Image:
    """A picture with its pixels decoded; slow, so call it in a thread. Raises a refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(raw), formats=FORMATS)
            # Asked before the pixels are decoded: a header alone can claim gigabytes.
            if max(picture.size) > LONGEST_SIDE:
                raise Refusal(400, f"The input size exceed {LONGEST_SIDE} pixels a side")
            picture.load()
            return picture
    except _BROKEN as error:
        raise Refusal(400, "The image could not be decoded", deep=True) from error


def look(raw: bytes) -> PictureFacts:
    """Decode and measure a picture; slow, so call it in a thread. Raises a refusal."""
    return _measure(opened(raw), len(raw))


def _measure(picture: Image.Image, size: int) -> PictureFacts:
    exif = picture.getexif()
    small = picture.convert("RGB")
    small.thumbnail((96, 96))
    light = ImageStat.Stat(small.convert("L"))
    flat = small.quantize(8)
    palette = flat.getpalette() or []
    counts = sorted(flat.getcolors() or [], key=lambda row: -row[0])
    area = small.width * small.height
    shares: dict[str, float] = {}
    for count, index in counts:
        assert isinstance(index, int)
        name = colour_name(*palette[3 * index : 3 * index + 3])
        shares[name] = shares.get(name, 0.0) + count / area
    ranked = sorted(shares.items(), key=lambda row: -row[1])
    subject, colour = _subject(small, picture.size)
    return PictureFacts(
        width=picture.width,
        height=picture.height,
        format=picture.format or "?",
        bytes=size,
        brightness=round(light.mean[0] / 2.55),
        contrast=round(light.stddev[0] / 2.55),
        colours=tuple(row for row in ranked[:4] if row[1] >= 0.02),
        subject=subject,
        subject_colour=colour,
        exif_tags=len(exif),
        has_place=bool(exif.get_ifd(_GPS)),
    )


def _subject(small: Image.Image, full: tuple[int, int]) -> tuple[tuple[int, int, int, int], str]:
    # The background is the median colour of the rim; the subject is what is far from it.
    rim = Image.new("L", small.size, 255)
    rim.paste(0, (2, 2, max(3, small.width - 2), max(3, small.height - 2)))
    background = tuple(ImageStat.Stat(small, rim).median)
    distance = ImageChops.difference(small, Image.new("RGB", small.size, background)).convert("L")
    top = distance.getextrema()[1]
    assert isinstance(top, int | float)
    mask = distance.point([255 if value > max(8, top / 2) else 0 for value in range(256)])
    left, upper, right, lower = mask.getbbox() or (0, 0, small.width, small.height)
    mean = ImageStat.Stat(small, mask if mask.getbbox() else None).mean
    across, down = full[0] / small.width, full[1] / small.height
    box = (round(left * across), round(upper * down), round(right * across), round(lower * down))
    return box, colour_name(*(round(value) for value in mean))


_HUES = ((15, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (195, "teal"),
         (255, "blue"), (295, "purple"), (345, "pink"), (361, "red"))  # fmt: skip


def colour_name(red: int, green: int, blue: int) -> str:
    """The everyday name of a colour (0 to 255 a channel)."""
    hue, light, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = (max(red, green, blue) - min(red, green, blue)) / 255
    if light < 0.09:
        return "black"
    if light > 0.93:
        return "white"
    if chroma < 0.09 or saturation < 0.1:
        return "grey"
    name = next(name for limit, name in _HUES if hue * 360 < limit)
    if name in ("orange", "yellow") and light < 0.38:
        return "brown"
    if name == "red" and light > 0.72:
        return "pink"
    return "navy" if name == "blue" and light < 0.27 else name


def _grade(value: int, low: int, high: int, kind: str) -> str:
    names = ("dark", "medium", "bright") if kind == "brightness" else ("low", "medium", "high")
    return names[0] if value < low else names[1] if value < high else names[2]
