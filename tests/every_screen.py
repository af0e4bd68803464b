"""A walk through everything that the window can show, for tests that look at all of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from studio.core import settings
from studio.core.credits import Balance
from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.exchanges import Exchange
from studio.core.hosts import OtherHost
from studio.core.images import JobStatus
from studio.core.lessons import Fact
from studio.core.messages import Role
from studio.core.models import ModelInfo
from studio.core.stream import ModelLearned, ReasoningDelta
from studio.sessions.requests.request_queue import TurnKind
from studio.ui.history.trash import TrashSheet
from studio.ui.images.tab import ImageTab
from studio.ui.links import ask_and_open
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.shell.queue_popover import QueuePopover
from studio.ui.widgets.model_popup import ModelPopup
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.sheet import Sheet
from tests.governed_parts import GovernedRun
from tests.history_parts import keep
from tests.painting_parts import PictureService
from tests.scripted import said, until
from tests.window_parts import SCRIPTED, child, click, picture, png, visible, write

DATA = Path(__file__).parent / "data"
LIVE, OTHER = "Qwen/Qwen3.5-35B-A3B", "moonshotai/Kimi-K2-Instruct-0905-Preview"
_AT_ONCE = 8
HUBBED = replace(SCRIPTED, hub="http://127.0.0.1:9")
PROMPT = "A lighthouse on a dark cliff at dusk, calm violet sea"
ANSWER = (
    "## Quicksort\n\nIt picks a *pivot* and **parts** the array.\n\n"
    "| Case | Cost |\n|---|---|\n| best | n log n |\n| worst | n² |\n\n"
    "```python\ndef sort(a):\n    return a\n```\n\n- first\n- second, with a few more words\n"
)


class Screen(NamedTuple):
    """What to look at; where it has several states, each is shown by a call."""

    name: str
    root: QWidget
    states: Sequence[Callable[[], object]] = ()


class WholeRun(GovernedRun):
    """A run that has something to show everywhere."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.pictures = PictureService(synchronous=True, inside=True, content=png((96, 64)))
        self.builders.build_images = lambda *_, **__: self.pictures  # type: ignore[method-assign]
        self.builders.hub.listed = (ModelInfo(LIVE), ModelInfo(OTHER))
        self.builders.hub.balance = Balance(250.0, 143.5, 1.5)

    async def begin(self, size: tuple[int, int] = (1440, 900)) -> None:
        await super().begin(size)
        self.studio.service.use(HUBBED, "ms-token")
        self.studio.account.refresh_balance()

    @property
    def images(self) -> ImageTab:
        """The tab of pictures, shown."""
        self.window.perform("tab_images")
        return child(self.window, ImageTab)

    def close_everything(self) -> None:
        """Back to the tab."""
        for sheet in visible(self.window, Sheet):
            sheet.close_sheet()
        for each in (*visible(self.window, QDialog), *visible(self.window, ModelPopup)):
            each.close()


async def settle() -> None:
    """Let layouts come to rest."""
    for _ in range(6):
        QCoreApplication.sendPostedEvents()
        await asyncio.sleep(0)


