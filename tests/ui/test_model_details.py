"""What was learned of a model is read below its parameters, and forgotten there."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QPushButton

from studio.core.lessons import Fact
from studio.core.stream import ModelLearned
from studio.ui.chat.model_details import _WORDS, ModelDetails
from tests.governed_parts import GovernedRun
from tests.scripted import said
from tests.ui.test_recovery_actions import run  # noqa: F401 - a fixture
from tests.window_parts import child, click, named

SAID = "This model <b>only</b> support stream mode"


def test_every_fact_has_its_words() -> None:
    assert set(_WORDS) == set(Fact)


async def test_a_fact_is_told_with_its_evidence_and_forgotten_by_a_click(
    run: GovernedRun,  # noqa: F811
) -> None:
    details = child(run.tab.inspector, ModelDetails)
    assert not details.isVisibleTo(run.tab.inspector)
    run.chat.scripts = [[ModelLearned(Fact.STREAMS_ONLY, SAID), *said("ok")], said("again")]
    await run.asked("go")
    model = run.session.conversation.model
    assert details.isVisibleTo(run.tab.inspector)
    shown = [each.text() for each in details.findChildren(QLabel)]
    assert "Answers only as a stream" in shown
    assert any(each.startswith(f"“{SAID}”") for each in shown), "as written, never as HTML"
    assert run.studio.lessons.facts(run.studio.service.key, model) == {Fact.STREAMS_ONLY}
    run.tab.use_model("org/other")
    assert not details.isVisibleTo(run.tab.inspector)
    run.tab.use_model(model)
    click(named(details, QPushButton, "Forget what was learned about this model"))
    assert not details.isVisibleTo(run.tab.inspector)
    await run.asked("once more")
    assert run.chat.requests[-1].known == frozenset()
    assert run.chat.requests[0].known == frozenset()
