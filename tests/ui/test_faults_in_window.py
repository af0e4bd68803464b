"""Every fault of the service in the real window: told in place, asked no oftener, no leak."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.errors import TEXTS, ErrorAction
from studio.core.messages import MessageStatus
from studio.demo.launch import DemoProcess, spawn
from studio.demo.options import BoxOptions
from studio.providers.registry import endpoint_for
from studio.sessions.requests import retry
from tests.contract.asking import FAST, TOKEN
from tests.contract.heartbeat import Heartbeat
from tests.contract.test_box import FAULTS, _asked, _plan, _set
from tests.wired_parts import everything_said, wired_run

MODEL = "Qwen/Qwen3.5-35B-A3B"
IMPATIENT = replace(FAST, idle_seconds=1.0)
# The wait that the service asks for is kept here: a short one.
SHOWN = {("429:0.05" if name == "429:7" else name): kind for name, kind in FAULTS.items()}


@pytest.fixture(scope="module")
def box() -> Iterator[DemoProcess]:
    """A box that answers at once."""
    options = BoxOptions(tokens_per_second=0, tokens=40, task_seconds=0.2, first_token_seconds=0)
    with spawn(options) as running:
        yield running


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {kind: tuple(0.01 for _ in delays) for kind, delays in retry._DELAYS.items()}
    monkeypatch.setattr(retry, "_DELAYS", quick)


def leaks(folder: Path) -> list[Path]:
    """Files below `folder` that hold the token in any spelling."""
    spellings = [TOKEN.encode(), TOKEN[3:].encode(), TOKEN.encode("utf-16-le")]
    spellings.append(base64.b64encode(TOKEN.encode()))
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in spellings)
    ]


@pytest.mark.parametrize("fault", list(SHOWN))
async def test_each_fault_in_the_window(
    tmp_path: Path, box: DemoProcess, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    _forget(box)
    run = wired_run(tmp_path, endpoint_for("cn", box.base_url), TOKEN, IMPATIENT)
    await run.begin()
    run.tab.use_model(MODEL)
    await run.studio.service.ready()
    _plan(box, fault)
    async with Heartbeat() as heart:
        await run.asked("Tell me of the sea")
    answer = run.last
    expected = SHOWN[fault]
    tries = 1
    if answer.error is None:
        assert answer.status is MessageStatus.COMPLETE
        assert expected in ("", answer.finish_reason)
        assert answer.text or answer.reasoning
    else:
        kind = answer.error.kind
        assert expected in ("", kind.value)
        assert answer.status is not MessageStatus.COMPLETE
        card = run.card
        assert card is not None
        assert card.title
        assert card.steps or TEXTS[kind].action is ErrorAction.NONE
        if answer.status is MessageStatus.FAILED:
            assert not answer.parts
            tries = retry.tries_of(kind)
    assert _asked(box, "chat") == tries
    assert run.shown[0] == "Tell me of the sea", "the question is never lost"
    assert heart.longest < 0.2
    said = everything_said(run)
    assert TOKEN not in said
    assert TOKEN[3:] not in said
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert TOKEN[3:] not in logged
    # Stored as shown, and no file holds the token.
    stored = await run.stored(run.session.conversation.id)
    assert [(m.text, m.status) for m in stored] == [
        (m.text, m.status) for m in run.session.messages
    ]
    await run.quit()
    assert leaks(tmp_path) == []


def _forget(box: DemoProcess) -> None:
    import httpx

    httpx.delete(f"{box.hub_url}/_box/scenario", trust_env=False)
    httpx.delete(f"{box.hub_url}/_box/requests", trust_env=False)
    _set(box, tokens=40)