async def every_screen(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    """Every screen in turn; while one is yielded it is shown."""
    for walk in (_empty, _talks, _errors, _history, _vision, _images, _queues, _sheets, _settings):
        async for shown in walk(run, folder):
            await settle()
            yield shown
        run.close_everything()


async def _empty(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    for tab in ("chat", "vision", "images"):
        run.window.perform(f"tab_{tab}")
        yield Screen(f"empty {tab}", run.window)
    run.images._form.generate()
    yield Screen("a prompt is missing", run.images)
    run.window.perform("tab_chat")
    run.window.open_welcome()
    yield Screen("welcome", visible(run.window, Sheet)[0])


async def _talks(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    run.tab.use_model(LIVE)
    run.chat.scripts = [
        [ReasoningDelta("Let me think about it."), *said(ANSWER)],
        [ModelLearned(Fact.STREAMS_ONLY, "This model only support stream mode"), *said("Yes.")],
    ]
    await run.asked("Explain quicksort with one example and what it costs, please")
    yield Screen("an answer", run.window)
    await run.asked("And more?")
    yield Screen("what was learned of a model", run.window)
    for action in ("inspector", "history", "find"):
        run.window.perform(action)
        yield Screen(f"{action} called or sent away", run.tab)
        run.window.perform(action)
    run.window.say(Notice("Something happened that one should know of.", "Undo", lambda: None))
    yield Screen("a notice", run.window)
    run.tab.head.picker.open()
    yield Screen("models", visible(run.window, ModelPopup)[0])


async def _errors(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    kinds = list(ErrorKind)
    for first in range(0, len(kinds), _AT_ONCE):
        run.window.perform("new")
        for kind in kinds[first : first + _AT_ONCE]:
            # Of a model that said no for today nothing more is asked.
            run.tab.use_model(f"Qwen/Qwen3-{kind.value.title()}-30B")
            error = StudioError(kind, "upstream said no", request_id="1f3c9f0e-8a55-4f0b-req-42")
            run.chat.scripts = [[error] for _ in range(5)]
            await run.asked(f"Then {kind.value}?")
            assert run.last.error is not None
            assert run.last.error.kind is kind, (kind, run.last.error)
        view = run.tab.presenter.view
        answers = [each for each in view.stage.messages if each.role is Role.ASSISTANT]
        turns = [partial(view.scroll_to, each.id) for each in answers]
        yield Screen(f"errors from {kinds[first].value} on", view.viewport(), turns)
    run.chat.scripts = []
    run.window.perform("new")


async def _history(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    for title in ("Quicksort, explained with one example and its cost", "快速排序讲解", "Pears"):
        keep(run.database, title, "a question", f"an answer about {title}", model=OTHER)
    history = run.tab.history
    await history.rows.reload()
    tools = history.tools
    assert tools is not None
    run.window.resize(900, 600)
    yield Screen("history", history)
    write(history.search, "example")
    await until(lambda: tools.results.found.is_answered)
    yield Screen("what was found", history)
    history.search.clear()
    tools.filter.limit(model=OTHER)
    yield Screen("a filter", history)
    tools.filter.clear()
    ids = [identity for identity, _, _ in history.rows.titles][:2]
    tools.verbs.delete(ids)
    await until(lambda: run.tasks.count == 0)
    tools.open_trash()
    (sheet,) = visible(run.window, TrashSheet)
    await until(lambda: sheet.view.model().rowCount() == 2)
    yield Screen("trash", sheet)


async def _vision(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    run.window.perform("tab_vision")
    run.drop(picture(folder / "a picture with a long name of its own.png"))
    await until(lambda: bool(run.tab.presenter.attachments.parts))
    yield Screen("a picture", run.window)
    run.chat.scripts = [said("It is teal.")]
    await run.asked("Which colour is it?")
    yield Screen("a picture and an answer", run.window)


async def _images(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    tab, painting = run.images, run.studio.painting
    form = tab._form
    form.write_prompt(PROMPT)
    held = run.pictures.released = asyncio.Event()
    form.generate()
    form.generate()
    await until(lambda: bool(run.pictures.ordered))
    yield Screen("a picture on its way", run.window)
    held.set()
    await until(lambda: tab._stage.image is not None and not painting.jobs)
    yield Screen("a picture", run.window)
    run.pictures.at_submit = [StudioError(ErrorKind.REFUSED, "upstream said no")]
    form.generate()
    await until(lambda: bool(painting.jobs) and painting.jobs[0].status is JobStatus.FAILED)
    yield Screen("a picture that was refused", run.window)
    (job,) = painting.jobs

    def fail(kind: ErrorKind) -> None:
        failed = replace(job, error=StoredError(kind, "upstream said no").to_json())
        tab._stage.show_job(failed, painting.progress(job.id), average=None, here=True)

    yield Screen("errors of pictures", tab._stage, [partial(fail, kind) for kind in ErrorKind])


async def _queues(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    request_queue = run.studio.request_queue
    async with request_queue.turn(TurnKind.IMAGE, PROMPT, "Qwen/Qwen-Image"):
        waiting = [run.tasks.start(_wait(run), f"wait {n}") for n in range(2)]
        await until(lambda: request_queue.waiting == len(waiting))
        run.window.open_queue()
        yield Screen("queue", visible(run.window, QueuePopover)[0])
        yield Screen("the bar while things run", run.window._top)
        for turn in request_queue.turns[1:]:
            request_queue.cancel(turn.number)
    for each in visible(run.window, QueuePopover):
        each.close()


async def _wait(run: WholeRun) -> None:
    async with run.studio.request_queue.turn(
        TurnKind.CHAT, "Explain quicksort with an example", LIVE
    ):
        pass


async def _sheets(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    window = run.window
    window.perform("tab_chat")
    for opening in (window.open_palette, window.open_shortcuts):
        opening()
        (sheet,) = visible(window, Sheet)
        yield Screen(opening.__name__, sheet)
        for field in visible(sheet, QLineEdit):
            write(field, "zq")
            yield Screen("nothing is found", sheet)
    window.perform("export_all")
    yield Screen("export", visible(window, Sheet)[0])
    run.close_everything()
    window.dialogs.import_paths((DATA / "imports",))
    await until(lambda: run.studio.operations.operation is None)
    yield Screen("import", visible(window, Sheet)[0])
    run.close_everything()
    ask_and_open(window, "https://example.org/a/long/path/of/a/page")
    yield Screen("a link", visible(window, QDialog)[0])


async def _settings(run: WholeRun, folder: Path) -> AsyncIterator[Screen]:
    run.studio.exchange_log(_exchange())
    for page, _ in settings.PAGES:
        run.window.open_settings(page)
        yield Screen(f"settings {page}", visible(run.window, SettingsSheet)[0])
    run.window.open_settings("hosts")
    sheet = visible(run.window, SettingsSheet)[0]
    form = sheet.hosts_page.form
    form.begin(OtherHost("Beside the door", "http://192.168.1.10:8080/v1", plain_http=True))
    form.show()
    yield Screen("a host", sheet)
    form.address.setText("no address at all")
    click(form.save_button)
    yield Screen("a wrong host", sheet)
    sheet.show_page("data")
    click(sheet.backups.back_up)
    await until(lambda: len(sheet.backups.rows) == 1)
    yield Screen("backups", sheet)


def _exchange() -> Exchange:
    return Exchange(
        1e9, "POST", "api-inference.modelscope.cn", "/v1/chat/completions", LIVE, 200, "req"
    )
