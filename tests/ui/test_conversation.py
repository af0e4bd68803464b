"""A conversation as a person has it: writing, sending, stopping, editing, going elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import MessageStatus
from studio.core.settings import Language
from studio.core.stream import TextDelta
from studio.sessions.states import SessionState
from studio.storage.history import conversations, messages
from studio.ui.widgets.empty_chat import SampleCard
from tests.painting_parts import QUICK, PictureService, png
from tests.painting_parts import request as order
from tests.scripted import ScriptedChat, said, until
from tests.window_parts import Run, click, named, texts, visible

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


# Writing and sending.


async def test_enter_sends_and_the_answer_is_shown_and_kept(run: Run) -> None:
    run.chat.scripts = [said("Hello", " there.")]
    await run.asked("Say hello")
    assert run.shown == ["Say hello", "Hello there."]
    assert [m.text for m in await run.stored(run.session.conversation.id)] == run.shown
    assert run.field.toPlainText() == ""
    assert run.studio.histories[run.tab._kind].titles[0][1] == "Say hello"


async def test_shift_enter_breaks_the_line(run: Run) -> None:
    run.chat.scripts = [said("ok")]
    run.field.setFocus()
    QTest.keyClicks(run.field, "one")
    run.key(Qt.Key.Key_Return, SHIFT)
    QTest.keyClicks(run.field, "two")
    assert run.chat.requests == []
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert run.shown == ["one\ntwo", "ok"]


async def test_enter_of_the_number_pad_sends_too(run: Run) -> None:
    run.chat.scripts = [said("ok")]
    QTest.keyClicks(run.field, "hi")
    run.key(Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    await run.idle()
    assert run.shown == ["hi", "ok"]


async def test_enter_within_a_composition_neither_sends_nor_breaks_the_line(run: Run) -> None:
    run.field.setFocus()
    QTest.keyClicks(run.field, "a")
    QApplication.sendEvent(run.field, QInputMethodEvent("nihao", []))
    for modifiers in ((), (SHIFT,), (CTRL,)):
        run.key(Qt.Key.Key_Return, *modifiers)
    assert run.field.toPlainText() == "a"
    chosen = QInputMethodEvent("", [])
    chosen.setCommitString("你好")
    QApplication.sendEvent(run.field, chosen)
    assert run.field.toPlainText() == "a你好"
    assert run.session.state is SessionState.IDLE
    run.chat.scripts = [said("ok")]
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert run.shown == ["a你好", "ok"]


async def test_the_invitation_is_gone_while_something_is_composed(run: Run) -> None:
    assert run.field.placeholderText() == "Ask anything"
    QApplication.sendEvent(run.field, QInputMethodEvent("ni", []))
    assert run.field.placeholderText() == ""
    QApplication.sendEvent(run.field, QInputMethodEvent("", []))
    assert run.field.placeholderText() == "Ask anything"


async def test_a_composition_that_loses_the_keyboard_does_not_block_enter(run: Run) -> None:
    run.chat.scripts = [said("ok")]
    run.field.setFocus()
    QApplication.sendEvent(run.field, QInputMethodEvent("ni", []))
    run.tab.history.focus_search()
    run.field.setFocus()
    run.field.setPlainText("hello")
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert run.shown == ["hello", "ok"]


async def test_what_is_only_space_is_not_sent(run: Run) -> None:
    run.ask("   ")
    assert run.session.state is SessionState.IDLE
    assert not named(run.tab, QAbstractButton, "Send").isEnabled()


async def test_control_enter_sends_where_enter_breaks_the_line(run: Run) -> None:
    run.studio.preferences.change(send_with_enter=False)
    run.chat.scripts = [said("ok")]
    run.field.setFocus()
    QTest.keyClicks(run.field, "one")
    run.key(Qt.Key.Key_Return)
    QTest.keyClicks(run.field, "two")
    assert run.chat.requests == []
    assert "Ctrl+Enter" in named(run.tab, QAbstractButton, "Send").toolTip()
    run.ctrl(Qt.Key.Key_Return)
    await run.idle()
    assert run.shown == ["one\ntwo", "ok"]


async def test_a_question_leaves_the_field_only_when_it_is_on_disk(run: Run) -> None:
    run.chat.scripts = [said("ok")]
    seen: list[tuple[str, list[str]]] = []

    def look(message: object) -> None:
        found = run.database.call_sync(conversations.open_conversation, run.session.conversation.id)
        seen.append((run.field.toPlainText(), [m.text for m in found[1]] if found else []))

    # Connected before the tab's own slots run again: it sees the field as it is at that moment.
    run.session.message_added.connect(look)
    run.ask("keep me")
    assert run.field.toPlainText() == "keep me"
    await run.idle()
    assert seen[0][1] == ["keep me"]
    assert run.field.toPlainText() == ""


async def test_a_disk_that_refuses_keeps_the_draft_and_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StudioError(ErrorKind.STORAGE, "database or disk is full")

    monkeypatch.setattr(conversations, "save_turn", full)
    run.ask("do not lose me")
    await run.idle()
    assert run.field.toPlainText() == "do not lose me"
    assert run.shown == []
    assert "could not be saved" in run.said
    assert run.chat.requests == []
    # The disk has room again.
    monkeypatch.undo()
    run.chat.scripts = [said("ok")]
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert run.shown == ["do not lose me", "ok"]


async def test_words_written_while_a_question_is_stored_stay_in_the_field(run: Run) -> None:
    run.chat.scripts = [said("ok")]
    run.ask("first")
    QTest.keyClicks(run.field, " and more")
    await run.idle()
    assert run.shown == ["first", "ok"]
    assert run.field.toPlainText() == "first and more"


async def test_what_was_sent_comes_back_by_undo(run: Run) -> None:
    run.chat.scripts = [said("ok")]
    await run.asked("oops")
    run.field.undo()
    assert run.field.toPlainText() == "oops"


async def test_a_sample_fills_the_field_and_sends_nothing(run: Run) -> None:
    card = visible(run.tab, SampleCard)[0]
    click(card)
    assert run.field.toPlainText() in card.accessibleName()
    assert run.field.hasFocus()
    assert run.chat.requests == []


# Stopping, trying again, editing.


@pytest.mark.parametrize("by_button", [False, True])
async def test_stop_keeps_what_came(run: Run, by_button: bool) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("half an "), held]]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.STREAMING)
    if by_button:
        click(named(run.tab, QAbstractButton, "Stop"))
    else:
        run.key(Qt.Key.Key_Escape)
    await run.idle()
    assert run.last.status is MessageStatus.STOPPED
    assert run.shown == ["go", "half an "]
    assert run.chat.open_streams == 0
    assert named(run.tab, QAbstractButton, "Send").isVisible()


async def test_enter_while_an_answer_comes_sends_nothing_and_keeps_the_draft(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("slow"), held, *said()], said("second")]
    run.ask("one")
    await until(lambda: run.session.state is SessionState.STREAMING)
    run.ask("two")
    assert run.session.state is SessionState.STREAMING
    held.set()
    await run.idle()
    assert run.shown == ["one", "slow"]
    assert run.field.toPlainText() == "two"


async def test_stop_and_send_again_at_once_many_times_mixes_nothing(run: Run) -> None:
    for number in range(30):
        held = asyncio.Event()
        run.chat.scripts.append([TextDelta(f"answer {number}"), held])
        run.ask(f"question {number}")
        await until(lambda: run.session.state is SessionState.STREAMING)
        run.key(Qt.Key.Key_Escape)
        await until(lambda: run.session.state is SessionState.IDLE)
    wanted = [f"{what} {n}" for n in range(30) for what in ("question", "answer")]
    assert run.shown == wanted
    assert [m.text for m in await run.stored(run.session.conversation.id)] == wanted
    assert run.chat.open_streams == 0
    await until(lambda: run.tasks.count == 0)


async def test_trying_again_makes_another_answer_and_keeps_the_first(run: Run) -> None:
    run.chat.scripts = [said("first"), said("second")]
    await run.asked("go")
    run.press("retry")
    await run.idle()
    assert run.shown == ["go", "second"]
    everything = await run.database.call(messages.load_all, run.session.conversation.id)
    assert {message.text for message in everything} == {"go", "first", "second"}


async def test_editing_a_question_makes_a_version_and_keeps_the_old(run: Run) -> None:
    run.chat.scripts = [said("one"), said("better")]
    await run.asked("frist")
    run.press("edit", 0)
    assert run.field.toPlainText() == "frist"
    assert run.field.hasFocus()
    run.field.selectAll()
    await run.asked("first")
    assert run.shown == ["first", "better"]
    everything = await run.database.call(messages.load_all, run.session.conversation.id)
    assert {m.text for m in everything} == {"frist", "one", "first", "better"}
    assert run.field.toPlainText() == ""


async def test_escape_gives_up_editing_and_brings_the_draft_back(run: Run) -> None:
    run.chat.scripts = [said("one"), said("two")]
    await run.asked("question")
    QTest.keyClicks(run.field, "half a thought")
    run.press("edit", 0)
    assert run.field.toPlainText() == "question"
    run.key(Qt.Key.Key_Escape)
    assert run.field.toPlainText() == "half a thought"
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert run.shown == ["question", "one", "half a thought", "two"]


async def test_a_draft_comes_back_when_the_edited_question_was_sent(run: Run) -> None:
    run.chat.scripts = [said("one"), said("two")]
    await run.asked("question")
    QTest.keyClicks(run.field, "half a thought")
    run.press("edit", 0)
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert run.shown == ["question", "two"]
    assert run.field.toPlainText() == "half a thought"


async def test_going_elsewhere_gives_up_editing(run: Run) -> None:
    run.chat.scripts = [said("one"), said("two")]
    await run.asked("question")
    first = run.session
    run.press("edit", 0)
    run.ctrl(Qt.Key.Key_N)
    await run.asked("something else")
    assert run.session is not first
    assert run.shown == ["something else", "two"]
    assert [m.text for m in await run.stored(first.conversation.id)] == ["question", "one"]


async def test_an_answer_that_is_stopped_before_anything_came_is_marked(run: Run) -> None:
    run.chat.scripts = [[asyncio.Event()]]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.WAITING)
    assert "Waiting" in run.tab.composer._note.text()
    run.key(Qt.Key.Key_Escape)
    await run.idle()
    assert run.last.status is MessageStatus.STOPPED
    assert run.tab.composer._note.text() == ""


async def test_an_answer_that_waits_for_its_turn_can_be_stopped(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said()], said("never")]
    run.ask("first")
    await until(lambda: run.session.state is SessionState.STREAMING)
    first = run.session
    run.ctrl(Qt.Key.Key_N)
    run.ask("second")
    await until(lambda: run.session.state is SessionState.QUEUED)
    run.key(Qt.Key.Key_Escape)
    await run.idle()
    assert run.last.status is MessageStatus.STOPPED
    held.set()
    await until(lambda: first.state is SessionState.IDLE)
    assert len(run.chat.requests) == 1


@pytest.mark.parametrize(
    "odd",
    [
        "\ud83d alone",
        "nul \x00 here",
        "\u202eright to left",
        "\x1b[31mred\x1b[0m",
        "a\u2028b\u2029c",
    ],
)
async def test_odd_characters_are_kept_shown_and_copied(run: Run, odd: str) -> None:
    run.chat.scripts = [said(odd, " and on")]
    run.field.setPlainText(f"{odd}?")
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert run.last.status is MessageStatus.COMPLETE
    assert " and on" in run.shown[1]
    question, answer = await run.stored(run.session.conversation.id)
    for message in (question, answer):
        assert message.text.encode("utf-8")
    assert " and on" in answer.text
    run.tab.presenter.view.selection.select_all()
    run.tab.presenter.view.copy()
    assert " and on" in QApplication.clipboard().text()
    run.window.grab()


# More than one conversation.


async def test_a_draft_stays_with_its_conversation_when_another_is_begun(run: Run) -> None:
    run.chat.scripts = [said("one")]
    await run.asked("first")
    first = run.session.conversation.id
    QTest.keyClicks(run.field, "still thinking")
    run.ctrl(Qt.Key.Key_N)
    assert run.shown == []
    assert run.field.toPlainText() == ""
    run.tab.open_conversation(first)
    assert run.field.toPlainText() == "still thinking"


async def test_two_conversations_go_on_at_once_and_nothing_is_mixed(run: Run) -> None:
    run.studio.request_queue.set_limits(2, 1)
    first_held, second_held = asyncio.Event(), asyncio.Event()
    run.chat.scripts = [
        [TextDelta("red "), first_held, *said("apples")],
        [TextDelta("blue "), second_held, *said("skies")],
    ]
    run.ask("first")
    await until(lambda: run.session.state is SessionState.STREAMING)
    first = run.session
    run.ctrl(Qt.Key.Key_N)
    assert run.shown == []
    assert named(run.tab, QAbstractButton, "Send").isVisible()
    run.ask("second")
    await until(lambda: run.session.state is SessionState.STREAMING)
    second = run.session
    first_held.set()
    await until(lambda: first.state is SessionState.IDLE)
    # The end of the first one changes nothing on the page of the second.
    assert run.shown == ["second", "blue "]
    assert named(run.tab, QAbstractButton, "Stop").isVisible()
    run.tab.open_conversation(first.conversation.id)
    await until(lambda: run.session is first)
    assert run.shown == ["first", "red apples"]
    assert named(run.tab, QAbstractButton, "Send").isVisible()
    second_held.set()
    await until(lambda: second.state is SessionState.IDLE)
    assert run.shown == ["first", "red apples"]
    run.tab.open_conversation(second.conversation.id)
    assert run.shown == ["second", "blue skies"]
    for session, words in ((first, "red apples"), (second, "blue skies")):
        assert [m.text for m in await run.stored(session.conversation.id)][1] == words


async def test_stopping_one_conversation_leaves_the_other_alone(run: Run) -> None:
    run.studio.request_queue.set_limits(2, 1)
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said("b")], [TextDelta("c"), asyncio.Event()]]
    run.ask("first")
    await until(lambda: run.session.state is SessionState.STREAMING)
    first = run.session
    run.ctrl(Qt.Key.Key_N)
    run.ask("second")
    await until(lambda: run.session.state is SessionState.STREAMING)
    run.key(Qt.Key.Key_Escape)
    await run.idle()
    assert first.state is SessionState.STREAMING
    held.set()
    await until(lambda: first.state is SessionState.IDLE)
    assert first.messages[-1].text == "ab"
    assert first.messages[-1].status is MessageStatus.COMPLETE


async def test_a_picture_job_and_another_chat_go_on_when_one_chat_is_stopped(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.studio.request_queue.set_limits(3, 1)
    painter = PictureService(content=png(96, 64), released=asyncio.Event())
    monkeypatch.setattr(run.builders, "build_images", lambda *_: painter)
    monkeypatch.setattr(run.studio.painting, "_pace", QUICK)
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said("b")], [TextDelta("c"), asyncio.Event()]]
    run.studio.painting.generate(order("a lighthouse"))
    await until(lambda: len(painter.ordered) == 1)
    run.ask("first")
    await until(lambda: run.session.state is SessionState.STREAMING)
    first = run.session
    run.ctrl(Qt.Key.Key_N)
    run.ask("second")
    await until(lambda: run.session.state is SessionState.STREAMING)
    run.key(Qt.Key.Key_Escape)
    await run.idle()
    assert run.last.status is MessageStatus.STOPPED
    assert first.state is SessionState.STREAMING
    assert painter.released is not None
    painter.released.set()
    held.set()
    await until(lambda: first.state is SessionState.IDLE)
    await until(lambda: run.studio.gallery.rowCount() == 1)
    assert first.messages[-1].text == "ab"
    assert first.messages[-1].status is MessageStatus.COMPLETE


async def test_a_question_stored_after_going_elsewhere_left_the_field(run: Run) -> None:
    run.chat.scripts = [said("one")]
    run.ask("first")
    first = run.session
    run.ctrl(Qt.Key.Key_N)  # before the disk has answered
    await until(lambda: first.state is SessionState.IDLE)
    assert [m.text for m in await run.stored(first.conversation.id)] == ["first", "one"]
    assert run.field.toPlainText() == ""


async def test_the_conversation_clicked_last_is_the_one_that_is_shown(run: Run) -> None:
    run.chat.scripts = [said("one"), said("two")]
    await run.asked("first")
    first = run.session.conversation.id
    run.ctrl(Qt.Key.Key_N)
    await run.asked("second")
    second = run.session.conversation.id
    run.studio.chats.forget(first)  # as after a restart: it has to be read
    run.ctrl(Qt.Key.Key_N)
    run.tab.open_conversation(first)
    run.tab.open_conversation(second)
    await until(lambda: run.tasks.count == 0)
    assert run.shown == ["second", "two"]
    run.studio.chats.forget(first)
    run.tab.open_conversation(first)
    run.ctrl(Qt.Key.Key_N)
    await until(lambda: run.tasks.count == 0)
    assert run.shown == []


async def test_a_conversation_that_cannot_be_read_says_so_and_can_be_read_later(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.chat.scripts = [said("one"), said("two")]
    await run.asked("first")
    first = run.session.conversation
    run.ctrl(Qt.Key.Key_N)
    await run.asked("second")
    run.studio.chats.forget(first.id)

    def refuse(*_: object) -> None:
        raise StudioError(ErrorKind.STORAGE, "disk I/O error")

    monkeypatch.setattr(conversations, "open_conversation", refuse)
    run.tab.open_conversation(first.id)
    await until(lambda: run.tasks.count == 0)
    assert run.said
    assert run.shown == ["second", "two"]
    monkeypatch.undo()
    run.tab.open_conversation(first.id)
    await until(lambda: run.tasks.count == 0)
    assert run.shown == ["first", "one"]
    assert run.session.conversation.title == "first"


async def test_an_answer_that_waits_for_another_says_so(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said()], said("b")]
    run.ask("first")
    await until(lambda: run.session.state is SessionState.STREAMING)
    run.ctrl(Qt.Key.Key_N)
    run.ask("second")
    await until(lambda: run.session.state is SessionState.QUEUED)
    assert run.tab.composer._note.text() == "Waiting for its turn"
    chip = next(b for b in visible(run.window, QPushButton) if "running" in b.text())
    assert chip.text() == "1 running · 1 waiting"
    held.set()
    await run.idle()
    assert run.shown == ["second", "b"]
    assert not chip.isVisible()


async def test_a_conversation_is_listed_and_shown_after_a_restart(tmp_path: Path) -> None:
    before = Run(tmp_path, ScriptedChat([said("yes")]))
    await before.begin()
    await before.asked("really?")
    await before.quit()
    after = Run(tmp_path)
    await after.begin()
    rows = after.tab.history.list
    assert rows.model().index(1, 0).data() == "really?"
    click(rows.viewport(), rows.visualRect(rows.model().index(1, 0)).center())
    await until(lambda: bool(after.shown))
    assert after.shown == ["really?", "yes"]
    await after.quit()


async def test_a_long_text_says_how_long_it_is_while_it_is_written(
    language: Callable[[Language], None], run: Run
) -> None:
    def count() -> list[str]:
        return [each for each in texts(run.tab.composer) if "characters" in each or "字符" in each]

    language(Language.ENGLISH)
    run.field.setPlainText("x" * 999)
    assert count() == []
    QApplication.clipboard().setText("长文\n😀" * 3000)
    run.field.selectAll()
    run.field.paste()
    assert count() == ["12,000 characters"]
    language(Language.CHINESE)
    assert count() == ["12,000 个字符"]
    language(Language.ENGLISH)
    run.chat.scripts = [said("read")]
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert count() == []
    assert run.shown[0] == "长文\n😀" * 3000
