"""Ways on from answers that did not become one: too long, thoughts alone, an empty purse."""

from __future__ import annotations

import asyncio

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import MessageStatus
from studio.core.stream import ReasoningDelta, StreamEnd, TextDelta, TextWasThought
from studio.sessions.requests.metering import EITHER_PURSE
from studio.ui.transcript.words import Card
from tests.scripted import said, until
from tests.window_parts import Run

FULL = "Range of input length should be [1, 30720]"


def card(run: Run, index: int = -1) -> Card | None:
    """What the card below a message says."""
    view = run.tab.presenter.view
    view.flush()
    box = view.stage.box(index % len(view.stage.messages)).card
    return None if box is None else box.card


def offered(run: Run, index: int = -1) -> list[str]:
    """The steps of a card."""
    found = card(run, index)
    return [] if found is None else [step.words for step in found.steps]


async def test_a_talk_that_is_too_long_goes_on_without_the_oldest_and_shows_where(run: Run) -> None:
    run.chat.scripts = [said(f"Answer {number}") for number in range(4)]
    for number in range(4):
        await run.asked(f"Question {number}")
    run.chat.scripts = [[StudioError(ErrorKind.CONTEXT_FULL, FULL, values={"model": "org/m"})]]
    await run.asked("And now?")
    assert card(run) is not None
    assert "Retry" not in offered(run), "that would only fail again"
    assert offered(run)[-1] == "Send without the oldest"
    assert any(each.startswith("Continue with ") for each in offered(run))
    run.chat.scripts = [said("Here you are.")]
    run.press("shorten")
    await run.idle()
    assert run.shown[-1] == "Here you are."
    assert run.shown[0] == "Question 0", "everything stays on the page"
    cut = next(n for n in range(len(run.shown)) if card(run, n) is not None)
    below = card(run, cut)
    assert below is not None
    assert below.title == "What stands above is not sent any more"
    first = run.chat.requests[-1].turns[0].content[0]
    assert getattr(first, "text", "") == run.shown[cut + 1]
    assert offered(run, cut) == ["Send it again"]
    run.press("send_all", cut)
    assert card(run, cut) is None
    run.chat.scripts = [said("All of it.")]
    await run.asked("Everything?")
    assert getattr(run.chat.requests[-1].turns[0].content[0], "text", "") == "Question 0"


async def test_one_question_that_is_too_long_has_another_model_as_its_way_on(run: Run) -> None:
    run.chat.scripts = [[StudioError(ErrorKind.CONTEXT_FULL, FULL, values={"model": "org/m"})]]
    await run.asked("A very long question")
    assert "Send without the oldest" not in offered(run)
    assert offered(run)[-1].startswith("Continue with ")


async def test_another_start_shows_the_cut_where_it_was(run: Run) -> None:
    run.chat.scripts = [said("a"), said("b"), said("c")]
    for text in ("1", "2", "3"):
        await run.asked(text)
    run.chat.scripts = [[StudioError(ErrorKind.CONTEXT_FULL, FULL)], said("d")]
    await run.asked("4")
    run.press("shorten")
    await run.idle()
    first = run.session.conversation
    run.tab.presenter.new_conversation()
    run.studio.chats.forget(first.id)
    run.tab.presenter.open_conversation(first.id)

    await until(lambda: len(run.shown) == 8)
    titles = [found.title for n in range(8) if (found := card(run, n)) is not None]
    assert titles == ["What stands above is not sent any more"]


async def test_an_answer_of_thoughts_alone_is_open_and_says_so(run: Run) -> None:
    run.chat.scripts = [[ReasoningDelta("Only a thought."), StreamEnd("stop")]]
    await run.asked("go")
    view = run.tab.presenter.view
    view.flush()
    box = view.stage.box(1)
    assert box.is_open
    assert run.last.status is MessageStatus.COMPLETE
    found = card(run)
    assert found is not None
    assert found.title.endswith("only thought")
    assert offered(run) == ["Retry"], "there is nothing to continue"


async def test_thoughts_that_ran_into_the_limit_say_what_helps(run: Run) -> None:
    run.chat.scripts = [[ReasoningDelta("On and on"), StreamEnd("length")]]
    await run.asked("write a long poem")
    found = card(run)
    assert found is not None
    assert "Raise the limit" in found.hint
    assert offered(run) == ["Retry"]


async def test_the_makers_empty_purse_has_another_model_as_its_way_on(run: Run) -> None:
    run.chat.scripts = [[StudioError(ErrorKind.NO_SUPPLY, "insufficient balance (1008)")]]
    await run.asked("go")
    assert offered(run)[-1].startswith("Continue with ")
    assert "See credits" not in offered(run)
    refused = StudioError(
        ErrorKind.NO_CREDITS, "Insufficient balance", values={"reason": EITHER_PURSE}
    )
    run.chat.scripts = [[refused]]
    await run.asked("go")
    found = card(run)
    assert found is not None
    assert found.hint.startswith("Your credits may be used up, or the service's own account")
    assert "See credits" in offered(run)
    assert offered(run)[-1].startswith("Continue with ")


async def test_words_on_the_page_that_turn_out_to_be_a_thought_move_into_the_fold(run: Run) -> None:
    held, late = asyncio.Event(), asyncio.Event()
    run.chat.scripts = [
        [TextDelta("The user greets me.\nI should greet."), held, TextWasThought(), late,
         TextDelta("Hello!"), StreamEnd("stop")]
    ]  # fmt: skip
    run.ask("Hi")
    await until(lambda: run.shown[-1:] == ["The user greets me.\nI should greet."])
    held.set()
    await until(lambda: run.shown[-1:] == [""])
    view = run.tab.presenter.view
    view.flush()
    assert view.stage.box(1).is_open
    assert run.last.reasoning == "The user greets me.\nI should greet."
    late.set()
    await run.idle()
    assert run.shown == ["Hi", "Hello!"]
    view.flush()
    assert not view.stage.box(1).is_open
    assert card(run) is None
