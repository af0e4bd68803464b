"""What the history shows of conversations that are being answered, wait, or were answered."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from studio.core.errors import ErrorKind, StudioError
from studio.core.settings import Appearance
from studio.core.stream import TextDelta
from studio.sessions.states import Mark, SessionState
from studio.ui.look import theme
from tests.scripted import said, until
from tests.ui.test_panes import open_row, row_of, settled, talked, tools
from tests.window_parts import Run


def begin(run: Run, question: str) -> None:
    """Ask in a conversation of its own and do not wait."""
    run.ctrl(Qt.Key.Key_N)
    run.ask(question)


def spoken(run: Run, title: str) -> str:
    """What a screen reader says of a row."""
    rows = run.tab.history.list.model()
    index = next(i for i in (rows.index(n, 0) for n in range(rows.rowCount())) if i.data() == title)
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole)).rsplit("\n", 1)[-1]


def sign(run: Run, title: str) -> QImage:
    """The corner of a row where its sign is."""
    row = row_of(run, title)
    picture = run.tab.history.list.viewport().grab().toImage()
    scale = picture.devicePixelRatio()
    corner = QPoint(row.right() - 28, row.top() + 6) * scale
    return picture.copy(QRect(corner, QPoint(row.right() - 4, row.top() + 30) * scale))


def colours(image: QImage) -> set[str]:
    """Every colour of a picture."""
    return {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
    }


async def test_what_runs_and_what_waits_is_marked_and_at_rest_nothing_is(run: Run) -> None:
    await talked(run, "apples")
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said()], said("b")]
    begin(run, "pears")
    await until(lambda: run.session.state is SessionState.STREAMING)
    begin(run, "plums")
    await until(lambda: run.session.state is SessionState.QUEUED)
    await run.studio.histories[run.tab._kind].reload()
    assert spoken(run, "pears") == "Being answered"
    assert spoken(run, "plums") == "Waiting for its turn"
    assert len(colours(sign(run, "apples"))) == 1
    assert sign(run, "pears") != sign(run, "plums")
    held.set()
    await run.idle()
    await settled(run)
    assert spoken(run, "plums") != "Waiting for its turn", "it is shown, so its end is seen"


async def test_an_answer_that_came_meanwhile_is_marked_until_it_is_looked_at(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said("b")]]
    begin(run, "pears")
    first = run.session
    await until(lambda: first.state is SessionState.STREAMING)
    run.ctrl(Qt.Key.Key_N)
    held.set()
    await until(lambda: first.state is SessionState.IDLE)
    await settled(run)
    assert spoken(run, "pears") == "New answer"
    assert theme.current().colour.accent.upper() in colours(sign(run, "pears"))
    open_row(run, "pears")
    await until(lambda: run.shown[:1] == ["pears"])
    assert spoken(run, "pears") != "New answer"
    run.ctrl(Qt.Key.Key_N)
    assert len(colours(sign(run, "pears"))) == 1


async def test_an_answer_that_broke_off_meanwhile_has_a_sign_of_its_own(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, StudioError(ErrorKind.CUT_SHORT)]]
    begin(run, "pears")
    first = run.session
    await until(lambda: first.state is SessionState.STREAMING)
    run.ctrl(Qt.Key.Key_N)
    held.set()
    await until(lambda: first.state is SessionState.IDLE)
    await settled(run)
    assert spoken(run, "pears") == "The answer is not whole"


async def test_what_the_user_stopped_or_deleted_meanwhile_is_no_news(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held], [TextDelta("a"), held]]
    chats = run.studio.chats
    for question in ("pears", "plums"):
        begin(run, question)
        busy = run.session
        await until(lambda busy=busy: busy.state is SessionState.STREAMING)  # type: ignore[misc]  # bound now
        run.ctrl(Qt.Key.Key_N)
        if question == "pears":
            run.studio.request_queue.cancel(run.studio.request_queue.turns[0].number)
        else:
            tools(run).verbs.delete([busy.conversation.id])
        await until(lambda busy=busy: busy.state is SessionState.IDLE)  # type: ignore[misc]  # bound now
        await settled(run)
        assert chats.mark_of(busy.conversation.id) is None


async def test_a_new_question_in_place_of_an_unread_answer_counts_as_running(run: Run) -> None:
    await talked(run, "apples", "pears")
    chats, session = run.studio.chats, run.session
    run.ctrl(Qt.Key.Key_N)
    held = asyncio.Event()
    run.chat.scripts = [said("one"), [TextDelta("a"), held, *said()]]
    session.send("again")
    await until(lambda: chats.mark_of(session.conversation.id) is Mark.UNREAD)
    session.send("and again")
    await until(lambda: session.state is SessionState.STREAMING)
    assert chats.mark_of(session.conversation.id) is Mark.RUNNING
    held.set()
    await until(lambda: chats.mark_of(session.conversation.id) is Mark.UNREAD)


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
async def test_each_sign_differs_from_the_others_in_both_themes(
    run: Run, appearance: Appearance
) -> None:
    await talked(run, "apples")
    run.studio.preferences.change(appearance=appearance)
    rows, seen = run.tab.history.list, list[QImage]()
    run.ctrl(Qt.Key.Key_N)
    for mark in (None, *Mark):
        rows.show_marks(dict.fromkeys([run.tab.history.rows.titles[0][0]], mark).get)
        QApplication.sendPostedEvents()
        seen.append(sign(run, "apples").convertToFormat(QImage.Format.Format_Grayscale8))
    assert all(one != other for n, one in enumerate(seen) for other in seen[:n])
