"""An error in place: what happened, why, the request's number, and the step that helps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QDialog

from studio.core.errors import TEXTS, ErrorAction, ErrorKind, StudioError
from studio.core.messages import MessageStatus
from studio.core.stream import StreamEnd, TextDelta
from studio.providers.reasons import BY_SCRIPT
from studio.sessions.requests import retry
from studio.sessions.states import SessionState
from studio.ui import links
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.shell.onboarding import WelcomeSheet
from studio.ui.widgets.model_popup import ModelPopup
from studio.ui.widgets.sheet import Sheet
from tests.scripted import said, until
from tests.window_parts import SCRIPTED, Run, click, named, spy, visible


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {kind: tuple(0.01 for _ in delays) for kind, delays in retry._DELAYS.items()}
    monkeypatch.setattr(retry, "_DELAYS", quick)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Addresses that were handed to the browser."""
    calls: list[Any] = []
    monkeypatch.setattr(links, "open_url", spy(calls))
    yield calls


def card_of(run: Run) -> Any:
    """The card below the last message."""
    view = run.tab.presenter.view
    view.flush()
    box = view.stage.box(len(view.stage.messages) - 1).card
    assert box is not None
    return box.card


async def fail(run: Run, kind: ErrorKind, *, after: str = "", **facts: Any) -> None:
    """Ask something and be refused, every time."""
    begun = [TextDelta(after)] if after else []
    run.chat.scripts = [[*begun, StudioError(kind, **facts)] for _ in range(5)]
    await run.asked("go")
    run.chat.scripts = []


async def test_every_error_says_what_and_why_in_place(run: Run) -> None:
    for kind in ErrorKind:
        run.ctrl(Qt.Key.Key_N)
        await fail(run, kind, detail="upstream said no", request_id="req-42")
        card = card_of(run)
        assert card.title, kind
        assert card.hint, kind
        # Raw words are never a line of their own: who said them stands before them.
        assert card.detail in (
            "The service said: upstream said no",
            "Technical details: upstream said no",
        )
        assert card.request_id == "req-42"
        assert run.last.status is MessageStatus.FAILED
        # Never as the answer's text, never as a window over the others.
        assert run.shown == ["go", ""]
        assert not visible(run.window, QDialog)
        stored = await run.stored(run.session.conversation.id)
        assert [message.text for message in stored] == run.shown


async def test_the_step_of_every_error_does_something(run: Run, opened: list[Any]) -> None:
    clipboard = QGuiApplication.clipboard()
    done: dict[ErrorAction, Callable[[], bool]] = {
        ErrorAction.RETRY: lambda: run.shown == ["go", "now it works"],
        ErrorAction.TOKEN_SETTINGS: lambda: bool(visible(run.window, WelcomeSheet)),
        ErrorAction.NETWORK_SETTINGS: lambda: bool(visible(run.window, SettingsSheet)),
        ErrorAction.BIND_ACCOUNT: lambda: opened.pop().toString() == SCRIPTED.binding_page,
        ErrorAction.VERIFY_ACCOUNT: lambda: opened.pop().toString() == SCRIPTED.account_page,
        ErrorAction.CREDITS_PAGE: lambda: opened.pop().toString() == SCRIPTED.credits_page,
        ErrorAction.OTHER_MODEL: lambda: bool(visible(run.window, ModelPopup)),
        ErrorAction.COPY_DETAILS: lambda: "req-42" in clipboard.text(),
    }
    offered = set()
    for kind in ErrorKind:
        action = TEXTS[kind].action
        if action in (ErrorAction.NONE, ErrorAction.SHORTEN):
            continue  # with one question there is nothing to leave out
        offered.add(action)
        run.ctrl(Qt.Key.Key_N)
        await fail(run, kind, detail="upstream said no", request_id="req-42")
        assert action in [step.action for step in card_of(run).steps], kind
        clipboard.clear()
        asked = len(run.chat.requests)
        run.chat.scripts = [said("now it works")]
        run.press(action)
        await run.idle()
        assert done[action](), kind
        assert len(run.chat.requests) == asked + (action is ErrorAction.RETRY)
        for sheet in visible(run.window, Sheet):
            sheet.close_sheet()
        for popup in visible(run.window, ModelPopup):
            popup.hide()
        await run.wake()
    assert offered == set(done)


async def test_a_wrong_token_is_not_tried_again_and_the_question_stays(run: Run) -> None:
    await fail(run, ErrorKind.WRONG_TOKEN)
    assert len(run.chat.requests) == 1
    run.press("token_settings")
    sheet = visible(run.window, WelcomeSheet)[0]
    sheet.close_sheet()
    run.chat.scripts = [said("hello")]
    run.press("retry")
    await run.idle()
    assert run.shown == ["go", "hello"]


