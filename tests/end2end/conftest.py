"""Parts of the tests that drive the real program: one desktop a module, a box, and studios on it.

Marked `desktop`: a virtual screen, a window manager, a keyring and an accessibility bus of their
own. Where the tools for that are missing, the tests say which instead of passing by.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from desktop import Desktop, Program, User, missing_tools

from studio.demo.launch import DemoProcess, spawn
from studio.demo.options import BoxOptions
from tests.end2end.parts import TOKEN, Start, Tell, Use

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.desktop)


# Qt's own, when a reader asks for a row that is gone meanwhile.
_HARMLESS = "qt.accessibility.atspi: Could not find accessible on path"


@pytest.fixture(scope="session")
def _tools() -> None:
    if sys.platform != "linux":
        pytest.skip("a virtual screen is a matter of X11")
    lacking = missing_tools()
    if lacking:
        pytest.fail(f"These packages are missing: {' '.join(lacking)}")


@pytest.fixture(scope="module")
def desktop(_tools: None) -> Iterator[Desktop]:
    """A desktop with an unlocked keyring, shared by the tests of a module."""
    with Desktop() as made:
        yield made
        assert made.folder.exists()
    assert made.started.left() == []


@pytest.fixture(scope="module")
def box() -> Iterator[DemoProcess]:
    """A box that takes TOKEN only; its result pictures come from another port."""
    options = BoxOptions(
        accepted_tokens=(TOKEN,),
        files_port=0,
        task_seconds=1.5,
        first_token_seconds=0.1,
        tokens_per_second=300,
    )
    with spawn(options) as made:
        yield made


@pytest.fixture
def start(desktop: Desktop) -> Iterator[Start]:
    """Start studios on the desktop; each is ended with the test, and none may have complained."""
    running: list[Program] = []

    def start_one(*arguments: str, **options: Any) -> Program:
        running.append(desktop.start_program(*arguments, **options))
        return running[-1]

    logs = desktop.home / "data"
    before = set(logs.rglob("*.log"))
    yield start_one
    for each in reversed(running):
        each.end()
    said = [each.said for each in running]
    written = [path.read_text("utf-8") for path in set(logs.rglob("*.log")) - before]
    # An error that nobody expected: of a slot, of a task, of the toolkit.
    assert [
        line for text in said for line in text.splitlines() if not line.startswith(_HARMLESS)
    ] == []
    assert [text for text in written if " ERROR " in text] == []


@pytest.fixture
def use(desktop: Desktop, box: DemoProcess, start: Start) -> Use:
    """Someone in front of a studio that talks to the box with its token, and keeps all in `data`.

    More arguments are handed to the program, `more` goes into its environment.
    """

    def use_one(data: Path, *arguments: str, more: Mapping[str, str] | None = None) -> User:
        words = ["--base-url", box.base_url, "--data-dir", str(data), *arguments]
        user = User(desktop, start(*words, more={"MODA_STUDIO_TOKEN": TOKEN, **(more or {})}))
        user.studio.find("check box", "Chat")
        return user

    return use_one


@pytest.fixture
def data(desktop: Desktop, request: pytest.FixtureRequest) -> Path:
    """A data folder of this test's own, in the desktop's home; not made yet."""
    return Path(desktop.home, "data", str(request.node.name))


@pytest.fixture
def tell(box: DemoProcess) -> Tell:
    """Ask the box about itself, or tell it what to do next."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(path: str, wish: object = None, method: str = "") -> Any:
        body = None if wish is None else json.dumps(wish).encode()
        url = f"{box.hub_url}/_box/{path}"
        verb = method or ("GET" if body is None else "POST")
        called = urllib.request.Request(url, body, method=verb)
        with opener.open(called, timeout=30) as answer:
            return json.load(answer)

    return ask
