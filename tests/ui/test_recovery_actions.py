"""What a person sees while the service refuses: a countdown, and another model to go on with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QAbstractButton, QPushButton

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import MessageStatus
from studio.core.models import Standing
from studio.core.stream import TextDelta
from studio.sessions.requests import retry
from studio.sessions.requests.request_queue import TurnKind
from studio.sessions.requests.usage_log import ASKED_EARLIER, Used
from studio.sessions.states import SessionState
from studio.ui.chat import wait_note
from studio.ui.chat.recovery_actions import Remedies
from studio.ui.look import text
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.shell.queue_popover import QueuePopover
from tests.governed_parts import GovernedRun
from tests.scripted import said, until
from tests.window_parts import click, named, texts, visible

LIVE = "Qwen/Qwen3.5-35B-A3B"
OLD, NEXT = "Qwen/Qwen2.5-Coder-32B-Instruct", "Qwen/Qwen3-Coder-30B-A3B-Instruct"


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[GovernedRun]:
    """A window with a model that writes code."""
    made = GovernedRun(tmp_path / "data")
    await made.begin()
    made.tab.use_model(OLD)
    yield made
    await made.quit()


@pytest.fixture
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_DELAYS", {ErrorKind.THROTTLED: (30.0, 60.0, 60.0)})


async def throttled(run: GovernedRun) -> None:
    """Ask, and be told to come back later."""
    run.chat.scripts.insert(0, [StudioError(ErrorKind.THROTTLED)])
    run.ask("Which one is most urgent?")
    await until(lambda: run.session.state is SessionState.BACKING_OFF)


@pytest.mark.usefixtures("_slow")
async def test_a_throttled_answer_counts_down_in_its_place(run: GovernedRun) -> None:
    await throttled(run)
    card = run.card
    assert card is not None
    assert card.title == "Retrying in 30 s"
    assert card.hint.endswith("Your message is kept; this is try 2 of 4.")
    assert run.offered == ["Cancel"]
    await until(lambda: run.card is not None and run.card.title == "Retrying in 29 s")


@pytest.mark.usefixtures("_slow")
async def test_cancelling_the_countdown_sends_nothing_more(run: GovernedRun) -> None:
    await throttled(run)
    run.press("cancel_wait")
    await run.idle()
    assert len(run.chat.requests) == 1
    assert run.last.status is MessageStatus.STOPPED
    assert run.shown == ["Which one is most urgent?", ""]
    assert "Cancel" not in run.offered
    # It was the service that asked to wait; another question is welcome.
    await run.asked("And now?")
    assert len(run.chat.requests) == 2


async def test_after_the_countdown_the_answer_stands_in_its_place(
    run: GovernedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_DELAYS", {ErrorKind.THROTTLED: (0.05, 0.05, 0.05)})
    run.chat.scripts = [said("The pool.")]
    await throttled(run)
    await run.idle()
    assert run.shown[-1] == "The pool."
    assert run.card is None


@pytest.mark.usefixtures("_slow")
async def test_a_countdown_stays_with_its_own_conversation(run: GovernedRun) -> None:
    await throttled(run)
    waiting = run.session.conversation.id
    run.window.perform("new")
    assert run.shown == []
    run.tab.open_conversation(waiting)
    await until(lambda: run.session.conversation.id == waiting)
    assert run.offered == ["Cancel"]
    run.session.stop()
    await run.idle()


async def test_a_model_that_is_gone_offers_the_next_best_and_the_question_goes_on(
    run: GovernedRun,
) -> None:
    gone = StudioError(ErrorKind.MODEL_GONE, values={"model": OLD})
    run.chat.scripts = [[gone], said("Here is the patch.")]
    await run.asked("Write the fix as a patch.")
    assert run.card is not None
    assert run.card.title == "Qwen2.5-Coder-32B-Instruct is not served"
    assert run.offered == ["Choose…", "Continue with Qwen3-Coder-30B-A3B-Instruct"]
    run.press(f"continue_with:{NEXT}")
    await run.idle()
    assert run.shown == ["Write the fix as a patch.", "Here is the patch."]
    assert [request.model for request in run.chat.requests] == [OLD, NEXT]
    assert run.session.conversation.model == NEXT
    assert run.last.model == NEXT
    # The refusal is still there, as the first version of the answer.
    assert run.session.versions[run.last.id] == (2, 2)


async def test_a_model_that_is_gone_is_marked_and_comes_last(run: GovernedRun) -> None:
    gone = StudioError(ErrorKind.MODEL_GONE, values={"model": OLD})
    run.chat.scripts = [[gone]]
    await run.studio.catalogue.refresh()
    await run.asked("Write the fix.")
    assert run.studio.catalogue.find(OLD).standing is Standing.RETIRED


class _Tomorrow(QDateTime):
    """The clock of the next day."""

    @staticmethod
    def currentDateTime() -> QDateTime:  # type: ignore[override]  # as we call it
        return QDateTime.currentDateTime().addDays(1)


async def test_a_card_that_is_looked_at_past_midnight_says_the_day_anew(
    run: GovernedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"reason": ASKED_EARLIER, "until": str(int(time.time()) + 86_400)}
    run.chat.scripts = [[StudioError(ErrorKind.DONE_FOR_TODAY, values=values)]]
    await run.asked("go")
    assert run.card is not None
    assert "tomorrow" in run.card.hint
    monkeypatch.setattr(text, "QDateTime", _Tomorrow)
    remedies = run.tab.presenter.findChild(Remedies)
    assert remedies is not None
    remedies._day = remedies._day.addDays(-1)
    remedies._await_midnight()
    assert run.card is not None
    assert "tomorrow" not in run.card.hint
    assert remedies._midnight.isActive()


async def test_a_model_done_for_today_says_so_at_once_and_can_be_asked_anyway(
    run: GovernedRun,
) -> None:
    run.tab.use_model(LIVE)
    run.chat.scripts = [[StudioError(ErrorKind.DONE_FOR_TODAY, values={"model": LIVE})]]
    await run.asked("One more thing.")
    assert "Ask anyway" not in run.offered
    run.window.perform("new")
    await run.asked("Again?")
    assert len(run.chat.requests) == 1
    assert run.card is not None
    assert run.card.title == "Qwen3.5-35B-A3B is done for today"
    assert "not asked again" in run.card.hint
    assert run.offered[0] == "Ask anyway"
    assert run.offered[-1] == "Continue with Qwen3.5-122B-A10B"
    run.chat.scripts = [said("It works after all.")]
    run.press("ask_anyway")
    await run.idle()
    assert len(run.chat.requests) == 2
    assert run.last.text == "It works after all."


async def test_a_model_done_for_today_is_no_successor(run: GovernedRun) -> None:
    run.tab.use_model(NEXT)
    run.chat.scripts = [[StudioError(ErrorKind.DONE_FOR_TODAY, values={"model": NEXT})]]
    await run.asked("One more thing.")
    run.tab.use_model(OLD)
    run.chat.scripts = [[StudioError(ErrorKind.MODEL_GONE, values={"model": OLD})]]
    await run.asked("And with you?")
    assert run.offered[-1].startswith("Continue with ")
    assert NEXT.rpartition("/")[2] not in run.offered[-1]


async def test_where_no_other_model_is_known_one_can_be_chosen(run: GovernedRun) -> None:
    for model in run.studio.catalogue.models(run.tab._kind):
        if model.id != OLD:
            run.studio.usage_log.count_call(
                run.studio.service.key,
                model.id,
                Used(),
                StudioError(ErrorKind.DONE_FOR_TODAY),
            )
    run.chat.scripts = [[StudioError(ErrorKind.MODEL_GONE, values={"model": OLD})]]
    await run.asked("And with you?")
    assert run.offered == ["Choose another model"]


def popover(run: GovernedRun) -> QueuePopover:
    """The queue, opened as a click on its chip does."""
    run.window.open_queue()
    return visible(run.window, QueuePopover)[0]


@pytest.mark.usefixtures("_slow")
async def test_the_queue_says_who_waits_for_what_and_lets_each_be_ended(run: GovernedRun) -> None:
    await throttled(run)
    first = run.session
    run.window.perform("new")
    run.ask("Second question")
    await until(lambda: run.studio.request_queue.waiting == 1)
    sheet = popover(run)
    assert [row.facts.split(" · ")[0] for row in sheet.rows] == ["Chat", "Chat"]
    assert "try 2 of 4" in sheet.rows[0].facts
    assert sheet.rows[1].facts.split(" · ")[1] == "goes next"
    assert {"Running", "Waiting"} <= set(texts(sheet))
    click(named(sheet, QAbstractButton, "Cancel: Second question"))
    await until(lambda: run.studio.request_queue.waiting == 0)
    assert len(sheet.rows) == 1
    click(named(sheet, QAbstractButton, "Cancel: Which one is most urgent?"))
    await until(lambda: first.state is SessionState.IDLE)
    assert not [row for row in sheet.rows if row.facts]
    assert "Nothing is in flight." in texts(sheet)
    sheet.close()
    await run.idle()


async def test_a_pause_holds_back_what_waits_until_one_goes_on(run: GovernedRun) -> None:
    request_queue = run.studio.request_queue
    sheet = popover(run)
    click(named_text(sheet, "Pause"))
    assert request_queue.paused
    run.chat.scripts = [said("late")]
    run.ask("Not yet")
    await until(lambda: request_queue.waiting == 1)
    assert run.chat.requests == []
    click(named_text(sheet, "Resume"))
    await run.idle()
    assert run.last.text == "late"
    sheet.close()


async def test_the_queue_shows_the_picture_in_the_making_beside_what_is_asked(
    run: GovernedRun,
) -> None:
    request_queue = run.studio.request_queue

    async def order(label: str) -> None:
        async with request_queue.turn(TurnKind.IMAGE, label, "org/painter") as turn:
            request_queue.hand_over(turn)
            await asyncio.Event().wait()

    for label in ("a boat", "a bridge", "a barn"):
        run.studio.tasks.start(order(label), "make a picture")
    await until(lambda: request_queue.waiting == 2)
    sheet = popover(run)
    assert {"In the making", "Waiting"} <= set(texts(sheet))
    assert "Answers do not wait for pictures that the service works on." in texts(sheet)
    facts = [row.facts for row in sheet.rows]
    assert facts[1:] == ["Picture · when the picture is done", "Picture · 2 in line · painter"]
    go_on = asyncio.Event()
    run.chat.scripts = [[TextDelta("mean"), go_on, *said("while")]]
    run.ask("Now?")
    await until(lambda: run.session.state is SessionState.STREAMING)
    assert [row.facts.split(" · ")[0] for row in sheet.rows] == ["Chat", *["Picture"] * 3]
    go_on.set()
    await run.idle()
    assert run.last.text == "meanwhile"
    click(named(sheet, QAbstractButton, "Cancel: a boat"))
    await until(lambda: request_queue.waiting == 1)
    assert request_queue.turns[0].label == "a bridge"
    click(named(sheet, QAbstractButton, "Cancel: a barn"))
    click(named(sheet, QAbstractButton, "Cancel: a bridge"))
    await until(lambda: not request_queue.turns)
    sheet.close()


async def test_change_leads_to_the_setting(run: GovernedRun) -> None:
    click(named_text(popover(run), "Change"))
    assert visible(run.window, SettingsSheet)[0].page == "network"


async def test_more_requests_at_once_hold_at_once(run: GovernedRun) -> None:
    request_queue = run.studio.request_queue
    async with request_queue.turn(TurnKind.IMAGE, "a boat", "m"):
        run.chat.scripts = [said("meanwhile")]
        run.ask("Now?")
        await until(lambda: request_queue.waiting == 1)
        request_queue.set_limits(2, 1)
        await run.idle()
    assert run.last.text == "meanwhile"


def named_text(root: QueuePopover, words: str) -> QPushButton:
    """The visible button with these words."""
    return next(each for each in visible(root, QPushButton) if each.text() == words)


async def test_an_answer_that_falls_silent_says_for_how_long(
    run: GovernedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait_note, "SILENT_SECONDS", 1.0)
    go_on = asyncio.Event()
    run.chat.scripts = [[TextDelta("Once upon"), go_on, *said(" a time.")]]
    run.ask("Tell me a story")
    note = run.tab.composer._note
    await until(lambda: run.session.state is SessionState.STREAMING)
    assert note.text() == ""
    await until(lambda: note.text() == "Nothing has come for 1 s")
    go_on.set()
    await run.idle()
    assert note.text() == ""
    assert run.last.text == "Once upon a time."
