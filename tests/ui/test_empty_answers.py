"""What is said below an answer of which not a character came promises nothing that is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from studio.core.errors import ErrorKind, StoredError
from studio.core.messages import (
    ChatProtocol,
    ImagePart,
    Message,
    MessageStatus,
    Part,
    ReasoningPart,
    Role,
    TextPart,
)
from studio.core.settings import Language
from studio.demo.launch import DemoProcess, spawn
from studio.demo.options import BoxOptions
from studio.providers.registry import endpoint_for
from studio.ui.transcript import words
from tests.contract.asking import FAST, TOKEN
from tests.wired_parts import wired_run

_NOTHING: list[tuple[Part, ...]] = [
    (),
    (TextPart(""),),
    (TextPart(" \n\n"),),
    (ReasoningPart(" ", signature="s"), TextPart("")),
]
_ENDS = [
    (MessageStatus.STOPPED, None),
    (MessageStatus.INTERRUPTED, None),
    *((MessageStatus.INTERRUPTED, kind) for kind in sorted(words._KEEPS)),
]


def card(parts: tuple[Part, ...], status: MessageStatus, kind: ErrorKind | None) -> words.Card:
    """The card below an answer that ended so."""
    error = StoredError(kind) if kind else None
    found = words.card(Message("c", Role.ASSISTANT, parts, status=status, error=error))
    assert found is not None
    return found


@pytest.mark.parametrize(("status", "kind"), _ENDS)
@pytest.mark.parametrize("parts", _NOTHING)
def test_nothing_is_said_to_be_kept_where_nothing_came(
    parts: tuple[Part, ...], status: MessageStatus, kind: ErrorKind | None
) -> None:
    shown = card(parts, status, kind)
    assert shown.hint == "It ended before anything of the answer came. Your message is kept."
    assert [step.action for step in shown.steps] == ["retry"], "there is nothing to go on from"


@pytest.mark.parametrize(("status", "kind"), _ENDS)
@pytest.mark.parametrize("part", [TextPart("H"), ReasoningPart("Hm"), ImagePart("aa")])
def test_one_character_that_came_is_said_to_be_kept(
    part: Part, status: MessageStatus, kind: ErrorKind | None
) -> None:
    assert card((part,), status, kind).hint.endswith("is kept.")
    assert "Your message" not in card((part,), status, kind).hint


def test_it_is_said_in_chinese(language: Callable[[Language], None]) -> None:
    language(Language.CHINESE)
    for status, kind in _ENDS:
        hint = card((), status, kind).hint
        assert hint == "还没收到任何内容就结束了。你的消息已保留。"


def test_a_limit_or_a_filter_without_a_word_offers_no_rest_of_it() -> None:
    for reason in ("length", "max_tokens"):
        shown = words.card(Message("c", Role.ASSISTANT, (TextPart(" "),), finish_reason=reason))
        assert shown is not None
        assert "Continue" not in shown.hint
        assert [step.action for step in shown.steps] == ["retry"]
    held = words.card(Message("c", Role.ASSISTANT, (), finish_reason="content_filter"))
    assert held is not None
    assert held.title == "The service held back the answer"


@pytest.mark.parametrize("protocol", list(ChatProtocol))
@pytest.mark.parametrize("fault", ["cut_reset:0", "cut_chunk:0", "cut_clean:0"])
async def test_a_connection_cut_before_the_first_character_leaves_fitting_words(
    tmp_path: Path, protocol: ChatProtocol, fault: str
) -> None:
    options = BoxOptions(tokens_per_second=0, tokens=40, first_token_seconds=0)
    with spawn(options) as box:
        run = wired_run(tmp_path, endpoint_for("cn", box.base_url), TOKEN, FAST)
        await run.begin()
        try:
            await run.studio.service.ready()
            await run.studio.catalogue.refresh()
            _plan(box, fault)
            run.session.change(protocol=protocol)
            await run.asked("你好")
            assert run.card is not None
            assert run.last.text == ""
            assert run.last.status is MessageStatus.FAILED
            assert "What came" not in run.card.hint
            assert not run.card.detail.startswith("[")
        finally:
            await run.quit()


def _plan(box: DemoProcess, fault: str) -> None:
    plan = {"name": fault, "times": 9}
    answer = httpx.post(f"{box.hub_url}/_box/scenario", json=plan, trust_env=False)
    assert answer.status_code == 200, answer.text
