"""Saves a piece of text where the user says: written in the background, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QFileInfo, QIODevice, QSaveFile
from PySide6.QtWidgets import QWidget

from studio.ui.widgets.notice import Notice
from studio.ui.widgets.save_dialog import SaveDialog

_ENDINGS = {
    "python": "py",
    "py": "py",
    "javascript": "js",
    "js": "js",
    "typescript": "ts",
    "bash": "sh",
    "sh": "sh",
    "shell": "sh",
    "c": "c",
    "cpp": "cpp",
    "c++": "cpp",
    "java": "java",
    "go": "go",
    "rust": "rs",
    "html": "html",
    "css": "css",
    "json": "json",
    "yaml": "yaml",
    "toml": "toml",
    "sql": "sql",
    "markdown": "md",
    "xml": "xml",
}


def file_name_for(language: str) -> str:
    """A name for code in a language; an unknown one is plain text."""
    return f"code.{_ENDINGS.get(language.strip().lower(), 'txt')}"


def save_text(parent: QWidget, text: str, name: str, say: Callable[[Notice], object]) -> None:
    """Ask for a place and write there; `say` tells when the disk refuses."""
    title = QCoreApplication.translate("files", "Save as")
    # Code is called whatever one likes, as Makefile: no ending is added.
    dialog = SaveDialog(parent, title, (), lambda target: _write(target, text, say))
    dialog.selectFile(name)
    dialog.open()


def _write(path: Path, text: str, say: Callable[[Notice], object]) -> None:
    found = QFileInfo(str(path))  # of what a link leads to
    if found.exists() and not found.isFile():
        said = QCoreApplication.translate(
            "transfer",
            "{name} is not a file but a folder, a device or a pipe. Choose another name.",
        )
        say(Notice(said.replace("{name}", path.name)))
        return
    # QSaveFile writes beside the target and renames: a refusal leaves an old file as it was.
    target = QSaveFile(str(path))
    content = text.encode("utf-8", "replace")
    opened = target.open(QIODevice.OpenModeFlag.WriteOnly)
    if opened and target.write(content) == len(content) and target.commit():
        return
    words = QCoreApplication.translate("files", "{name} could not be saved: {reason}")
    reason = target.errorString()
    say(Notice(words.replace("{name}", path.name).replace("{reason}", reason)))
