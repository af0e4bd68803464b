"""Loads the SDKs and HTTP stacks away from the event loop: together they cost 2 s of CPU."""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading

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
_loaded: set[str] = set()
_lock = threading.Lock()


def load(name: str) -> None:
    """Import a package and its parts; cheap once it is there. Any thread may call this."""
    if name in _loaded:
        return
    with _lock:
        for part in _PARTS[name]:
            importlib.import_module(part)
        for talkative in _TALKATIVE:
            logging.getLogger(talkative).setLevel(logging.WARNING)
        _loaded.add(name)


async def ready(name: str) -> None:
    """Wait until a package is there; imported in a thread where nobody did before."""
    if name not in _loaded:
        await asyncio.to_thread(load, name)


def load_all() -> None:
    """Import everything that providers use, the likeliest first."""
    for name in _PARTS:
        load(name)
