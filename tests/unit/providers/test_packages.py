"""What is loaded ahead is left off between two modules when the program ends."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

# In a process of its own: here everything is loaded already, and stays so.
_CHILD = """
import importlib.abc, json, sys, threading
from studio.core.messages import ChatProtocol
from studio.providers import packages, registry

seen, after = [], []

class Notes(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if threading.current_thread() is loading:
            (after if packages._gate.closed else seen).append(name)
            if name == sys.argv[1]:
                packages.stop()

sys.meta_path.insert(0, Notes())
def load_both():
    for protocol in ChatProtocol:
        registry.preload(protocol)

loading = threading.Thread(target=load_both)
loading.start()
loading.join()
from email import mime  # the end itself may need a module
print(json.dumps({"seen": len(seen), "after": after, "loaded": sorted(packages._loaded)}))
"""


def stopped_at(module: str) -> dict[str, Any]:
    """What a thread that loads everything had read when it was stopped at one module."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, module], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("module", "loaded"),
    [
        ("httpx", []),
        ("openai", ["httpx"]),  # at its very beginning
        ("openai.types.chat", ["httpx"]),  # half-way through a second of importing
        ("pydantic", ["httpx"]),  # a package of another's
        ("anthropic", ["httpx", "openai"]),
    ],
)
def test_whoever_closes_early_does_not_wait_for_an_sdk(module: str, loaded: list[str]) -> None:
    found = stopped_at(module)
    assert found["loaded"] == loaded
    # The one that was asked for when it ended, and what stands behind it in our own code.
    third_party = [name for name in found["after"] if not name.startswith(("studio", "ssl"))]
    assert len(third_party) <= 1, third_party


_ONE_DOOR = """
import json, sys
from studio.core.messages import ChatProtocol
from studio.providers import registry
registry.preload(ChatProtocol(sys.argv[1]))
print(json.dumps([name for name, module in sys.modules.items() if module is not None]))
"""


@pytest.mark.parametrize(("protocol", "other"), [("openai", "anthropic"), ("anthropic", "openai")])
def test_one_door_brings_nothing_of_the_other(protocol: str, other: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ONE_DOOR, protocol], capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout)
    assert {protocol, f"studio.providers.{protocol}_chat", "httpx", "httpx2"} <= set(loaded)
    for unwanted in (other, f"studio.providers.{other}_chat", "click", "httpx._main"):
        assert unwanted not in loaded


def test_without_an_end_everything_is_loaded() -> None:
    found = stopped_at("no module at all")
    assert found["loaded"] == ["anthropic", "httpx", "openai"]
    assert found["seen"] > 500
