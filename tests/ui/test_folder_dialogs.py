"""Where the data is, on its page: moving it, what is refused, and what to watch out for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from studio.sessions.operations import relocation as session
from studio.sessions.operations.relocation import Drive, Relocation
from studio.storage.drives import drive_of
from studio.storage.locations import Locations
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.widgets.folder_dialogs import drive_words
from tests.scripted import until
from tests.window_parts import Run, child, click, texts, visible


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Run]:
    """A window whose folder no command line has given."""
    made = Run(tmp_path / "data")
    places = made.studio.locations._replace(note=tmp_path / "config" / "note.json")
    use(made, places)
    await made.begin()
    yield made
    await made.quit()


def use(run: Run, places: Locations) -> Relocation:
    """Have the data be in these places."""
    studio = run.studio
    made = Relocation(places, studio.operations, studio.restart, studio.tasks)
    studio.__dict__["relocation"] = made
    return made


async def opened(run: Run) -> SettingsSheet:
    """The data page."""
    run.window.open_settings("data")
    await until(lambda: run.tasks.count == 0)
    return child(run.window, SettingsSheet)


async def choose(run: Run, sheet: SettingsSheet, folder: Path) -> QMessageBox:
    """Choose a folder to move to; the question or refusal that follows."""
    click(sheet.data_card.move_data)
    (dialog,) = visible(run.window, QFileDialog)
    dialog.fileSelected.emit(str(folder))
    dialog.reject()
    await until(lambda: bool(visible(run.window, QMessageBox)))
    (box,) = visible(run.window, QMessageBox)
    return box


def press(box: QMessageBox, words: str) -> None:
    """Press a button of a question."""
    click(next(each for each in box.buttons() if each.text() == words))


async def test_after_the_question_everything_is_copied_and_the_program_starts_again(
    own: Run, tmp_path: Path
) -> None:
    own.database.back_up()
    wishes: list[Path | None] = []
    own.studio.restart.requested.connect(lambda: wishes.append(own.studio.restart.data))
    box = await choose(own, await opened(own), tmp_path / "new")
    assert box.text() == f"Move the data to {tmp_path / 'new'}?"
    assert "The old folder stays" in box.informativeText()
    press(box, "Move")
    await until(lambda: wishes == [tmp_path / "new"])
    assert [each.suffix for each in (tmp_path / "new" / "backups").iterdir()] == [".db"]


async def test_whoever_says_no_keeps_everything_as_it_is(own: Run, tmp_path: Path) -> None:
    box = await choose(own, await opened(own), tmp_path / "new")
    press(box, "Cancel")
    await until(lambda: own.tasks.count == 0)
    assert not (tmp_path / "new").exists()
    assert not own.studio.restart.wanted


async def test_each_folder_that_will_not_do_is_refused_in_words(own: Run, tmp_path: Path) -> None:
    data = own.studio.locations.data
    full = tmp_path / "full"
    (full / "Moda Studio").mkdir(parents=True)
    for folder in (full, full / "Moda Studio"):
        (folder / "letter.txt").write_text("mine", encoding="utf-8")
    sheet = await opened(own)
    for folder, words in (
        (data, "The data is in this folder already."),
        (data / "within", "The new folder cannot lie within the old one."),
        (full, "The folder is not empty. Choose an empty or a new one."),
    ):
        box = await choose(own, sheet, folder)
        assert box.text() == words
        press(box, "Close")
        await until(lambda: not visible(own.window, QMessageBox))
    assert own.studio.operations.operation is None


@pytest.mark.parametrize("drive", [Drive.CLOUD, Drive.NETWORK])
async def test_an_unsafe_place_is_warned_of_before_and_as_long_as_it_is_used(
    own: Run, tmp_path: Path, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "Dropbox" / "studio"
    kinds = {Drive.CLOUD: "ext4", Drive.NETWORK: "nfs4"}
    if drive is Drive.NETWORK:
        target = tmp_path / "share"

    def on_a_share(path: Path, _: str) -> Drive:
        return drive_of(path, kinds[drive])

    monkeypatch.setattr(session, "drive_of", on_a_share)
    sheet = await opened(own)
    box = await choose(own, sheet, target)
    assert drive_words(drive) in box.informativeText()
    press(box, "Cancel")
    sheet.close_sheet()
    moved = use(own, own.studio.locations._replace(data=target))
    own.window._dialogs = None
    assert await moved.look_at_drive() is drive
    own.window.dialogs.warn_of_drive(lambda: own.window.open_settings("data"))
    assert own.said == drive_words(drive)
    await until(lambda: own.window.findChild(SettingsSheet) is None)
    assert drive_words(drive) in texts((await opened(own)).data_card)


async def test_a_local_folder_is_nothing_to_speak_of(own: Run) -> None:
    assert await own.studio.relocation.look_at_drive() is Drive.LOCAL
    own.window.dialogs.warn_of_drive(lambda: None)
    assert own.said == ""
    assert drive_words(Drive.LOCAL) == ""


async def test_a_folder_of_the_command_line_cannot_be_moved(run: Run) -> None:
    sheet = await opened(run)
    assert not sheet.data_card.move_data.isEnabled()
    assert sheet.data_card.move_data.toolTip() == "The folder was given on the command line."


async def test_the_old_folder_is_offered_when_the_new_one_cannot_be_used(
    own: Run, tmp_path: Path
) -> None:
    use(own, own.studio.locations._replace(previous=tmp_path / "old"))
    own.window._dialogs = None
    own.window.dialogs.offer_previous("The data folder is not there.")
    assert own.said == "The data folder is not there."
    bar = own.window._notices
    assert bar is not None
    click(bar._action)
    assert own.studio.restart.previous == tmp_path / "old"
    assert own.studio.restart.wanted
