"""Saving: the name that is written is the name that was asked about, and no name is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QWidget

from studio.ui.widgets.save_dialog import SaveDialog, settled

PICTURES = (("PNG", ("png",)), ("JPEG", ("jpg", "jpeg")), ("WebP", ("webp",)))
PAGES = (("MD", ("md", "markdown")),)
OLD = b"the old one"


@pytest.fixture
def parent(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    made.show()
    yield made
    made.close()
    made.deleteLater()


class Saving:
    """A dialog in a folder, typed into as a person does."""

    def __init__(self, parent: QWidget, folder: Path, formats: object = PICTURES) -> None:
        self.parent, self.folder = parent, folder
        self.written: list[str] = []
        self.dialog = SaveDialog(parent, "Save", formats, self._write)  # type: ignore[arg-type]  # one of ours
        self.dialog.setDirectory(str(folder))
        self.dialog.open()

    def _write(self, target: Path) -> None:
        target.write_bytes(b"new")
        self.written.append(target.name)

    def type(self, name: str, filter_name: str = "") -> None:
        if filter_name:
            self.dialog.selectNameFilter(filter_name)
            self.dialog.filterSelected.emit(filter_name)
        field = self.dialog.findChild(QLineEdit)
        assert field is not None
        field.setText(name)
        self.dialog.accept()

    def question(self) -> QMessageBox | None:
        boxes = self.parent.findChildren(QMessageBox)
        return next((each for each in boxes if each.isVisible()), None)

    def press(self, words: str) -> None:
        box = self.question()
        assert box is not None
        next(each for each in box.buttons() if each.text() == words).click()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("holiday.v2", "holiday.v2.png"),
        ("holiday", "holiday.png"),
        ("2026.11.30 at 12.30", "2026.11.30 at 12.30.png"),
        ("flux.1-dev", "flux.1-dev.png"),
        ("三亚.第二天", "三亚.第二天.png"),
        ("photo.PNG", "photo.PNG"),
        ("photo.jpeg", "photo.jpeg"),
        ("notes.txt", "notes.txt.png"),
    ],
)
def test_a_name_with_dots_is_written_whole(
    parent: QWidget, tmp_path: Path, typed: str, written: str
) -> None:
    saving = Saving(parent, tmp_path)
    saving.type(typed)
    assert saving.question() is None
    assert saving.written == [written]


@pytest.mark.parametrize(
    ("typed", "there", "formats", "chosen"),
    [
        ("holiday.v2", "holiday.v2.png", PICTURES, ""),
        ("holiday.v2", "holiday.v2.jpg", PICTURES, "JPEG (*.jpg *.jpeg)"),
        ("v1.2 notes", "v1.2 notes.md", PAGES, ""),
        ("notes.txt", "notes.txt.md", PAGES, ""),
        ("Backup 2026.11.30", "Backup 2026.11.30.zip", (("ZIP", ("zip",)),), ""),
    ],
)
def test_a_file_that_is_there_is_replaced_only_after_a_question(
    parent: QWidget, tmp_path: Path, typed: str, there: str, formats: object, chosen: str
) -> None:
    (tmp_path / there).write_bytes(OLD)
    saving = Saving(parent, tmp_path, formats)
    saving.type(typed, chosen)
    box = saving.question()
    assert box is not None and there in box.text()
    assert saving.written == [] and (tmp_path / there).read_bytes() == OLD
    saving.press("Another name")
    assert (tmp_path / there).read_bytes() == OLD
    saving.dialog = next(each for each in parent.findChildren(SaveDialog) if each.isVisible())
    assert Path(saving.dialog.selectedFiles()[0]).name in (typed, there)
    saving.type(typed, chosen)
    saving.press("Replace")
    assert saving.written == [there]


def test_code_keeps_the_name_it_was_given(parent: QWidget, tmp_path: Path) -> None:
    saving = Saving(parent, tmp_path, ())
    saving.type("Makefile")
    assert saving.written == ["Makefile"]


@pytest.mark.parametrize(
    ("name", "written"),
    [("a.", "a.png"), ("a. ", "a.png"), ("...", "....png"), ("a.png.", "a.png.png")],
)
def test_dots_at_the_end_make_no_strange_names(name: str, written: str) -> None:
    assert settled(Path("/x") / name, ["png"], "png") == Path("/x") / written
