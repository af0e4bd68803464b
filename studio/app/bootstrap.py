"""What a run does between its first paint and its life: many steps, each with a way out.

A step that fails is told in the window and logged, and the next ones are done all the same.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.sessions.studio import Studio
from studio.ui.shell.main_window import MainWindow

if TYPE_CHECKING:
    from studio.app.options import Carried, Options
    from studio.app.single_instance import Instance
    from studio.core.messages import ChatProtocol
    from studio.sessions.requests.ui_thread_gc import UiThreadGc
    from studio.storage.db.opening import OpeningStep, OpenReport
    from studio.storage.preferences import LoadedSettings

TOKEN_VARIABLE = "MODA_STUDIO_TOKEN"
# A history that is open by then is not spoken of.
PATIENCE_SECONDS = 0.4


class _LogTrouble(QObject):
    """Brings what a thread found to the window."""

    happened = Signal(object)


class Bootstrap:
    """Brings the parts of a run to life; the program does what only it can."""

    def __init__(
        self,
        studio: Studio,
        window: MainWindow,
        options: Options,
        carried: Carried,
        loaded: LoadedSettings,
        use_demo: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """`loaded` is how the settings were found; `use_demo` changes to the service in a box."""
        self._studio, self._window, self._options = studio, window, options
        self._carried, self._loaded, self._use_demo = carried, loaded, use_demo

    def begin(self, instance: Instance, collector: UiThreadGc, end: Callable[[], None]) -> None:
        """Start everything; on the loop that Qt and asyncio share."""
        studio, window = self._studio, self._window

        def raise_window() -> None:
            window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
            window.show()
            window.raise_()
            window.activateWindow()

        for where, step in (
            ("the log", self._start_log),
            ("what is loaded ahead", lambda: self._preload(collector)),
            ("the door for a second start", lambda: instance.listen(raise_window)),
            ("the history", self._refresh_histories),
            ("the drafts", lambda: self._start(self._load_drafts(), "read the drafts")),
            ("another run", lambda: studio.restart.requested.connect(end)),
            ("how the files were found", lambda: self._start(self._tell_of_files(), "tell")),
            ("answers cut short", lambda: self._start(self._tell_of_answers(), "tell")),
            ("begin", lambda: self._start(self._begin(), "begin")),
            ("keep house", lambda: self._start(self._keep_house(), "keep house")),
        ):
            studio.tasks.attempt(step, where)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._studio.tasks.start(work, name)

    def _start_log(self) -> None:
        from studio.app.logs import NO_LOG, start_log

        # Lines are written in many threads; it is said in the window's.
        relay = _LogTrouble(self._studio.tasks)
        relay.happened.connect(self._studio.tasks.failed, Qt.ConnectionType.QueuedConnection)

        def troubled(error: OSError) -> None:
            said = StoredError(ErrorKind.STORAGE, str(error), values={"reason": NO_LOG})
            with suppress(RuntimeError):  # the window is gone
                relay.happened.emit(said)

        start_log(self._studio.locations.logs, troubled)

    def _preload(self, collector: UiThreadGc) -> None:
        def load(protocol: ChatProtocol) -> asyncio.Future[None]:
            collector.pause()
            try:
                from studio.app.preload import preload
                from studio.providers import registry

                loading = preload([partial(registry.preload, protocol)])
            except BaseException:
                collector.start()
                raise
            loading.add_done_callback(lambda _: collector.start())
            return loading

        self._studio.service.preload_with(load)

    def _refresh_histories(self) -> None:
        for rows in self._studio.histories.values():
            rows.refresh()

    async def _begin(self) -> None:
        await self._studio.tasks.attempt_all(
            (
                ("the proxy's password", self._load_proxy_password),
                ("the usage log", self._load_ledger),
                ("the host", self._choose_host),
                ("clearing up", self._clear_up),
                # Before the orders: it lists a picture that was just being saved at the end.
                ("the gallery", self._load_gallery),
                ("the orders", self._resume_orders),
                ("what was learned", self._load_lessons),
                ("the models", self._refresh_models),
            )
        )

    # Each builds its session itself, so that one that cannot be built costs one step.

    async def _load_ledger(self) -> None:
        await self._studio.usage_log.load()
        await self._studio.lessons.load()

    async def _load_gallery(self) -> None:
        await self._studio.gallery.load()

    async def _resume_orders(self) -> None:
        await self._studio.painting.resume()

    async def _refresh_models(self) -> None:
        await self._studio.catalogue.refresh()

    async def _load_lessons(self) -> None:
        await self._studio.lessons.load()

    async def _load_drafts(self) -> None:
        await self._studio.drafts.load(self._carried.drafts)

    async def _load_proxy_password(self) -> None:
        from studio.app.container import network_of

        studio = self._studio

        def set_network() -> None:
            password = studio.proxy_password.password
            studio.service.set_network(network_of(studio.preferences.settings, password))

        studio.proxy_password.changed.connect(set_network)
        await studio.proxy_password.load()

    async def _choose_host(self) -> None:
        studio = self._studio
        if self._options.demo or self._carried.demo:
            await self._use_demo()
        elif token := self._carried.token or os.environ.get(TOKEN_VARIABLE, ""):
            studio.account.adopt(token)
        else:
            studio.account.load()
            if not studio.preferences.settings.welcome_done and not self._options.base_url:
                self._window.open_welcome()

    async def _clear_up(self) -> None:
        from studio.app.maintenance import clear_up_first

        await clear_up_first(self._studio)

    async def _keep_house(self) -> None:
        from studio.app.maintenance import keep_house, read_history
        from studio.ui.widgets.notice import Notice

        studio, window = self._studio, self._window
        words = await keep_house(studio)
        if words:
            window.say(Notice(words))
        await studio.relocation.look_at_drive()
        window.dialogs.warn_of_drive(lambda: window.open_settings("data"))
        await read_history(studio)

    # What was found.

    async def _tell_of_files(self) -> None:
        from studio.app.startup_notices import (
            words_for_failure,
            words_for_opening,
            words_for_settings,
        )
        from studio.ui.widgets.notice import Notice

        studio, window = self._studio, self._window
        try:
            opening = studio.database.opening()
            await self._tell_while(opening)
            words = words_for_opening(await opening)
        except StudioError as error:
            words = words_for_failure(error, studio.locations.data)
            if studio.locations.previous is not None:
                window.dialogs.offer_previous(words)
                return
        words = words or words_for_settings(self._loaded) or self._carried.greeting
        if words:
            window.say(Notice(words, lasting=True))

    async def _tell_of_answers(self) -> None:
        """The last end of the program may have come in the middle of answers."""
        from studio.app.startup_notices import words_for_answers
        from studio.storage.db.opening import DatabaseState
        from studio.ui.widgets.notice import Notice

        studio, window = self._studio, self._window
        if (await studio.database.opening()).state is DatabaseState.NEWER:
            return  # nothing is noted there, so they would be told of each time
        found = await studio.chats.find_cut_short()
        if found:
            kind, newest = found[0].kind.value, found[0].id
            words, show = words_for_answers(found)
            window.say(Notice(words, show, lambda: window.open_in(kind, newest), kept=True))

    async def _tell_while(self, opening: asyncio.Future[OpenReport]) -> None:
        """Say what the opening is at, while it takes longer than anybody would not notice."""
        from studio.app.startup_notices import words_for_stage
        from studio.ui.widgets.notice import Notice

        database, window = self._studio.database, self._window
        told: OpeningStep | None = None
        notice: Notice | None = None
        while not (await asyncio.wait((opening,), timeout=PATIENCE_SECONDS))[0]:
            if database.stage is not told:
                told = database.stage
                before, notice = notice, Notice(words_for_stage(told), lasting=True)
                if before is not None:
                    window.notices.withdraw(before)
                window.say(notice)
        if notice is not None:
            window.notices.withdraw(notice)
