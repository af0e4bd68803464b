"""No words are cut: every text of every screen, as it is drawn, against the room that it has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import system_packages
from PySide6.QtGui import QFont, QFontDatabase

from studio.core.settings import Language
from studio.sessions.requests import retry
from studio.ui.look import theme
from tests.drawn_words import DOTS, Cut, cut_words
from tests.every_screen import WholeRun, every_screen, settle

SIZES = ((1440, 900), (900, 600), (640, 400))
# The font of a machine that has no other, and the one that dev.py installs.
FACES = ("DejaVu Sans", "Noto Sans")

# What may end in dots, since it can be of any length: whose it is, and where it is whole.
DELIBERATE = {
    "ConversationTab > ConversationHead > ElidedLabel": "a title; its tooltip",
    "HistoryPane > HistoryList > QWidget": "a title, a model; the tooltip of the row",
    "HistoryResults > FoundView > QWidget": "a title, an excerpt; the conversation",
    "ImageTab > ImageStage > ElidedLabel": "a prompt as a title; its tooltip, and the form",
    "PictureTray > PictureCard > ElidedLabel": "the name of a file; its tooltip",
    "QueuePanel > JobRow > ElidedLabel": "a prompt as a title; its tooltip, and the stage",
    "QueuePopover > TurnRow > ElidedLabel": "a question as a title; its tooltip",
    "ScrollPage > DataCard > ElidedLabel": "the path of a folder; its tooltip, and Open",
}


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The interface speaks in this font until the test is over."""
    family = str(request.param)
    if family not in QFontDatabase.families():
        assert not system_packages.on_debian(), f"dev.py installs {family}"
        pytest.skip(f"{family} is not here")

    def font(pixels: int, weight: QFont.Weight) -> QFont:
        made = QFont()
        made.setFamilies([family, "Noto Sans CJK SC"])
        made.setPixelSize(pixels)
        made.setWeight(weight)
        return made

    monkeypatch.setattr(theme, "_ui_font", font)
    return family


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {kind: tuple(0.001 for _ in delays) for kind, delays in retry._DELAYS.items()}
    monkeypatch.setattr(retry, "_DELAYS", quick)


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[WholeRun]:
    """A window that has something to show everywhere."""
    made = WholeRun(tmp_path / "data")
    await made.begin()
    yield made
    await made.quit()


@pytest.mark.parametrize("spoken", [Language.ENGLISH, Language.CHINESE])
async def test_no_words_are_cut_on_any_screen_of_any_size(
    face: str,
    spoken: Language,
    language: Callable[[Language], None],
    run: WholeRun,
    tmp_path: Path,
) -> None:
    language(spoken)
    found: dict[Cut, set[str]] = {}
    seen = 0
    async for screen in every_screen(run, tmp_path):
        seen += 1
        for size in SIZES:
            run.window.resize(*size)
            for show in screen.states or (lambda: None,):
                show()
                await settle()
                for each in cut_words(screen.root):
                    if each.how != DOTS or each.owner not in DELIBERATE:
                        found.setdefault(each, set()).add(f"{screen.name}, {size[0]}")
    assert seen > 40
    assert found == {}
