"""Files with several pictures in them: which one shows something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MOST_FRAMES = 30  # looked at
MOST_PIXELS = 60_000_000  # of all of them together


def show_something(opened: ImageFile) -> None:
    """Go to the first frame with more than one colour, else to the first that is not clear."""
    pixels = opened.width * opened.height
    frames = min(getattr(opened, "n_frames", 1), MOST_FRAMES, max(1, MOST_PIXELS // pixels))
    plain: int | None = None
    for number in range(frames):
        opened.seek(number)
        frame = opened.convert("RGBA")
        if frame.getchannel("A").getextrema()[1] == 0:
            continue
        if frame.convert("RGB").getcolors(1) is None:
            return
        plain = number if plain is None else plain
    opened.seek(plain or 0)