async def test_what_came_stays_above_the_card(run: Run) -> None:
    await fail(run, ErrorKind.CUT_SHORT, after="half an answer")
    assert run.shown == ["go", "half an answer"]
    assert run.last.status is MessageStatus.INTERRUPTED
    assert [step.action for step in card_of(run).steps] == ["retry", "continue"]


async def test_continue_goes_on_below_and_leaves_the_draft_alone(run: Run) -> None:
    await fail(run, ErrorKind.CUT_SHORT, after="half an answer")
    run.field.setPlainText("my draft")
    run.chat.scripts = [said("the other half")]
    run.press("continue")
    await run.idle()
    assert run.shown[1] == "half an answer"
    assert run.shown[3] == "the other half"
    assert run.field.toPlainText() == "my draft"
    assert [turn.role.value for turn in run.chat.requests[-1].turns] == [
        "user",
        "assistant",
        "user",
    ]


async def test_an_answer_at_its_limit_says_so_and_offers_to_go_on(run: Run) -> None:
    run.chat.scripts = [[TextDelta("one two"), StreamEnd("length")]]
    await run.asked("count")
    assert run.last.status is MessageStatus.COMPLETE
    assert [step.action for step in card_of(run).steps] == ["continue"]


async def test_a_filtered_answer_says_so(run: Run) -> None:
    run.chat.scripts = [[TextDelta("one"), StreamEnd("content_filter")]]
    await run.asked("count")
    assert card_of(run).steps == ()
    assert "filter" in card_of(run).hint


async def test_a_throttled_question_counts_down_in_sight_and_can_be_stopped(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_DELAYS", {ErrorKind.THROTTLED: (30.0,)})
    run.chat.scripts = [[StudioError(ErrorKind.THROTTLED)], said("later")]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.BACKING_OFF)
    await until(lambda: "Next try in" in run.tab.composer._note.text())
    click(named(run.tab, QAbstractButton, "Stop"))
    await run.idle()
    assert len(run.chat.requests) == 1
    assert run.last.status is MessageStatus.STOPPED


async def test_an_answer_that_cannot_be_stored_says_so_and_stays_on_the_page(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.storage.history import conversations

    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("precious"), held, *said(" words")]]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.STREAMING)

    def full(*_: object, **__: object) -> None:
        raise StudioError(ErrorKind.STORAGE, "database or disk is full")

    monkeypatch.setattr(conversations, "save_turn", full)
    held.set()
    await run.idle()
    assert run.shown == ["go", "precious words"]
    assert card_of(run).detail == "Technical details: database or disk is full"


async def test_save_again_saves_what_is_on_the_page_and_asks_nothing(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("precious"), held, *said(" words")]]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.STREAMING)
    run.database.call_sync(lambda c: c.execute("PRAGMA query_only = 1"))
    held.set()
    await run.idle()
    assert run.shown == ["go", "precious words"]
    assert [step.words for step in card_of(run).steps] == ["Save again"]
    assert run.last.status is MessageStatus.COMPLETE, "no cursor blinks"
    run.database.call_sync(lambda c: c.execute("PRAGMA query_only = 0"))
    run.press("retry")
    await until(lambda: run.last.error is None)
    assert len(run.chat.requests) == 1
    view = run.tab.presenter.view
    view.flush()
    assert view.stage.box(1).card is None


async def test_a_question_without_a_token_can_be_tried_offline_and_is_answered(run: Run) -> None:
    asked: list[Any] = []
    run.window.demo_requested.connect(spy(asked))
    await fail(run, ErrorKind.NO_TOKEN)
    steps = card_of(run).steps
    assert [step.words for step in steps] == ["Try it offline", "Open token settings"]
    run.press("try_offline")
    assert len(asked) == 1
    run.chat.scripts = [said("from the box")]
    service = run.studio.service
    service.use(service.endpoint, "box", demo=True)
    await until(lambda: run.shown == ["go", "from the box"])
    await run.idle()


async def test_who_enters_a_token_instead_is_not_asked_for_twice(run: Run) -> None:
    await fail(run, ErrorKind.NO_TOKEN)
    run.press("try_offline")
    service, asked = run.studio.service, len(run.chat.requests)
    service.use(service.endpoint, "a token")
    service.use(service.endpoint, "box", demo=True)
    await run.wake()
    assert len(run.chat.requests) == asked


async def test_an_unread_proxy_script_leads_to_the_network_settings(run: Run) -> None:
    values = {"reason": BY_SCRIPT, "step": "network_settings", "host": "h"}
    await fail(run, ErrorKind.NO_NETWORK, values=values)
    card = card_of(run)
    assert "script (PAC)" in card.hint
    assert [step.action for step in card.steps] == ["retry", "network_settings"]
    run.press("network_settings")
    assert visible(run.window, SettingsSheet)
