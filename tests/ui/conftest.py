"""Tests of widgets run on the loop that the program uses."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import catalogues
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale
from PySide6.QtWidgets import QApplication

from studio.core.settings import Language
from studio.storage.db.database import Database
from studio.ui.shell.language import Translations
from tests.qt_loop import qt_loop, unhandled
from tests.window_parts import Run


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Qt and asyncio together."""
    return {"qt": qt_loop}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Garbage dies between the tests: a worker thread that freed a Qt object would end in a crash.

    What outlives a test is frozen, so that only what is new is looked at.
    """
    gc.disable()
    result = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return result


@pytest.fixture(autouse=True)
def _nothing_is_unhandled() -> Iterator[None]:
    yield
    found = [str(each.get("exception") or each.get("message")) for each in unhandled]
    unhandled.clear()
    assert not found, found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A real database in a folder of its own."""
    opened = Database.open(tmp_path / "data" / "studio.db")
    yield opened
    opened.close()


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    """The window of a run of the program, on an empty folder, at the Chat tab."""
    made = Run(tmp_path / "data")
    await made.begin()
    yield made
    await made.quit()


@pytest.fixture(scope="session")
def _compiled() -> None:
    """The catalogues as Qt loads them."""
    folder = Path(__file__).parents[2] / "resources" / "i18n"
    catalogues.compile_stale(folder, [str(Path(sys.executable).parent / "pyside6-lrelease")])


@pytest.fixture
def language(qapp: QApplication, _compiled: None) -> Iterator[Callable[[Language], None]]:
    """Speaks a language until the test is over.

    Asked for before `run`: what is being taken apart must not hear that the language changes.
    """
    translations, before = Translations(qapp), QLocale()

    def speak(wanted: Language) -> None:
        translations.use(wanted)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LanguageChange)

    yield speak
    for translator in translations._installed:
        qapp.removeTranslator(translator)
    QLocale.setDefault(before)
