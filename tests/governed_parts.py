"""A run of the program whose calls are counted and believed, as the real program's are."""

from __future__ import annotations

from studio.providers.base import NetworkSettings
from studio.sessions.requests.service import Service
from studio.sessions.studio import Studio
from studio.ui.transcript.words import Card
from tests.window_parts import SCRIPTED, Run, ScriptedLate


class GovernedLate(ScriptedLate):
    """Calls go through the ledger."""

    def service(self, studio: Studio) -> Service:
        return self.metered(studio, self.builders, SCRIPTED, NetworkSettings())


class GovernedRun(Run):
    """A window over a scripted service that is counted."""

    late_type = GovernedLate

    @property
    def card(self) -> Card | None:
        """What the card below the last message says."""
        view = self.tab.presenter.view
        view.flush()
        box = view.stage.box(len(view.stage.messages) - 1).card
        return None if box is None else box.card

    @property
    def offered(self) -> list[str]:
        """What the last card offers to do."""
        return [] if self.card is None else [step.words for step in self.card.steps]
