"""A title by the model as a person sees it: in the head and the history, never over theirs."""

from __future__ import annotations

import asyncio

from studio.core.capabilities import Capability
from studio.core.stream import StreamEnd, TextDelta
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.widgets.switch import Switch
from tests.scripted import said, until
from tests.window_parts import Run, click, visible


def listed(run: Run) -> list[str]:
    return [row[1] for row in run.studio.histories[Capability.CHAT].titles]


async def test_it_is_switched_on_in_the_settings_and_shown_everywhere(run: Run) -> None:
    run.window.open_settings("privacy")
    (sheet,) = visible(run.window, SettingsSheet)
    row = sheet.card("privacy").row("name_conversations")
    assert isinstance(row.control, Switch)
    click(row.control)
    assert run.studio.preferences.settings.name_conversations
    sheet.close_sheet()
    await run.wake()
    run.chat.scripts = [said("It is blue."), said("“The sea.”")]
    await run.asked("tell me of the sea")
    await until(lambda: run.session.conversation.title == "The sea")
    await until(lambda: listed(run) == ["The sea"])
    assert run.tab.head._title.text() == "The sea"
    assert run.shown == ["tell me of the sea", "It is blue."]
    assert [request.stream for request in run.chat.requests] == [True, False]


async def test_a_name_given_in_the_list_meanwhile_stays(run: Run) -> None:
    run.studio.preferences.change(name_conversations=True)
    named = asyncio.Event()
    run.chat.scripts = [said("It is blue."), [TextDelta("The sea"), named, StreamEnd("stop")]]
    await run.asked("tell me of the sea")
    await until(lambda: len(run.chat.requests) == 2)
    rows = run.studio.histories[Capability.CHAT]
    rows.rename(run.session.conversation.id, "Mine")
    await until(lambda: listed(run) == ["Mine"])
    named.set()
    await until(lambda: run.studio.request_queue.turns == () and run.tasks.count == 0)
    assert run.session.conversation.title == "Mine"
    await rows.reload()
    assert listed(run) == ["Mine"]
    assert run.tab.head._title.text() == "Mine"
