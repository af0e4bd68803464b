"""Tells what a file that is no picture is, by how it begins, and what to do with it."""

from __future__ import annotations

import re
from contextlib import suppress

from studio.core.texts import QT_TRANSLATE_NOOP

TEXT = QT_TRANSLATE_NOOP("pictures", "This is a text file, not a picture.")
SVG = QT_TRANSLATE_NOOP("pictures", "SVG drawings cannot be read here. Convert it to PNG first.")
HEIC = QT_TRANSLATE_NOOP(
    "pictures",
    "HEIC photos cannot be read here. Share the photo as JPEG, or set the camera of an iPhone to"
    " “Most Compatible”.",
)
CONVERT = QT_TRANSLATE_NOOP(
    "pictures", "{format} pictures cannot be read here. Convert it to JPEG first."
)
RAW = QT_TRANSLATE_NOOP(
    "pictures", "This is a camera's raw file ({format}). Export it as JPEG first."
)
PHOTOSHOP = QT_TRANSLATE_NOOP(
    "pictures", "This is a Photoshop file. Export it as PNG or JPEG first."
)
PDF = QT_TRANSLATE_NOOP(
    "pictures", "This is a PDF document. Save the page you mean as a picture, or take a screenshot."
)
VIDEO = QT_TRANSLATE_NOOP("pictures", "This is a video. Take a screenshot of the moment you mean.")
SOUND = QT_TRANSLATE_NOOP("pictures", "This is a sound file, not a picture.")
ARCHIVE = QT_TRANSLATE_NOOP(
    "pictures", "This is a packed file or an office document. Take the picture out of it first."
)
UNKNOWN = QT_TRANSLATE_NOOP("pictures", "This is not a PNG, JPEG, WebP, GIF, BMP or AVIF picture.")

Reason = tuple[str, dict[str, str]]

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
# Beginnings, in the order in which they are looked for.
_STARTS: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"\xff\x0a", b"\x00\x00\x00\x0cJXL "), CONVERT, "JPEG XL"),
    ((b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"), CONVERT, "JPEG 2000"),
    ((b"8BPS",), PHOTOSHOP, ""),
    ((b"%PDF-",), PDF, ""),
    ((b"FUJIFILMCCD-RAW",), RAW, "RAF"),
    ((b"IIRO", b"IIRS", b"MMOR"), RAW, "ORF"),
    ((b"IIU\x00",), RAW, "RW2"),
    ((b"FOVb",), RAW, "X3F"),
    ((b"\x1aE\xdf\xa3", b"FLV\x01", b"\x00\x00\x01\xba", b"0&\xb2u\x8ef\xcf\x11"), VIDEO, ""),
    ((b"ID3", b"fLaC", b"OggS", b"\xff\xfb", b"\xff\xf3"), SOUND, ""),
    (
        (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"),
        ARCHIVE,
        "",
    ),
    ((b"\x00\x00\x01\x00",), CONVERT, "ICO"),
)
# Makers whose raw files are TIFF inside; they name themselves near the beginning.
_RAW_MAKERS = re.compile(
    rb"NIKON|Canon|SONY|PENTAX|RICOH|Hasselblad|Phase One|Leica|OLYMPUS|SAMSUNG|DNG|Panasonic"
)
_HEIC_BRANDS = re.compile(rb"hei[cxmsfv]|hev[cmxs]|mif[12]|msf1|miaf")
_AVIF_BRANDS = (b"avif", b"avis")
_VIDEO_BRANDS = re.compile(rb"isom|iso[2-9]|mp4[12]|mp42|avc1|M4V |qt  |dash|3g[2p]|MSNV|XAVC")
_SOUND_BRANDS = (b"M4A ", b"M4B ")


def reason_of(start: bytes) -> Reason:
    """Why a file that begins with `start` cannot be taken, with the values of the sentence.

    An empty reason: it begins as a picture does, so it is damaged.
    """
    if start.startswith(_PICTURES) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        return "", {}
    if start[4:8] == b"ftyp":
        return _reason_of_brands(start)
    if start[:4] == b"RIFF":
        return (VIDEO if start[8:12] == b"AVI " else SOUND), {}
    for starts, reason, name in _STARTS:
        if start.startswith(starts):
            return reason, {"format": name} if name else {}
    if start.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return _reason_of_tiff(start)
    return _reason_of_text(start)


def _reason_of_brands(start: bytes) -> Reason:
    size = int.from_bytes(start[:4], "big")
    brands = [start[8:12], *(start[at : at + 4] for at in range(16, min(size, 128), 4))]
    if brands[0] == b"crx ":
        return RAW, {"format": "CR3"}
    if any(brand in _AVIF_BRANDS for brand in brands):
        return "", {}
    if any(_HEIC_BRANDS.fullmatch(brand) for brand in brands):
        return HEIC, {}
    if brands[0] in _SOUND_BRANDS:
        return SOUND, {}
    return (VIDEO if any(_VIDEO_BRANDS.fullmatch(brand) for brand in brands) else UNKNOWN), {}


def _reason_of_tiff(start: bytes) -> Reason:
    if start[8:10] == b"CR":
        return RAW, {"format": "CR2"}
    maker = _RAW_MAKERS.search(start)
    if maker is not None:
        return RAW, {"format": maker[0].decode("ascii")}
    return CONVERT, {"format": "TIFF"}


def _reason_of_text(start: bytes) -> Reason:
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if plain.startswith(b"<svg") or (plain.startswith((b"<?xml", b"<!--")) and b"<svg" in plain):
        return SVG, {}
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) and len(start) > 2:
        return TEXT, {}  # UTF-16
    with suppress(UnicodeDecodeError):
        # A character may be cut at the end of the piece that is looked at.
        plain[:4000].decode("utf-8", "strict" if len(plain) < 4000 else "ignore")
        if b"\x00" not in plain and _printable(plain):
            return TEXT, {}
    return UNKNOWN, {}


def _printable(start: bytes) -> bool:
    return not any(byte < 32 and byte not in b"\t\n\r\x0c\x1b" for byte in start)
