"""Loads the SDKs and HTTP stacks away from the event loop: together they cost 2 s of CPU."""

from __future__ import annotations

import asyncio
import importlib
import importlib.abc
import logging
import sys
import threading
from types import ModuleType
from typing import cast

# What a first request would otherwise import in mid-air: the SDKs load their parts lazily.
_PARTS = {
    "httpx": ("httpx", "httpcore", "socksio", "certifi", "anyio._backends._asyncio"),
    "openai": (
        "httpx2",
        "httpcore2",
        "anyio._backends._asyncio",
        "concurrent.futures.thread",
        "encodings.idna",
        "openai",
        "openai.lib._client_auth",
        "openai.resources.chat.chat",
        "openai.resources.chat.completions.completions",
    ),
    "anthropic": ("httpx2", "httpcore2", "anthropic", "anthropic.resources.messages.messages"),
}
# Their debug messages hold whole prompts, and OPENAI_LOG or ANTHROPIC_LOG would switch them on.
_TALKATIVE = ("openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2")
# Their command lines, with a parser of its own: both go without where it cannot be imported.
_NEEDLESS: dict[str, ModuleType | None] = {"httpx._main": None, "httpx2._main": None}
_loaded: set[str] = set()
_lock = threading.Lock()


class _Ended(BaseException):
    """The program ends: no `except ImportError` on the way may go on with something else."""


class _Gate(importlib.abc.MetaPathFinder):
    """Asked before each module is read; it finds none, and after `stop` it ends the loading.

    An SDK is one import of a second or more: only between its modules can it be left.
    """

    def __init__(self) -> None:
        self.closed = False
        self.loading = threading.local()  # `here`: this thread does what nobody will need

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Let the next finder look; raises _Ended where loading is to end."""
        if self.closed and getattr(self.loading, "here", False):
            raise _Ended(fullname)


_gate = _Gate()


def load(name: str) -> None:
    """Import a package and its parts; cheap once it is there. Any thread may call this.

    After `stop` it returns with whatever was there by then.
    """
    if name in _loaded:
        return
    with _lock:
        if _gate not in sys.meta_path:
            sys.meta_path.insert(0, _gate)
        cast("dict[str, ModuleType | None]", sys.modules).update(_NEEDLESS)
        _gate.loading.here = True
        try:
            for part in _PARTS[name]:
                importlib.import_module(part)
        except _Ended:
            return
        finally:
            _gate.loading.here = False
        for talkative in _TALKATIVE:
            logging.getLogger(talkative).setLevel(logging.WARNING)
        _loaded.add(name)


def stop() -> None:
    """Leave off loading at the next module: the process ends, and would only wait for it."""
    _gate.closed = True


async def ready(name: str) -> None:
    """Wait until a package is there; imported in a thread where nobody did before."""
    if name not in _loaded:
        await asyncio.to_thread(load, name)
