"""What is said while there is no window yet: in a plain one, and on stderr for whoever reads it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

from studio import __version__
from studio.app import input_methods
from studio.app.single_instance import ANSWER_MS

if TYPE_CHECKING:
    from studio.app.single_instance import Instance
    from studio.storage.locations import Locations, NoPlace

NO_SCREEN = 1
# Platforms that paint where nobody looks: a question there would wait for ever.
_UNSEEN = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs")


def application() -> QApplication:
    """The application object; ends the process with a sentence where Qt finds no screen."""
    heard: list[str] = []

    def hear(kind: QtMsgType, _context: object, words: str | None) -> None:
        heard.append(words or "")
        if kind is QtMsgType.QtFatalMsg:
            print(f"moda-studio: {_why_no_screen(' '.join(heard))}", file=sys.stderr, flush=True)
            os._exit(NO_SCREEN)  # Qt would abort right after this, with a core file

    qInstallMessageHandler(hear)
    if (modules := input_methods.modules(os.environ)) is not None:
        os.environ[input_methods.LIST] = modules
    # By option, because `setStyle` returns the style, and its wrapper costs 7 ms of enums.
    app = QApplication([*sys.argv[:1], "-style", "Fusion"])
    qInstallMessageHandler(None)
    for words in heard:
        print(words, file=sys.stderr)
    app.setApplicationName("moda-studio")
    app.setApplicationDisplayName("Moda Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("moda-studio")
    app.setQuitOnLastWindowClosed(False)
    return app


def _why_no_screen(heard: str) -> str:
    """One sentence; without Qt's catalogue, as there is no application to install it in."""
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    screens = {name: os.environ.get(name, "") for name in ("WAYLAND_DISPLAY", "DISPLAY")}
    named = ", ".join(f"{name}={value}" for name, value in screens.items() if value)
    if chosen and f'find the Qt platform plugin "{chosen}"' in heard:
        return f"there is no Qt platform called {chosen}. Unset QT_QPA_PLATFORM and start again."
    if named and "could not connect to display" not in heard and "xcb-cursor0" in heard:
        # It says so whenever the platform fails; where the screen answers that is the reason.
        return "Qt lacks the system library libxcb-cursor0. Install it and start again."
    if named:
        return f"the screen does not answer ({named}). Start the program from a desktop session."
    return "there is no screen to show a window on. Start the program from a desktop session."


def enter(instance: Instance, locations: Locations) -> int | None:
    """Take the data folder; where that cannot be, say why and return the exit code."""
    if instance.take():
        return None
    elsewhere = instance.elsewhere
    if instance.raise_other(0 if elsewhere else ANSWER_MS):
        return 0
    _speak(locations.settings)
    translate = QCoreApplication.translate
    if elsewhere:
        words = translate(
            "start",
            "The data folder is in use on another computer, or it was moved here from there: "
            "{folder}\nStart anyway only when Moda Studio runs nowhere else with this folder: two "
            "at once would damage the history.",
        )
        yes, no = translate("start", "Start anyway"), translate("start", "Quit")
        if not _ask(words.replace("{folder}", str(locations.data)), yes, no):
            return 1
        if instance.take(anyway=True):
            return None
    words = translate(
        "start",
        "Moda Studio is running already with this data folder, but its window does not answer: "
        "{folder}\nEnd that program first, or start with another folder: "
        "moda-studio --data-dir DIR",
    )
    _say(words.replace("{folder}", str(locations.data)))
    return 1


def say_no_place(error: NoPlace) -> None:
    """Say why there is no folder for the user's data."""
    from studio.ui.look.text import translated

    _speak()
    words = translated("start", error.reason, {"path": error.path})
    help_words = QCoreApplication.translate(
        "start", "Or name another folder at the start: moda-studio --data-dir DIR"
    )
    _say(f"{words}\n{help_words}")


def say_crash(error: BaseException) -> None:
    """Say that the program cannot go on, and where in it that is, so that it can be reported."""
    from studio.sessions.requests.tasks import places_of

    _speak()
    words = QCoreApplication.translate(
        "start",
        "Moda Studio cannot start: a part of it is missing or damaged. Reinstall it; your data "
        "is not touched by that.",
    )
    _say(f"{words}\n{type(error).__name__}\n{places_of(error)}")


def _say(words: str) -> None:
    _note(words)
    if _seen():
        _box(words).exec()


def _ask(words: str, yes: str, no: str) -> bool:
    _note(words)
    if not _seen():
        return False
    box = _box(words)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    refused = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(refused)
    box.setEscapeButton(refused)
    box.exec()
    return box.clickedButton() is agreed


def _speak(settings: Path | None = None) -> None:
    """Use the language of the settings, if they can be read, or the desktop's."""
    from studio.core.settings import Language
    from studio.ui.shell.language import Translations

    app, language = QApplication.instance(), Language.SYSTEM
    with suppress(OSError, ValueError, AttributeError, RecursionError):
        if settings is not None:
            language = Language(json.loads(settings.read_bytes()).get("language"))
    if isinstance(app, QApplication):
        Translations(app).use(language)


def _note(words: str) -> None:
    if sys.stderr is not None:  # as on Windows without a console
        print(f"moda-studio: {words}", file=sys.stderr, flush=True)


def _seen() -> bool:
    return QApplication.platformName() not in _UNSEEN


def _box(words: str) -> QMessageBox:
    title, _, detail = words.partition("\n")
    box = QMessageBox(QMessageBox.Icon.Warning, "Moda Studio", title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(detail)
    return box
