"""The composition root: the only file that knows every part, and the only one that imports qasync.

The order is the point: the window is painted with nothing loaded but Qt and the database, which
works on its own thread meanwhile. Then the event loop of asyncio takes over, and everything else
is loaded in the background.
"""

from __future__ import annotations

import concurrent.futures
import logging
import sys
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

import studio.app.plain_imports  # noqa: F401 - before whatever else is imported
from studio.app import before_window
from studio.app.container import Late, network_of
from studio.app.options import Carried
from studio.app.signals import signals_to
from studio.app.single_instance import Instance
from studio.core.capabilities import Capability
from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.settings import Settings
from studio.sessions.history.conversation_list import ConversationList
from studio.sessions.preferences import Preferences
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.ui_thread_gc import UiThreadGc
from studio.sessions.studio import Studio
from studio.storage.db.database import Database
from studio.storage.history import listing
from studio.storage.locations import Locations, NoPlace, locate
from studio.storage.preferences import PreferencesFile
from studio.storage.privacy import mend_rights
from studio.ui.look import theme
from studio.ui.shell.language import Translations
from studio.ui.shell.main_window import MainWindow

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import TracebackType

    from studio.app.options import Options
    from studio.demo.launch import DemoProcess
    from studio.storage.history.folders import Folder
    from studio.storage.history.listing import ConversationSummary

_log = logging.getLogger(__name__)

HISTORY_SECONDS = 0.25  # how long the first paint waits for the history at most
PAINT_MS = 3000
CLOSE_SECONDS = 2.0
DEMO_TOKEN = "demo"  # the box asks for one, as the service does, and takes any word
_NETWORK_NAMES = {
    "proxy_mode",
    "proxy_url",
    "certificate_file",
    "connect_seconds",
    "idle_seconds",
    "host",
    "other_hosts",
}


