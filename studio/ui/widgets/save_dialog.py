"""Asks where to save, so that the name that is written is the name that was asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from studio.ui.look.text import translated


def settled(path: Path, known: Sequence[str], ending: str) -> Path:
    """`path` as it will be written: with `ending`, unless it has one of those that are `known`.

    Nothing of a name is cut: `holiday.v2` becomes `holiday.v2.png`.
    """
    if not known or path.suffix.lower().lstrip(".") in known:
        return path
    return path.with_name(f"{path.name.rstrip('. ') or path.name}.{ending}")


class SaveDialog(QFileDialog):
    """Give it endings, show it with `open`, and `begin` gets the path that the user agreed to.

    `formats` are pairs of a name to be shown and its endings, the first of which is added to a
    name that has none; with no formats a name stays as it was typed. Qt (or the system) asks
    before an existing file is replaced, but it knows the typed name only: where an ending was
    added, this asks again.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        formats: Sequence[tuple[str, Sequence[str]]],
        begin: Callable[[Path], object],
    ) -> None:
        super().__init__(parent, title)
        self._formats = dict(formats)
        self._known = [each for _, endings in formats for each in endings]
        self._begin, self._ground, self._title = begin, parent, title
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if self._formats:
            self.setNameFilters(
                [
                    f"{name} ({' '.join(f'*.{each}' for each in endings)})"
                    for name, endings in formats
                ]
            )
            self.setDefaultSuffix(self._known[0])
            self.filterSelected.connect(lambda: self.setDefaultSuffix(self._ending()))
        self.fileSelected.connect(self._on_chosen)

    def set_place(self, folder: QStandardPaths.StandardLocation, name: str) -> None:
        """Where the dialog opens, and the name it suggests."""
        self.setDirectory(QStandardPaths.writableLocation(folder))
        self.selectFile(name)

    def _ending(self) -> str:
        endings = self._formats.get(self.selectedNameFilter().partition(" (")[0])
        return (endings or self._known or ("",))[0]

    def _on_chosen(self, chosen: str) -> None:
        typed = Path(chosen)
        target = settled(typed, self._known, self._ending())
        if target == typed or not target.exists():
            self._agreed(target)
        else:
            self._ask(typed, target)

    def _agreed(self, target: Path) -> None:
        self._begin(target)
        self.deleteLater()

    def _ask(self, typed: Path, target: Path) -> None:
        box = QMessageBox(self._ground)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        words = QCoreApplication.translate("files", "{name} is there already.")
        box.setText(translated("", words, {"name": target.name}))
        box.setInformativeText(
            QCoreApplication.translate("files", "Replace it, or choose another name?")
        )
        yes = QCoreApplication.translate("files", "Replace")
        other = QCoreApplication.translate("files", "Another name")
        replace = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
        again = box.addButton(other, QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(again)
        box.setEscapeButton(again)
        replace.clicked.connect(lambda: self._agreed(target))
        again.clicked.connect(lambda: self._offer(typed))
        box.open()

    def _offer(self, typed: Path) -> None:
        # A new one: what is marked in the list of a used dialog wins over what is typed next.
        again = SaveDialog(self._ground, self._title, tuple(self._formats.items()), self._begin)
        again.setDirectory(self.directory())
        again.selectNameFilter(self.selectedNameFilter())
        again.selectFile(typed.name)
        again.open()
        self.deleteLater()
