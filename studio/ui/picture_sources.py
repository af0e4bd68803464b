"""What a drop or a paste means where pictures are taken: browsers put several forms on it at once.

In this order: files, pixels, the picture within HTML, an address. A link that holds a picture is
dragged with the address of its page; the picture is meant.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

_ENCODED = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/avif")
_IMG = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I | re.S)
_NO_WORDS = re.compile(r"<(style|script|title|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.I | re.S)
_LONGEST_HTML = 40_000_000  # a data: picture may be in it


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
        if data.hasFormat(kind):
            return Sources(encoded=bytes(data.data(kind).data()))
    if data.hasImage():
        image = QImage(data.imageData())
        if not image.isNull():
            return Sources(pixels=image)
    inside = [unescape(found) for found in _pictures_in(data)]
    addresses = [each for each in [*inside, *listed] if _can_be_had(each)]
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
    words = _words(data)
    if not words:
        return pixels or any(_can_be_had(each) for each in _pictures_in(data))
    # The address of a picture that was copied is no word of the user's.
    listed = [*_listed(data), *(unescape(each) for each in _pictures_in(data))]
    return pixels and words in (each.strip() for each in listed)


def _words(data: QMimeData) -> str:
    """What a person would read of it."""
    if data.hasFormat("text/plain"):
        return data.text().strip()
    if data.hasHtml():
        return (
            unescape(_NO_WORDS.sub(" ", data.html()[:_LONGEST_HTML])).replace("\xa0", " ").strip()
        )
    return ""


def _listed(data: QMimeData) -> Iterator[str]:
    """The addresses that are listed, as they were written: Qt loses bytes that are not UTF-8."""
    if data.hasFormat("text/uri-list"):
        lines = bytes(data.data("text/uri-list").data()).decode("latin-1").splitlines()
        yield from (line.strip() for line in lines if line.strip() and not line.startswith("#"))
    else:
        yield from (url.toString() for url in data.urls())


def _pictures_in(data: QMimeData) -> list[str]:
    if not data.hasHtml():
        return []
    found = _IMG.findall(data.html()[:_LONGEST_HTML])
    return [next(form for form in forms if form) for forms in found if any(forms)]


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
