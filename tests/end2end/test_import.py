"""A ChatGPT export comes in in a real window: looked at first, then taken, as a person points."""

from __future__ import annotations

import shutil
from pathlib import Path

from desktop import Desktop

from tests.end2end.parts import Use

EXPORT = Path(__file__).parents[1] / "data" / "imports" / "chatgpt" / "pictures.zip"


def test_an_export_is_looked_at_then_taken_and_its_pictures_are_seen(
    use: Use, data: Path, desktop: Desktop
) -> None:
    shutil.copy(EXPORT, desktop.home)  # where the dialog begins
    user = use(data)
    studio = user.studio
    user.run("Import conversations")
    # Not typed: Qt's list of completions comes when it has read the folder, and whatever click or
    # Enter comes next goes to close it.
    studio.click("tree item", EXPORT.name)
    studio.wait(
        lambda glance: any(each.text == EXPORT.name for each in glance.find("text", "File name:")),
        "the chosen name in the field",
    )
    studio.click("push button", "Open")
    studio.wait_words("ChatGPT · 1 conversation · 2 messages · 2 pictures · 2023-11-14")
    assert not studio.look().find("list item", part="hello")
    studio.click("push button", "Import 1 conversation")
    studio.wait_words("1 conversation imported.")
    studio.click("list item", part="Pictures")
    user.wait_said("Here is another.")
    assert list((data / "attachments").glob("*/*"))
    user.ask("And now?")
    user.wait_answer()
    studio.close()
    assert studio.wait_end() == 0
