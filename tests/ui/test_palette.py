"""Ctrl+K over everything there is: what one types finds it, and Enter goes there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from studio.core.capabilities import Capability
from studio.core.images import GeneratedImage, ImageRequest
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.storage.history import conversations
from studio.storage.pictures import library_rows
from studio.ui.actions import ACTIONS
from studio.ui.shell.palette import PaletteSheet
from studio.ui.shell.palette_entries import Entry, Group, understood
from tests.scripted import until
from tests.window_parts import Run

MANY = 150  # more than a page of the history


@pytest.fixture
async def full(run: Run) -> Run:
    """A history that is longer than what is loaded, and a picture."""
    for number in range(MANY):
        presenter = Conversation(
            id=f"c{number}",
            kind=Capability.VISION if number % 2 else Capability.CHAT,
            title=f"旅行计划 {number}" if number else "Quicksort, explained twice",
            created_at=1.7e9 + number,
        )
        words = "expected cost" if number == 3 else f"answer {number}"
        message = Message(
            id=f"m{number}",
            conversation_id=presenter.id,
            role=Role.USER,
            parts=(TextPart(words),),
            created_at=1.7e9 + number,
        )
        run.database.call_sync(conversations.save_turn, presenter, message)
    request = ImageRequest(id="p", model="Qwen/Qwen-Image", prompt="Arctic expedition camp 雪山")
    picture = GeneratedImage(
        id="p", request=request, path="p.png", sha256="0" * 64, width=8, height=8, byte_size=9,
        created_at=1.7e9,
    )  # fmt: skip
    run.database.call_sync(library_rows.add_picture, picture)
    await run.studio.gallery.load()
    return run


async def ask(run: Run, typed: str) -> PaletteSheet:
    """Open the palette and type."""
    run.ctrl(Qt.Key.Key_K)
    sheet = run.window._sheets["palette"]
    assert isinstance(sheet, PaletteSheet)
    field = sheet.findChild(QLineEdit)
    assert field is not None
    field.setText(typed)
    await until(lambda: sheet._answered == sheet._asked)
    return sheet


def shown(sheet: PaletteSheet) -> dict[Group, list[Entry]]:
    """Groups with their entries, in their order."""
    found: dict[Group, list[Entry]] = {}
    group = Group.ACTIONS
    for number in range(sheet._rows.rowCount()):
        row = sheet._rows.row(number)
        if isinstance(row, Group):
            group = row
        elif row is not None:
            found.setdefault(group, []).append(row)
    return found


async def test_the_palette_finds_what_was_never_scrolled_into_memory(full: Run) -> None:
    sheet = await ask(full, "quicksort")
    (entry,) = shown(sheet)[Group.CONVERSATIONS]
    assert entry.words == "Quicksort, explained twice"
    assert entry.marks == ((0, 9),)


async def test_every_group_shows_its_matches_marked(full: Run) -> None:
    groups = shown(await ask(full, "exp"))
    assert list(groups) == [Group.ACTIONS, Group.CONVERSATIONS, Group.PICTURES]
    assert all("xport" in entry.words for entry in groups[Group.ACTIONS])
    marked = {entry.words: (entry.marks, entry.below) for entry in groups[Group.CONVERSATIONS]}
    assert marked["Quicksort, explained twice"][0] == ((11, 14),)
    assert marked["旅行计划 3"][1] == "expected cost"
    assert groups[Group.PICTURES][0].marks == ((7, 10),)


async def test_chinese_words_find_conversations_and_pictures(full: Run) -> None:
    groups = shown(await ask(full, "雪山"))
    assert [entry.words for entry in groups[Group.PICTURES]] == ["Arctic expedition camp 雪山"]
    found = shown(await ask(full, "旅行"))[Group.CONVERSATIONS]
    assert len(found) == 8
    assert found[0].marks == ((0, 2),)


@pytest.mark.parametrize(
    ("typed", "group"),
    [(">", Group.ACTIONS), ("@", Group.MODELS), ("＠", Group.MODELS), ("＃ 雪", Group.PICTURES)],
)
async def test_a_sign_asks_for_one_group(full: Run, typed: str, group: Group) -> None:
    found = shown(await ask(full, typed))
    assert next(iter(found)) is group
    assert set(found) <= set(understood(typed)[0])


async def test_models_of_every_kind_are_there_and_open_their_tab(full: Run) -> None:
    sheet = await ask(full, "@qwen-image")
    entry = next(e for e in shown(sheet)[Group.MODELS] if e.words == "Qwen-Image")
    sheet.close_sheet()
    entry.choose()
    assert full.studio.preferences.settings.image_model == "Qwen/Qwen-Image"
    assert full.studio.preferences.settings.active_tab == "images"


async def test_enter_opens_the_first_even_when_it_comes_before_the_answer(full: Run) -> None:
    full.ctrl(Qt.Key.Key_K)
    sheet = full.window._sheets["palette"]
    field = sheet.findChild(QLineEdit)
    assert field is not None
    field.setText("quicksort")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: full.tab.presenter.stored_conversation is not None)
    stored = full.tab.presenter.stored_conversation
    assert stored is not None
    assert stored.title == "Quicksort, explained twice"


async def test_a_setting_is_found_by_its_name_and_opens_its_page(full: Run) -> None:
    sheet = await ask(full, "enter sends")
    (entry,) = shown(sheet)[Group.SETTINGS]
    sheet.close_sheet()
    entry.choose()
    assert "settings" in full.window._sheets


async def test_keys_move_over_headings_and_tab_from_group_to_group(full: Run) -> None:
    sheet = await ask(full, "exp")
    field = sheet.findChild(QLineEdit)
    assert field is not None

    def at() -> Entry:
        row = sheet._rows.row(sheet._list.currentIndex().row())
        assert isinstance(row, Entry)
        return row

    seen = [at().group]
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Tab)
        seen.append(at().group)
    assert seen == [Group.ACTIONS, Group.CONVERSATIONS, Group.PICTURES, Group.ACTIONS]
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert at().group is Group.ACTIONS
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Down)
    assert isinstance(sheet._rows.row(sheet._list.currentIndex().row()), Entry)


async def test_before_anything_is_typed_the_last_conversations_come_first(full: Run) -> None:
    groups = shown(await ask(full, ""))
    assert next(iter(groups)) is Group.CONVERSATIONS
    assert [e.words for e in groups[Group.CONVERSATIONS]] == [
        f"旅行计划 {MANY - 1 - n}" for n in range(5)
    ]
    # Nothing runs and nothing is shown: what would do nothing is not offered.
    idle = {"palette", "stop", "find", "export", "zoom_in", "zoom_out", "zoom_reset", "undo"}
    assert len(groups[Group.ACTIONS]) == len(ACTIONS) - len(idle)


async def test_a_choice_by_the_arrow_keys_survives_the_answer(full: Run) -> None:
    sheet = await ask(full, "exp")
    field = sheet.findChild(QLineEdit)
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_Down)
    chosen = sheet._rows.row(sheet._list.currentIndex().row())
    sheet._on_answered(sheet._answer)
    again = sheet._rows.row(sheet._list.currentIndex().row())
    assert isinstance(chosen, Entry)
    assert isinstance(again, Entry)
    assert again.words == chosen.words


async def test_who_picks_before_the_search_has_answered_is_not_troubled(full: Run) -> None:
    full.ctrl(Qt.Key.Key_K)
    sheet = full.window._sheets["palette"]
    field = sheet.findChild(QLineEdit)
    assert field is not None
    faults: list[object] = []
    full.tasks.failed.connect(faults.append)
    field.setText("expected")
    sheet.close_sheet()
    await until(lambda: full.tasks.count == 0)
    assert faults == []