class Program(QObject):
    """One run of the program, from its parts to the last word on disk."""

    def __init__(
        self,
        app: QApplication,
        options: Options,
        locations: Locations,
        instance: Instance,
        carried: Carried | None = None,
    ) -> None:
        """`carried` comes from the run that this one follows by itself."""
        super().__init__()
        self._carried = carried or Carried()
        self.following: Carried | None = None  # for the run that follows this one
        self._app, self._options = app, options
        self._collector = UiThreadGc(self)
        self._locations, self._instance = locations, instance
        # Opened first: its thread works while the window is built.
        self._database = Database(
            locations.database,
            backup_folder=locations.backups,
            must_exist=locations.chosen,
            prepare=partial(mend_rights, locations),
        )
        self._translations = Translations(app)
        self._ended: asyncio.Event | None = None
        self._wanted = True  # until the user closes the window, which may be before it lives
        self._demo: DemoProcess | None = None
        try:
            self._build()
        except BaseException:
            self._database.close()
            raise

    def _build(self) -> None:
        # Nothing here touches network, keyring or SDKs.
        self._file = PreferencesFile(self._locations.settings)
        self._loaded = self._file.load()
        settings = self._loaded.settings
        self._translations.use(settings.language)
        theme.apply(self._app, theme.chosen(settings.appearance))
        self.studio = self._sessions(settings)
        self.studio.preferences.changed.connect(self._on_preferences_changed)
        self.window = MainWindow(self.studio)
        self.window.close_requested.connect(self._end)
        self.window.demo_requested.connect(self._on_demo_requested)
        # Weakly: every thread remembers the hook of its beginning, some for longer than this run.
        report = weakref.WeakMethod(self._on_uncaught)

        def tell(*fault: Any) -> None:  # what the interpreter hands to a hook
            (report() or sys.__excepthook__)(*fault)

        sys.excepthook = tell

    def _sessions(self, settings: Settings) -> Studio:
        tasks = TaskGroup(self)
        kinds = (Capability.CHAT, Capability.VISION)
        return Studio(
            tasks=tasks,
            preferences=Preferences(self._file, settings, tasks),
            locations=self._locations,
            database=self._database,
            histories={kind: ConversationList(kind, self._database, tasks) for kind in kinds},
            late=Late(self._locations, self._options),
        )

    def paint(self) -> None:
        """Show the window with its history and return when it has been painted."""
        seen = self._first_sight()
        if seen is not None:
            self.studio.histories[Capability.CHAT].show_page(*seen)
        waiting = QEventLoop()
        painted = FirstPaint(self.window, waiting.quit)
        QTimer.singleShot(PAINT_MS, waiting.quit)  # one that is not painted has to live too
        self.window.close_requested.connect(waiting.quit)
        self.window.show()
        # Keys and clicks wait, here as in `warm_up`: there is nobody yet who could take them.
        waiting.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        painted.deleteLater()
        if self._options.time_first_paint:
            from studio.app.startup_report import report

            report(len(self.studio.histories[Capability.CHAT].titles))

    async def live(self) -> None:
        """Load the rest and wait for the end; on the loop that Qt and asyncio share."""
        import asyncio

        self._ended = asyncio.Event()
        with signals_to(self._end):
            if self._wanted:
                self.studio.tasks.attempt(self._bring_to_life, "the start")
                await self._ended.wait()
            await self._close()

    def _bring_to_life(self) -> None:
        from studio.app.bootstrap import Bootstrap

        parts = (self._options, self._carried, self._loaded, self._use_demo)
        bootstrap = Bootstrap(self.studio, self.window, *parts)
        bootstrap.begin(self._instance, self._collector, self._end)

    def leave(self) -> None:
        """End without having lived: only the database has to be closed."""
        self._database.close()
        self._instance.release()

    def _end(self) -> None:
        self._wanted = False
        if self._ended is not None:
            from studio.providers import packages

            # A run that follows this one in the same process needs what is being loaded.
            if not (self.studio.has("restart") and self.studio.restart.wanted):
                packages.stop()
            self._ended.set()

    def _first_sight(self) -> tuple[list[ConversationSummary], tuple[Folder, ...]] | None:
        reading = self._database.submit(listing.first_sight, Capability.CHAT)
        try:
            return reading.result(HISTORY_SECONDS)
        except concurrent.futures.TimeoutError:
            _log.info("the history comes after the first paint")
        except StudioError:
            _log.warning("the history could not be read")  # `Bootstrap` tells why
        return None

    def _on_demo_requested(self) -> None:
        self.studio.tasks.start(self._use_demo(), "start the service in a box")

    async def _use_demo(self) -> None:
        from dataclasses import replace

        from studio.demo.launch import DemoFailed, start_demo
        from studio.providers import registry
        from studio.sessions.requests.service import DEMO

        try:
            self._demo = self._demo or await start_demo()
        except DemoFailed as error:
            _log.warning("the service in a box did not start")
            self.studio.tasks.failed.emit(StoredError(ErrorKind.BUG, str(error)))
            return
        endpoint = replace(registry.endpoint_for("cn", self._demo.base_url), id=DEMO)
        self.studio.service.use(endpoint, DEMO_TOKEN, demo=True)
        self.studio.tasks.start(self.studio.catalogue.refresh(), "refresh the models")

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        settings = self.studio.preferences.settings
        if "language" in names:
            self._translations.use(settings.language)
            theme.speak(self._app)
        if names & _NETWORK_NAMES:
            self._set_network()
        if "stream_answers" in names:
            self.studio.service.set_streaming(settings.stream_answers)
        if names & {"requests_at_once", "pictures_at_once"}:
            self.studio.request_queue.set_limits(
                settings.requests_at_once, settings.pictures_at_once
            )

    def _set_network(self) -> None:
        studio = self.studio
        password = studio.proxy_password.password
        studio.service.set_network(network_of(studio.preferences.settings, password))

    def _on_uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._end()
        else:
            self.studio.tasks.report(error, "a slot")

    async def _close(self) -> None:
        """Stop what is under way and store it; nothing that was shown is lost.

        A step that fails keeps none of the next ones from being done.
        """
        await self.studio.tasks.attempt_all(
            (
                ("the drafts", self._keep_drafts),
                ("what is under way", self._close_tasks),
                ("the connections", self._close_service),
                ("the pictures", self._close_pictures),
                ("the settings", self._write_settings),
                ("the database", self._close_database),
                ("another run", self._change_over),
                ("the service in a box", self._stop_demo),
            )
        )
        self._instance.release()
        self.window.end()

    async def _close_tasks(self) -> None:
        await self.studio.tasks.close(CLOSE_SECONDS)

    async def _keep_drafts(self) -> None:
        if self.studio.has("drafts"):
            await self.studio.drafts.close()

    async def _close_service(self) -> None:
        if self.studio.has("service"):
            await self.studio.service.close()

    async def _close_pictures(self) -> None:
        import asyncio

        if self.studio.has("gallery"):
            await asyncio.to_thread(self.studio.gallery.close)
        if self.studio.has("pictures"):
            await asyncio.to_thread(self.studio.pictures.close)

    async def _write_settings(self) -> None:
        self.studio.preferences.write_now()

    async def _close_database(self) -> None:
        import asyncio

        await asyncio.to_thread(self._database.close)

    async def _stop_demo(self) -> None:
        import asyncio

        if self._demo is not None:
            await asyncio.to_thread(self._demo.stop)

    async def _change_over(self) -> None:
        import asyncio

        studio = self.studio
        if studio.has("restart") and studio.restart.wanted:
            from studio.app.restart import change_over
            from studio.sessions.account.account import TokenPlace

            greeting = await asyncio.to_thread(change_over, studio.restart, self._locations)
            token = ""
            if studio.account.place is TokenPlace.SESSION and not studio.service.demo:
                token = await studio.account.token_for(studio.service.endpoint.origin)
            self.following = Carried(greeting, token, studio.service.demo, studio.drafts.all)

    def dispose(self) -> Carried | None:
        """Make room for the run that follows, and what it is handed; None when none follows."""
        if self.following is None:
            return None
        self._collector.close()
        self.window.deleteLater()
        # At once: half a window must not hear that the language changes.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._translations.drop()
        return self.following


