"""The page of other hosts: add, test, use and leave a server, with the warning where one is due."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton

from studio.core.errors import ErrorKind, StudioError
from studio.core.hosts import HostKind
from studio.core.models import ModelInfo
from studio.providers.registry import endpoint_for
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.settings.hosts_page import HostsPage
from tests.governed_parts import GovernedRun
from tests.scripted import said, until
from tests.window_parts import click, named, texts, visible

LOCAL = "http://127.0.0.1:11434/v1"


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[GovernedRun]:
    """A window with the page open."""
    made = GovernedRun(tmp_path / "data")
    await made.begin()
    made.window.open_settings("hosts")
    yield made
    await made.quit()


def page(run: GovernedRun) -> HostsPage:
    """The page."""
    return visible(run.window, HostsPage)[0]


async def add(run: GovernedRun, name: str, address: str, *, token: bool = True) -> None:
    """Fill the form and press Save."""
    shown = page(run)
    click(shown.add_button)
    QTest.keyClicks(shown.form.name, name)
    QTest.keyClicks(shown.form.address, address)
    if not token:
        click(shown.form.needs_token)
    click(shown.form.save_button)
    await until(lambda: all(row.isVisible() for row in shown.rows))


def count(run: GovernedRun) -> int:
    """How many hosts there are."""
    return len(run.studio.hosts.all)


async def saved(run: GovernedRun) -> None:
    """Press Save in the form that is open, and wait for the rows."""
    click(page(run).form.save_button)
    await until(lambda: all(row.isVisible() for row in page(run).rows))


def button(run: GovernedRun, name: str) -> QAbstractButton:
    """A button of the page as a screen reader finds it."""
    return named(page(run), QAbstractButton, name)


async def test_a_host_is_added_tested_and_used(run: GovernedRun) -> None:
    await add(run, "Ollama", "127.0.0.1:11434", token=False)
    (host,) = run.studio.hosts.all
    assert (host.name, host.address, host.kind) == ("Ollama", LOCAL, HostKind.OPENAI)
    assert not page(run).form.isVisible()
    run.builders.hub.listed = (ModelInfo("llama3.3:70b"), ModelInfo("qwen2.5vl:7b"))
    click(button(run, "Test: Ollama"))
    await until(lambda: any("lists 2" in each for each in texts(page(run))))
    click(button(run, "Use: Ollama"))
    assert run.studio.service.endpoint.origin == "http://127.0.0.1:11434"
    assert not button(run, "In use: Ollama").isEnabled()
    visible(run.window, SettingsSheet)[0].close_sheet()
    run.chat.scripts = [said("hello from here")]
    await run.asked("hi")
    assert run.last.text == "hello from here"
    assert run.window._top._credits.text() == "Ollama"


async def test_a_failed_test_says_why(run: GovernedRun) -> None:
    await add(run, "Ollama", LOCAL, token=False)
    run.builders.hub.failure = StudioError(ErrorKind.NOTHING_THERE, values={"host": "Ollama"})
    click(button(run, "Test: Ollama"))
    await until(lambda: any("Nothing answers at Ollama" in each for each in texts(page(run))))


async def test_a_bad_address_is_said_below_its_field(run: GovernedRun) -> None:
    await add(run, "Lab", "ftp://lab")
    form = page(run).form
    assert form.isVisible()
    assert form.problem.startswith("This is not an address")
    assert form.address.property("problem")
    QTest.keyClicks(form.address, "x")
    assert form.problem == ""
    assert count(run) == 0


async def test_an_unencrypted_way_needs_a_tick(run: GovernedRun) -> None:
    await add(run, "Lab", "http://10.0.0.5:8000")
    form = page(run).form
    assert form.warns
    assert count(run) == 0
    click(form.save_button)  # without the tick nothing changes
    assert count(run) == 0
    form.accepted.setFocus()
    QTest.keyClick(form.accepted, Qt.Key.Key_Space)
    await saved(run)
    assert [each.plain_http for each in run.studio.hosts.all] == [True]
    assert any("not encrypted" in each for each in texts(page(run)))


async def test_a_tick_holds_for_the_address_it_was_given_for(run: GovernedRun) -> None:
    await add(run, "Lab", "http://10.0.0.5:8000")
    form = page(run).form
    form.accepted.setChecked(True)
    form.address.setText("http://10.0.0.6:8000")
    seen = [form.warns]
    click(form.save_button)
    assert [*seen, form.warns] == [False, True]
    assert count(run) == 0


async def test_a_host_is_changed_and_removed(run: GovernedRun) -> None:
    await add(run, "Lab", "https://llm.example")
    click(button(run, "Edit: Lab"))
    form = page(run).form
    assert (form.name.text(), form.address.text()) == ("Lab", "https://llm.example/v1")
    click(form.kind.buttons[1])
    await saved(run)
    (host,) = run.studio.hosts.all
    assert host.kind is HostKind.ANTHROPIC
    click(button(run, "Remove: Lab"))
    assert count(run) == 0


async def test_a_host_that_lacks_its_token_leads_to_where_it_is_entered(run: GovernedRun) -> None:
    await add(run, "Lab", "https://llm.example")
    click(button(run, "Use: Lab"))
    await until(lambda: run.studio.hosts.lacks_token)
    await until(lambda: any(b.text() == "Enter its token" for b in visible(page(run), QPushButton)))
    click(next(b for b in visible(page(run), QPushButton) if b.text() == "Enter its token"))
    sheet = visible(run.window, SettingsSheet)[0]
    assert sheet.page == "account"
    form = sheet.account_form.form
    assert form.site is None  # the host has no sites to choose from
    sheet.show_page("hosts")
    click(named(page(run), QAbstractButton, "Use: scripted"))
    assert run.studio.hosts.site_in_use


async def test_an_interface_that_a_host_lacks_is_not_offered(run: GovernedRun) -> None:
    await add(run, "Lab", "https://llm.example")
    click(button(run, "Edit: Lab"))
    click(page(run).form.kind.buttons[1])
    await saved(run)
    click(button(run, "Use: Lab"))
    head = run.tab.head
    assert head._protocol.text() == "Anthropic-compatible"
    assert not head._protocol.isEnabled()
    run.studio.hosts.use_site()
    assert head._protocol.isEnabled()


async def test_cancel_adds_nothing(run: GovernedRun) -> None:
    shown = page(run)
    click(shown.add_button)
    QTest.keyClicks(shown.form.address, "https://llm.example")
    click(shown.form.cancel_button)
    assert not shown.form.isVisible()
    assert count(run) == 0


async def test_answers_come_whole_where_the_setting_says_so(run: GovernedRun) -> None:
    visible(run.window, SettingsSheet)[0].close_sheet()
    run.studio.service.set_streaming(False)
    run.chat.scripts = [said("whole")]
    await run.asked("hi")
    assert not run.chat.requests[-1].stream


async def test_a_host_of_the_command_line_is_said_to_be_in_use(run: GovernedRun) -> None:
    await add(run, "Ollama", "127.0.0.1:11434", token=False)
    given = endpoint_for("openai", "http://127.0.0.1:8188/v1")
    run.studio.service.use(given, "")
    shown = page(run)
    await until(lambda: len(shown.rows) == 3)
    assert [row.use_button.isEnabled() for row in shown.rows] == [True, False, True]
    words = shown.rows[1]._fact_words()
    assert words.startswith("http://127.0.0.1:8188/v1 · given at the start (--base-url)")
    assert shown.rows[1].remove_button.isHidden()
    await until(lambda: all(row.isVisible() for row in shown.rows))
    # Going to another takes the row away: nothing is left of it.
    click(button(run, "Use: Ollama"))
    await until(lambda: len(shown.rows) == 2)
    assert [row.use_button.isEnabled() for row in shown.rows] == [True, False]


async def test_a_host_of_the_command_line_that_is_in_the_list_is_marked_there(
    run: GovernedRun,
) -> None:
    await add(run, "Ollama", "127.0.0.1:11434", token=False)
    await add(run, "Other", "127.0.0.1:9999", token=False)
    click(button(run, "Use: Other"))
    # The setting still says Other; what is talked to is what the command line said.
    run.studio.service.use(endpoint_for("openai", LOCAL), "")
    shown = page(run)
    await until(lambda: [row.use_button.isEnabled() for row in shown.rows] == [True, False, True])


async def test_a_host_of_the_command_line_that_wants_a_token_leads_to_it(run: GovernedRun) -> None:
    run.studio.service.use(endpoint_for("openai", "https://api.example.org/v1"), "")
    shown = page(run)
    await until(lambda: len(shown.rows) == 2)
    assert not shown.rows[1].token_button.isHidden()
    assert shown.rows[0].token_button.isHidden()
