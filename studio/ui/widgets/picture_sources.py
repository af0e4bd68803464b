"""What a drop or a paste means where pictures are taken: browsers put several forms on it at once.

In this order: files, pixels, bytes, the picture within HTML, an address. A link that holds a
picture is dragged with the address of its page; the picture is meant.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QImage

_ENCODED = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/avif")
# Each takes all that it has begun, closed or not: none looks twice at what a page is made of.
_IMG = re.compile(r"<img(?=[\s/])((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)", re.I)
_ATTRIBUTE = re.compile(
    r"([^\s=/\"'>]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]*)))?|\"[^\"]*\"|'[^']*'"
)
_NO_WORDS = re.compile(
    r"<(style|script|title|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.I | re.S
)
_LONGEST_HTML = 40_000_000  # a data: picture may be in it
# Chromium drags the file itself as this.
_BYTES = "application/octet-stream"
# The first line names what was done with the files.
_COPIED_FILES = "x-special/gnome-copied-files"
# What is seen as nothing: marks of byte order, of no width, and of where an object stood.
_BLANK = re.compile(r"[\s\0\u200b-\u200f\u2060\ufeff\ufffc]+")


class Sources(NamedTuple):
    """What can be taken; the first that is not empty is meant."""

    files: tuple[Path, ...] = ()
    pixels: QImage | None = None
    encoded: bytes = b""
    addresses: tuple[str, ...] = ()  # http, https and data:

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.files or self.pixels is not None or self.encoded or self.addresses)


def sources_of(data: QMimeData) -> Sources:
    """The pictures that are meant by what was dropped or pasted."""
    listed = list(_listed(data))
    files = tuple(dict.fromkeys(path for path in map(_file, listed) if path is not None))
    if files:
        return Sources(files=files)
    for kind in _ENCODED:
        # Firefox names kinds of which it has nothing.
        if data.hasFormat(kind) and (content := bytes(data.data(kind).data())):
            return Sources(encoded=content)
    if data.hasImage():
        image = QImage(data.imageData())
        if not image.isNull():
            return Sources(pixels=image)
    inside = _pictures_in(data)
    addresses = [each for each in [*inside, *listed] if _can_be_had(each)]
    content = b"" if addresses and _bytes_are_slow() else _bytes_of(data)
    if content:
        return Sources(encoded=content)
    # Of a picture within a link, only the picture.
    return Sources(addresses=tuple(dict.fromkeys(addresses[:1] if inside else addresses)))


def means_pictures(data: QMimeData) -> bool:
    """Whether a paste into a field for words means pictures and no words.

    Office programs put a picture of copied words beside them, and browsers the address beside a
    link that was copied: then the words are meant.
    """
    if any(_file(each) is not None for each in _listed(data)):
        return True
    pixels = data.hasImage() or any(data.hasFormat(kind) for kind in _ENCODED)
    inside = _pictures_in(data)
    if not _words(data):
        return pixels or any(_can_be_had(each) for each in inside)
    # The address of a picture that was copied or dragged is no word of the user's.
    return not words_of(data) and (pixels or bool(inside and not _words_of_html(data)))


def words_of(data: QMimeData) -> str:
    """The words that are meant, whatever pictures are between or beside them; "" for none.

    A name of a file, and the address of what is dragged or copied, are no words of the user's.
    """
    words, listed = _words(data), list(_listed(data))
    if not words or any(_file(each) is not None for each in listed):
        return ""
    known = {unquote(each) for each in ["", *listed, *_pictures_in(data)]}
    return words if any(unquote(line.strip()) not in known for line in words.splitlines()) else ""


def _words(data: QMimeData) -> str:
    """What a person would read of it."""
    if data.hasFormat("text/plain"):
        return _seen(data.text())
    return _words_of_html(data)


def _words_of_html(data: QMimeData) -> str:
    if not data.hasHtml():
        return ""
    return _seen(unescape(_NO_WORDS.sub(" ", data.html()[:_LONGEST_HTML])))


def _seen(words: str) -> str:
    return words.strip() if _BLANK.sub("", words) else ""


def _listed(data: QMimeData) -> Iterator[str]:
    """The addresses that are listed, as they were written: Qt loses bytes that are not UTF-8."""
    kind = next((each for each in ("text/uri-list", _COPIED_FILES) if data.hasFormat(each)), "")
    if not kind:
        yield from (url.toString() for url in data.urls())
        return
    # Some file managers end what they list as C ends its strings.
    listed = bytes(data.data(kind).data()).rstrip(b"\0").decode("latin-1").splitlines()
    lines = (line.strip() for line in listed)
    yield from (line for line in lines if ":" in line and not line.startswith("#"))


def _bytes_of(data: QMimeData) -> bytes:
    """The file itself, where the other program hands it over."""
    return bytes(data.data(_BYTES).data()) if data.hasFormat(_BYTES) else b""


def _bytes_are_slow() -> bool:
    """Whether asking for bytes may hold the window: where an address will do, it is taken.

    Under X11 Chromium 156 begins to hand over more than 1 MiB of a drag and never goes on; Qt
    waits five seconds for it.
    """
    return QGuiApplication.platformName() == "xcb"


def _pictures_in(data: QMimeData) -> list[str]:
    if not data.hasHtml():
        return []
    tags = _IMG.findall(data.html()[:_LONGEST_HTML])
    return [address for address in map(_source_of, tags) if address]


def _source_of(attributes: str) -> str:
    """The first src among the attributes of a tag; "data-src" is none."""
    for name, *values in _ATTRIBUTE.findall(attributes):
        if name.lower() == "src":
            return unescape("".join(values)).strip()
    return ""


def _file(address: str) -> Path | None:
    """The file that a file: address is for: of this computer, whatever bytes its name has."""
    if address[:5].lower() != "file:":
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.hostname not in (None, "", "localhost", socket.gethostname().lower()):
        return None
    # A "?" or "#" that was not coded is a letter of the name.
    name = address[5:].removeprefix("//")
    name = name[name.find("/") :] if "/" in name else name
    raw = unquote_to_bytes(name.encode("latin-1", "replace"))
    if os.name == "nt":
        return Path(raw.decode("utf-8", "replace").lstrip("/"))
    return Path(os.fsdecode(raw))


def _can_be_had(address: str) -> bool:
    scheme = address.partition(":")[0].lower()
    return scheme in ("http", "https") or address[:11].lower() == "data:image/"