class FirstPaint(QObject):
    """Calls back once a window has been painted."""

    def __init__(self, window: QWidget, done: Callable[[], None]) -> None:
        super().__init__()
        self._window, self._done = window, done
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            # After this event, so that all of the window has been painted.
            QTimer.singleShot(0, self._done)
        return False


def run(options: Options) -> int:
    """Run the program until its window closes; returns the exit code."""
    if options.base_url is not None:
        from studio.providers import registry

        try:
            registry.endpoint_for("openai", options.base_url)
        except StudioError as error:
            # Without a password that may be in it.
            address = options.base_url.rpartition("@")[2] or "--base-url"
            print(f"moda-studio: {address}: {error.text.hint}", file=sys.stderr)
            return 2
    app = before_window.application()
    try:
        locations = locate(options.data_dir)
        instance = Instance(locations.data, must_exist=locations.chosen)
        code = before_window.enter(instance, locations)
        return _run(app, options, locations, instance) if code is None else code
    except NoPlace as error:
        before_window.say_no_place(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for a window
        _log.exception("the program cannot start")
        before_window.say_crash(error)
    return 1


def _run(app: QApplication, options: Options, locations: Locations, instance: Instance) -> int:
    program: Program | None = Program(app, options, locations, instance)
    while program is not None:
        try:
            program.paint()
            if options.time_first_paint:
                program.leave()
                return 0
            _live(app, program)
        except BaseException:
            program.leave()
            raise
        carried, program = program.dispose(), None
        if carried is not None:
            from studio.app.restart import begin_anew

            places = begin_anew(options)
            program = Program(app, options, *places, carried) if places is not None else None
    return 0


def _live(app: QApplication, program: Program) -> None:
    from studio.app.warm_up import warm_up

    warm_up(program.window.build_deferred(), program.studio.tasks.report)
    import qasync

    from studio.sessions.requests.generators import Generators

    with qasync.QEventLoop(app) as loop:
        loop.run_until_complete(Generators(loop).around(program.live()))
