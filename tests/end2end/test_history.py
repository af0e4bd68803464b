"""The history in a real window: a search that leads to its place, a drag into a folder."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from desktop import Desktop, Glance

from studio.storage.db.database import Database
from studio.storage.history import folders
from studio.storage.locations import locate
from tests.end2end.parts import Use
from tests.history_parts import fill, keep


@pytest.fixture
def filled(data: Path) -> Path:
    """A data folder with a few conversations, older ones, and an empty folder."""
    data.mkdir(parents=True)
    locations = locate(data)
    with_history = Database.open(locations.database)
    fill(with_history, 150)
    keep(with_history, "about tea", "Which tea?", "Any.\n\n" * 60 + "The needle tea is rare.")
    keep(with_history, "about coffee", "Which coffee?", "A dark one.")
    with_history.call_sync(folders.create_folder, "home", "Home")
    with_history.close()
    locations.settings.write_text('{"welcome_done": true}', encoding="utf-8")
    return data


def test_a_search_leads_to_its_place_in_the_answer(use: Use, filled: Path) -> None:
    user = use(filled)
    user.studio.write("Search all conversations", "needle")
    user.studio.find("list item", part="The needle tea is rare.")
    user.studio.keys("Down", "Return")
    assert "needle" in user.wait_said("needle")
    user.studio.keys("ctrl+shift+f", "Escape")
    user.studio.find("list item", part="about coffee\n")


def test_a_conversation_is_dragged_into_a_folder_and_is_there_after_a_start(
    desktop: Desktop, use: Use, filled: Path
) -> None:
    user = use(filled)
    row = user.studio.settled("list item", part="about coffee\n")
    home = user.studio.settled("list item", part="Home\n")
    desktop.hands.drag(row.centre, home.centre)
    user.studio.find("list item", part="Home\n1 conversation")

    def below_home(glance: Glance) -> bool:
        rows = [each for each in glance.find("list item") if each.showing]
        names = [each.name.split("\n")[0] for each in sorted(rows, key=lambda each: each.box[1])]
        # A glance may come while the rows are being set anew: then one is missing.
        return ("Home", "about coffee") in pairwise(names)

    user.studio.wait(below_home, "the row below its folder")
    user.studio.close()
    assert user.studio.wait_end() == 0
    again = use(filled)
    again.studio.wait(below_home, "the row below its folder")
