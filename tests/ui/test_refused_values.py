"""A value that the service refuses: the field says so, and the card leads there."""

from __future__ import annotations

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import MessageStatus, Parameters
from studio.ui.chat.inspector import Inspector
from studio.ui.transcript.words import MEND
from studio.ui.widgets.problem_label import ProblemLabel
from tests.scripted import said
from tests.window_parts import Run, child, focused, visible, write

SAID = "temperature must be <= 1"


def refusal(fields: str = "temperature", words: str = SAID) -> list[StudioError]:
    """What a protocol makes of it."""
    return [StudioError(ErrorKind.REFUSED, words, values={"fields": fields})]


def problems(run: Run) -> list[str]:
    """What the parameters say is wrong with them."""
    return [each.text() for each in visible(run.tab.inspector, ProblemLabel) if each.text()]


async def _refused(run: Run, parameters: Parameters, script: list[StudioError]) -> None:
    run.session.change(parameters=parameters)
    run.chat.scripts = [script]
    await run.asked("go")
    assert run.last.status is MessageStatus.FAILED


async def test_the_field_says_what_the_service_refused_until_it_is_changed(run: Run) -> None:
    await _refused(run, Parameters(temperature=1.8), refusal())
    assert problems(run) == [f"The service refused this: {SAID}"]
    run.chat.scripts = [said("Hello")]
    field = run.tab.inspector._temperature.number()
    field.clear()
    write(field, "0.9")
    assert problems(run) == []
    run.tab.inspector.flush()
    run.press("retry", -1)
    await run.idle()
    assert run.chat.requests[-1].parameters.temperature == 0.9
    assert run.last.text == "Hello"


async def test_the_card_opens_the_parameters_at_the_refused_field(run: Run) -> None:
    run.tab.head.toggle_inspector()
    assert not child(run.tab, Inspector).isVisible()
    await _refused(run, Parameters(max_tokens=99_999), refusal("max_tokens", "at most 8192"))
    view = run.tab.presenter.view
    view.flush()
    card = view.stage.box(1).card
    assert card is not None
    steps = card.card.steps
    assert [(each.words, each.main) for each in steps][-1] == ("Change it in the parameters", True)
    run.press(MEND, -1)
    assert child(run.tab, Inspector).isVisible()
    assert focused() is run.tab.inspector._max_tokens.number()
    assert problems(run) == ["The service refused this: at most 8192"]


@pytest.mark.parametrize("where", ["another model", "another conversation"])
async def test_what_one_model_refused_is_not_said_of_another(run: Run, where: str) -> None:
    await _refused(run, Parameters(top_p=0.99), refusal("top_p", "top_p must be < 0.9"))
    assert problems(run) == ["The service refused this: top_p must be < 0.9"]
    if where == "another model":
        run.tab.use_model("org/other")
    else:
        run.tab.presenter.new_conversation()
    assert problems(run) == []


async def test_both_of_two_refused_values_are_marked(run: Run) -> None:
    both = refusal("temperature top_p", "cannot both be set")
    await _refused(run, Parameters(temperature=0.5, top_p=0.9), both)
    assert problems(run) == ["The service refused this: cannot both be set"] * 2
