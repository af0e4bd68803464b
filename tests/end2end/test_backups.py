"""Going back to a backup in a real window: it starts again by itself, with the old words."""

from __future__ import annotations

from pathlib import Path

from desktop import User

from tests.end2end.parts import Use


def open_data_page(user: User) -> None:
    """The settings at the data page."""
    user.studio.keys("ctrl+comma")
    user.studio.click(name="Data and backups")
    user.studio.find("push button", "Back up now")


def test_what_a_backup_holds_is_back_after_a_restore_and_the_window_with_it(
    use: Use, data: Path
) -> None:
    user = use(data)
    user.ask("Keep these words")
    user.wait_answer()
    open_data_page(user)
    user.studio.click("push button", "Back up now")
    user.studio.wait_words("The backup is made.")
    user.studio.keys("Escape")
    user.studio.keys("ctrl+n")
    user.ask("Later words")
    user.wait_answer()
    process = user.studio.pid
    open_data_page(user)
    # The newest is the one by hand; the day's own may lie below it.
    user.studio.click("push button", part="Restore…: Today")
    user.studio.wait_words("Then the program starts again by itself.")
    user.studio.click("push button", "Restore")
    user.studio.wait_words("The history of the backup is back.", within=30)
    assert user.studio.pid == process
    user.studio.click("list item", part="Keep these words")
    user.wait_said("Demo")
    user.studio.wait_gone("list item", part="Later words")
    # And the program is whole: it asks, answers, and ends.
    user.ask("And again")
    user.wait_answer()
    assert len(list((data / "backups").glob("*-before-restore.db"))) == 1
    user.studio.close()
    assert user.studio.wait_end() == 0
