"""The one SQLite connection, on its one thread, and the way to have work done there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.storage.db import backups
from studio.storage.db import connection as sqlite
from studio.storage.db.opening import (
    CHECK_FIRST_BYTES,
    DatabaseState,
    Mark,
    OpeningStep,
    OpenReport,
    Place,
    begin_session,
    open_database,
)

if TYPE_CHECKING:
    import asyncio

    from studio.core.transfer.common import Watch

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

_LONG_WAIT_MS = 10 * 60 * 1000


class Database:
    """Opens a database on a thread of its own and runs functions over its connection there.

    The constructor returns at once; `wait_open` blocks until the file is open. Work can be given
    before that: it waits its turn. Everything raises StudioError of kind STORAGE when the disk
    or the file refuses.
    """

    def __init__(
        self,
        path: Path,
        *,
        backup_folder: Path | None = None,
        vfs: str | None = None,
        check_first_bytes: int = CHECK_FIRST_BYTES,
        must_exist: bool = False,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        """With `must_exist` a database that is not there is an error, and none is made.

        `prepare` is done first, on the thread.
        """
        self.path = path
        self.backup_folder = backup_folder
        self.stage = OpeningStep.OPENING  # what the opening is at; set on the thread, read anywhere
        self._place = Place(path, backup_folder, vfs, check_first_bytes, must_exist, self._tell)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._connection: apsw.Connection | None = None
        self._mark: Mark | None = None
        self._writable = False
        self._trusted = False  # whether the log may flow back into the file
        self._closed = False
        self._checker: Thread | None = None
        self._checking: apsw.Connection | None = None
        # What the check after an unclean exit found ("" is sound); done at once without one.
        self.checked: Future[str] = Future()
        self._prepare = prepare
        self._opened = self._thread.submit(self._open)

    @classmethod
    def open(cls, path: Path, *, backup_folder: Path | None = None) -> Database:
        """Open and wait for it; the file is closed again when that fails."""
        database = cls(path, backup_folder=backup_folder)
        try:
            database.wait_open()
        except StudioError:
            database.close()
            raise
        return database

    def opening(self) -> asyncio.Future[OpenReport]:
        """What `wait_open` gives, to be awaited in the running loop; cancelling ends only that."""
        import asyncio

        return asyncio.shield(asyncio.wrap_future(self._opened))

    def _tell(self, stage: OpeningStep) -> None:
        self.stage = stage

    def wait_open(self) -> OpenReport:
        """Block until the file is open and say how it was found; raises StudioError."""
        return self._opened.result()

    def call(
        self,
        function: Callable[Concatenate[apsw.Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> asyncio.Future[R]:
        """Run `function(connection, …)` on the thread; await the result in the running loop.

        Cancelling the wait does not cancel the work: what was given to be saved is saved.
        """
        import asyncio  # not before the first paint

        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[R] = loop.create_future()

        def settle(done: Future[R]) -> None:
            if waiting.done():
                return
            error = done.exception()
            if error is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())

        def report(done: Future[R]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, done)

        self.submit(function, *args, **kwargs).add_done_callback(report)
        return waiting

    def call_sync(
        self,
        function: Callable[Concatenate[apsw.Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run `function(connection, …)` on the thread and block: for start, exit and workers."""
        return self.submit(function, *args, **kwargs).result()

    @contextmanager
    def beside(self) -> Iterator[apsw.Connection]:
        """A second connection for one long piece of writing by a worker thread.

        The first one goes on reading meanwhile; what it is given to write waits, however long.
        """
        self.call_sync(lambda first: first.set_busy_timeout(_LONG_WAIT_MS))
        try:
            connection = sqlite.connect(self.path, vfs=self._place.vfs)
            try:
                yield connection
            finally:
                connection.close()
        finally:
            with suppress(StudioError):  # closed meanwhile
                self.call_sync(lambda first: first.set_busy_timeout(sqlite.BUSY_MILLISECONDS))

    def back_up(
        self,
        label: str = backups.MANUAL,
        *,
        keep_days: int = backups.KEEP_DAYS,
        watch: Watch | None = None,
    ) -> Path:
        """Make a checked copy and drop surplus ones; blocks, writers go on meanwhile.

        For a worker thread. Raises StudioError when there is no place or no room for it, and
        TransferCancelled.
        """
        if self.backup_folder is None:
            raise StudioError(ErrorKind.STORAGE, "no folder for backups")
        self.wait_open()
        try:
            copy = backups.back_up(self.path, self.backup_folder, label=label, watch=watch)
            backups.rotate(self.backup_folder, keep_days)
        except (apsw.Error, OSError) as error:
            if isinstance(error, backups.BackupFailed | apsw.CorruptError):
                self._suspect()
            raise StudioError(ErrorKind.STORAGE, str(error)) from error
        return copy

    def back_up_daily(self, keep_days: int = backups.KEEP_DAYS) -> Path | None:
        """Make today's copy unless there is one; None when nothing was due."""
        if self.backup_folder is None or not self._writable or not backups.due(self.backup_folder):
            return None
        return self.back_up(backups.DAILY, keep_days=keep_days)

    def close(self) -> None:
        """Finish what was given, close the file and end the thread; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)
        if self._checker is not None:
            checking = self._checking
            if checking is not None:
                with suppress(apsw.ConnectionClosedError):
                    checking.interrupt()
            self._checker.join()
        self.checked.cancel()

    def submit(
        self,
        function: Callable[Concatenate[apsw.Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Future[R]:
        """Give work to the thread: its result comes by the future, in any thread."""
        if self._closed:
            raise StudioError(ErrorKind.STORAGE, "the database is closed")
        return self._thread.submit(lambda: self._run(function, *args, **kwargs))

    def _run(
        self,
        function: Callable[Concatenate[apsw.Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        if self._connection is None:
            failure = self._opened.exception()
            known = failure if isinstance(failure, StudioError) else StudioError(ErrorKind.STORAGE)
            raise StudioError(known.kind, known.detail, values=known.values) from failure
        try:
            return function(self._connection, *args, **kwargs)
        except apsw.Error as error:
            if isinstance(error, apsw.CorruptError | apsw.NotADBError):
                self._suspect()
            raise StudioError(ErrorKind.STORAGE, str(error)) from error

    def _open(self) -> OpenReport:
        try:
            self._prepare()
            return self._open_file()
        except StudioError:
            raise
        except Exception as error:
            # Whatever it is, who waits for the history is told that there is none, and why.
            log.exception("the database was not opened")
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close(True)
            raise StudioError(ErrorKind.STORAGE, f"{type(error).__name__}: {error}") from error

    def _open_file(self) -> OpenReport:
        self._connection, self._mark, report = open_database(self._place)
        self._writable = report.state is not DatabaseState.NEWER
        if self._writable:
            try:
                report = report._replace(interrupted=self._end_streaming(self._connection))
            except apsw.Error as error:
                self._connection.close()
                self._connection = None
                raise StudioError(ErrorKind.STORAGE, str(error)) from error
        self._trusted = not report.check_pending
        if self._trusted:
            self.checked.set_result("")
        else:
            # It only reads, on a connection of its own: seconds for a large file, and meanwhile
            # the history can be used. The log does not flow back until the file is known sound.
            self._checker = Thread(target=self._check, name="database check")
            self._checker.start()
        if self._writable:
            # After what was given meanwhile: the first page of the history does not wait for it.
            with suppress(RuntimeError):  # closed already
                self._thread.submit(self._begin_session)
        return report

    def _end_streaming(self, connection: apsw.Connection) -> int:
        """End what no program writes any more, whatever the last exit was; how many answers."""
        # Also after a clean one: the last save of an answer may have failed. Looked for by hand,
        # as the room of messages is no part of the first paint.
        left = connection.execute("SELECT 1 FROM messages WHERE status = 'streaming' LIMIT 1")
        if left.fetchone() is None:
            return 0
        from studio.storage.db.readings import end_streaming

        return end_streaming(connection)

    def _begin_session(self) -> None:
        if self._connection is None or self._mark is None:
            return
        try:
            begin_session(self._connection, self._mark)
        except (apsw.Error, OSError):
            log.exception("the session was not noted")

    def _check(self) -> None:
        try:
            self._checking = sqlite.connect_read_only(self.path)
            try:
                damage = sqlite.damage_of(self._checking)
            finally:
                connection, self._checking = self._checking, None
                connection.close()
        except apsw.InterruptError:
            self.checked.cancel()
            return
        except apsw.Error as error:
            damage = str(error)
        if damage:
            self._suspect()
        else:
            with suppress(RuntimeError):  # the thread has ended meanwhile
                self._thread.submit(self._trust)
        self.checked.set_result(damage)

    def _trust(self) -> None:
        if self._connection is not None:
            sqlite.allow_checkpoints(self._connection)
            self._trusted = True

    def _suspect(self) -> None:
        """See to it that the next start checks the file first, and restores a backup if it must."""
        log.error("the database is damaged; it will be checked at the next start")
        self._trusted = False
        if self._mark is not None:
            self._mark.suspect = True
            try:
                self._mark.write()
            except OSError:
                log.exception("the damage could not be noted")

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        mark = self._mark if self._writable and self._trusted else None
        try:
            if mark is None:
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            else:
                mark.closing = True
                mark.write()
            connection.close()
            if mark is not None:
                mark.remove()
        except (apsw.Error, OSError):
            log.exception("the database was not closed cleanly")
