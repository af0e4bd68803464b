"""Gives the memory of large blocks back to the system as soon as they are freed."""

from __future__ import annotations

import sys
from functools import cache

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 256 * 1024  # bytes


@cache
def return_large_blocks() -> None:
    """Keep glibc from hoarding what pictures were decoded in; elsewhere nothing is to be done.

    By itself it raises the size from which a block is mapped on its own to that of the largest
    block freed so far. From the second picture on every thread's heap then holds pictures in
    between of small things, and none of it goes back: 32 pictures of 1328 x 1328 cost 250 MB that
    way, and 45 MB this way.
    """
    if sys.platform != "linux":
        return
    import ctypes  # only who handles pictures needs it

    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is not None:
        adjust(_MMAP_THRESHOLD, _LARGE)
