"""A newcomer's first question meets a model that is not served: the next one is a click away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from PySide6.QtWidgets import QAbstractButton

from studio.core.messages import MessageStatus
from studio.demo.launch import DemoProcess, spawn
from studio.demo.options import BoxOptions
from studio.providers.registry import endpoint_for
from studio.ui.images.tab import ImageTab
from tests.contract.asking import FAST, TOKEN
from tests.governed_parts import GovernedRun
from tests.scripted import until
from tests.window_parts import click, picture, visible
from tests.wired_parts import wired_run


@pytest.fixture(scope="module")
def box() -> Iterator[DemoProcess]:
    """A box that answers at once."""
    options = BoxOptions(tokens_per_second=0, tokens=40, task_seconds=0.2, first_token_seconds=0)
    with spawn(options) as running:
        yield running


@asynccontextmanager
async def started(folder: Path, box: DemoProcess) -> AsyncIterator[GovernedRun]:
    """A fresh start of the program, at the service in a box; it ends within the test's loop."""
    made = wired_run(folder, endpoint_for("cn", box.base_url), TOKEN, FAST)
    await made.begin()
    await made.studio.service.ready()
    await made.studio.catalogue.refresh()
    try:
        yield made
    finally:
        await made.quit()


def refuse_once(box: DemoProcess) -> None:
    """Let the next model that is asked be one that nobody serves."""
    plan = {"name": "retired_model", "times": 1}
    answer = httpx.post(f"{box.hub_url}/_box/scenario", json=plan, trust_env=False)
    assert answer.status_code == 200, answer.text


async def test_in_chat(tmp_path: Path, box: DemoProcess) -> None:
    async with started(tmp_path, box) as run:
        first = run.session.conversation.model
        refuse_once(box)
        await run.asked("你好")
        assert run.card is not None
        assert run.card.title.endswith("is not served")
        assert run.last.status is MessageStatus.FAILED
        following = run.studio.catalogue.successor(first, run.session.conversation.kind)
        step = run.card.steps[-1]
        assert (step.words, step.main) == (f"Continue with {following.rpartition('/')[2]}", True)
        run.press(step.action)
        await until(lambda: run.last.status is MessageStatus.COMPLETE)
        assert run.last.text
        assert run.session.conversation.model == following != first
        assert run.session.messages[0].text == "你好"
        run.tab.presenter.new_conversation()
        assert run.session.conversation.model == following, "and it is the one from now on"


async def test_in_vision(tmp_path: Path, box: DemoProcess) -> None:
    async with started(tmp_path, box) as run:
        run.window.perform("tab_vision")
        first = run.session.conversation.model
        run.drop(picture(run.folder / "a.png", (320, 240)))
        await until(lambda: len(run.tab.presenter.attachments.parts) == 1)
        refuse_once(box)
        await run.asked("图里有什么？")
        assert run.card is not None
        step = run.card.steps[-1]
        assert step.words.startswith("Continue with ")
        run.press(step.action)
        await until(lambda: run.last.status is MessageStatus.COMPLETE)
        assert run.session.conversation.model != first
        assert run.session.messages[0].images, "the picture goes along"


async def test_in_images(tmp_path: Path, box: DemoProcess) -> None:
    async with started(tmp_path, box) as run:
        run.window.perform("tab_images")
        tab = run.window.current_tab
        assert isinstance(tab, ImageTab)
        first = tab._form.model
        tab._form.write_prompt("一只猫")
        refuse_once(box)
        tab._form.generate()

        def offered() -> list[QAbstractButton]:
            buttons = visible(tab, QAbstractButton)
            return [each for each in buttons if each.text().startswith("Continue with ")]

        await until(lambda: bool(offered()))
        click(offered()[0])
        await until(lambda: tab._stage.image is not None)
        assert tab._form.model != first
        assert tab._stage.image is not None
        assert tab._stage.image.request.prompt == "一只猫"
        assert tab._stage.image.request.model == tab._form.model
