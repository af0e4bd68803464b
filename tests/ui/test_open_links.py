"""Links of an answer: only web pages open, and only after their true host was shown."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton

from studio.ui import links
from studio.ui.transcript.layout.hit_test import link_at
from tests.scripted import said
from tests.unit.ui.test_links import REFUSED
from tests.window_parts import Run, click, spy, visible


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Addresses that were handed to the browser."""
    calls: list[Any] = []
    monkeypatch.setattr(links, "open_url", spy(calls))
    return calls


def link_places(run: Run) -> list[QPoint]:
    """Where the last message has something that looks like a link, one place a link."""
    view = run.tab.presenter.view
    view.flush()
    index = len(view.stage.messages) - 1
    box, top = view.stage.box(index), view.stage.y_of(index)
    found: dict[str, QPoint] = {}
    for y in range(0, box.height, 4):
        for x in range(0, box.width, 4):
            address = link_at(box, x, y)
            if address and address not in found:
                found[address] = QPoint(view.column_x + x, top + y)
    return list(found.values())


def question(run: Run) -> QMessageBox | None:
    """The question that is shown before a link opens."""
    return next((box for box in run.window.findChildren(QMessageBox) if box.isVisible()), None)


def answer_with(run: Run, button: str) -> None:
    box = question(run)
    assert box is not None
    click(next(each for each in visible(box, QPushButton) if each.text().strip("&") == button))


async def test_a_link_is_asked_about_by_its_true_host_first(run: Run, opened: list[Any]) -> None:
    run.chat.scripts = [said("See [your bank](https://аррӏе.com/login?a=1) now.")]
    await run.asked("where?")
    (place,) = link_places(run)
    click(run.tab.presenter.view.viewport(), place)
    box = question(run)
    assert box is not None
    assert "xn--80ak6aa92e.com" in box.text()
    assert opened == []
    answer_with(run, "Cancel")
    assert opened == []
    click(run.tab.presenter.view.viewport(), place)
    answer_with(run, "Open")
    assert [url.host() for url in opened] == ["аррӏе.com"]


async def test_escape_and_enter_do_not_open_a_link_by_themselves(
    run: Run, opened: list[Any]
) -> None:
    run.window._on_link("https://example.com/")
    box = question(run)
    assert box is not None
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()
    assert opened == []


async def test_links_to_anything_else_do_nothing_when_clicked(run: Run, opened: list[Any]) -> None:
    bad = [address for address in REFUSED if address.strip()]
    lines = [f"[link {n}](<{address}>) and <{address}>" for n, address in enumerate(bad)]
    run.chat.scripts = [said("\n\n".join(lines))]
    await run.asked("links?")
    view = run.tab.presenter.view
    for place in link_places(run):
        view.scroll_to(run.last.id)
        if 0 <= place.y() < view.viewport().height():
            click(view.viewport(), place)
            box = question(run)
            if box is not None:
                # What CommonMark made a web address of (percent-encoded) may be asked about.
                assert box.informativeText().startswith(("http://", "https://"))
                box.reject()
    assert opened == []


async def test_the_window_asks_about_no_address_that_is_not_safe(
    run: Run, opened: list[Any]
) -> None:
    for address in REFUSED:
        run.window._on_link(address)
        links.open_own_page(address)
        assert question(run) is None, address
    assert opened == []


async def test_a_picture_of_an_answer_is_neither_fetched_nor_read(run: Run) -> None:
    run.chat.scripts = [
        said("![a](http://127.0.0.1:9/x.png) ![b](file:///etc/hostname) ![c](//host/share/x.png)")
    ]
    await run.asked("pictures?")
    view = run.tab.presenter.view
    view.selection.select_all()
    for words in ("a", "b", "c"):
        assert words in view.selection.text()
