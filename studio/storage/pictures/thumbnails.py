"""Makes small pictures of large ones and keeps them in the cache, named by the content."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

from studio.storage.files import private_folder, write_whole
from studio.storage.pictures.decoding import (
    BROKEN,
    DECODING_ERRORS,
    open_picture,
    plain_pixels,
    unreadable,
)

SIDE = 256
_QUALITY = 85
_GROUND = (255, 255, 255)


class Thumbnails:
    """The folder of thumbnails; it may be emptied at any time. All methods block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the thumbnail of a picture lies, if it has been made."""
        return self.folder / sha256[:2] / f"{sha256}.jpg"

    def find(self, sha256: str) -> bytes | None:
        """A thumbnail that was made before."""
        with suppress(OSError):
            return self.path(sha256).read_bytes() or None
        return None

    def make(self, sha256: str, content: bytes) -> bytes:
        """A JPEG of at most 256 pixels a side; kept when the cache can be written.

        `content` is the picture with that hash. Raises StudioError when it is no picture.
        """
        found = self.find(sha256)
        if found:
            return found
        made = shrink(content)
        path = self.path(sha256)
        with suppress(OSError):  # a cache that cannot be written costs time only
            private_folder(path.parent)
            write_whole(path, made, private=True)
        return made


def shrink(content: bytes, side: int = SIDE) -> bytes:
    """The picture as a JPEG of at most `side` pixels, transparent places white."""
    # Pillow takes 40 ms to import, and the first paint needs no thumbnail from here.
    from PIL import Image

    with open_picture(content) as opened:
        try:
            if opened.format == "JPEG":
                opened.draft(opened.mode, (side, side))
            opened.load()
            picture = plain_pixels(opened)
            picture.thumbnail((side, side))
            if picture.mode == "RGBA":
                ground = Image.new("RGB", picture.size, _GROUND)
                ground.paste(picture, mask=picture.getchannel("A"))
                picture = ground
            picture = picture.convert("RGB")
            target = io.BytesIO()
            picture.save(target, "JPEG", quality=_QUALITY)
        except DECODING_ERRORS as error:
            raise unreadable(BROKEN, str(error)) from error
    return target.getvalue()
