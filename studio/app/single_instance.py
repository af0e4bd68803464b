"""One program a data folder: a second one brings the first one's window to the front and ends."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QDir, QElapsedTimer, QLockFile, QObject, QSysInfo, QThread

from studio.storage.files import make_private, private_folder

_CONNECT_MS = 1000
ANSWER_MS = 5000  # a program that is just starting does not listen yet
_PAUSE_MS = 100
_LONGEST = 4096  # bytes: Qt writes five short lines
_NAMED_MS = 300  # a lock that was made this moment has no content yet


class Instance(QObject):
    """Holds the lock of a data folder, and listens for others that want the window raised.

    The lock survives nothing: one left by a killed program is taken over, because the process
    it names is gone or holds it no longer; so is anything at its place that names no process. Only
    one that names another computer is left alone until the user says so.
    """

    def __init__(self, folder: Path, *, must_exist: bool = False) -> None:
        """With `must_exist` the folder is not made: its disk may be away."""
        super().__init__()
        self._folder, self._must_exist = folder, must_exist
        self._path = folder / "studio.lock"
        self._lock = _lock(self._path)
        self._server: QObject | None = None

    @cached_property
    def _name(self) -> str:
        import hashlib  # not before the first paint

        return "moda-studio-" + hashlib.sha256(bytes(self._folder)).hexdigest()[:16]

    @property
    def elsewhere(self) -> bool:
        """Whether the lock names another computer, so that nobody here can tell whether it runs."""
        named = _named(self._path)
        return named is not None and _of_another_computer(named)

    def take(self, *, anyway: bool = False) -> bool:
        """Take the folder; False when another program has it, or `elsewhere` may have it.

        With `anyway` the user has said that nobody there has it. A folder that cannot be written
        has no lock of its own: then one among the temporary files keeps a second program out.
        """
        with contextlib.suppress(OSError):
            if self._must_exist and not self._folder.is_dir():
                return True
            # At the very first start: without the folder there would be no lock to take.
            private_folder(self._folder)
        _clear_what_is_no_lock(self._path)
        if anyway:
            self._lock.removeStaleLockFile()
        if self.elsewhere:
            return False
        if self._lock.tryLock(0):
            make_private(self._path)
            return True
        if self._lock.error() is QLockFile.LockError.LockFailedError:
            # It names a process that lives, but that may be another one with the same number: Qt
            # removes the file only where nobody holds it.
            return self._lock.removeStaleLockFile() and self._lock.tryLock(0)
        self._lock = _lock(Path(QDir.tempPath()) / f"{self._name}.lock")
        return self._lock.tryLock(0) or (
            self._lock.error() is not QLockFile.LockError.LockFailedError
        )

    def raise_other(self, patience_ms: int = ANSWER_MS) -> bool:
        """Ask the program that has the folder to show its window; False when none answers."""
        from PySide6.QtNetwork import QLocalSocket

        waited = QElapsedTimer()
        waited.start()
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        while not socket.waitForConnected(_CONNECT_MS):
            if waited.hasExpired(patience_ms):
                return False
            QThread.msleep(_PAUSE_MS)
            socket.connectToServer(self._name)
        socket.write(b"raise\n")
        socket.waitForBytesWritten(_CONNECT_MS)
        socket.disconnectFromServer()
        return True

    def listen(self, on_raise: Callable[[], None]) -> None:
        """Call `on_raise` whenever another program asks; only this user can."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)
        server.newConnection.connect(lambda: self._on_connection(server, on_raise))
        server.listen(self._name)
        self._server = server

    def _on_connection(self, server: QObject, on_raise: Callable[[], None]) -> None:
        from PySide6.QtNetwork import QLocalServer

        assert isinstance(server, QLocalServer)
        socket = server.nextPendingConnection()
        if socket is not None:
            socket.disconnected.connect(socket.deleteLater)
            on_raise()

    def release(self) -> None:
        """Give the folder back, and listen no longer."""
        if self._server is not None:
            from PySide6.QtNetwork import QLocalServer

            assert isinstance(self._server, QLocalServer)
            self._server.newConnection.disconnect()  # it would keep whoever it calls
            self._server.close()
            self._server = None
        self._lock.unlock()


def _lock(path: Path) -> QLockFile:
    made = QLockFile(str(path))
    made.setStaleLockTime(0)
    return made


def _named(path: Path) -> tuple[str, str] | None:
    """Host name and id of the machine in a lock; None where it names no process."""
    try:
        lines = path.read_bytes()[:_LONGEST].decode("utf-8").split("\n")
        if int(lines[0]) <= 0:
            return None
    except (OSError, ValueError):
        return None
    return (lines[2], lines[3]) if len(lines) > 3 else ("".join(lines[2:3]), "")


def _of_another_computer(named: tuple[str, str]) -> bool:
    here = (QSysInfo.machineHostName(), bytes(QSysInfo.machineUniqueId().data()).decode())
    return any(there and own and there != own for there, own in zip(named, here, strict=True))


def _clear_what_is_no_lock(path: Path) -> None:
    """Remove what lies at the place of a lock and names no process, so that it never could go."""
    waited = QElapsedTimer()
    waited.start()
    try:
        found = path.lstat()
        while (
            stat.S_ISREG(found.st_mode) and found.st_size == 0 and not waited.hasExpired(_NAMED_MS)
        ):
            QThread.msleep(_PAUSE_MS)
            found = path.lstat()
        if stat.S_ISDIR(found.st_mode):
            _clear_folder(path)
        elif not stat.S_ISREG(found.st_mode):
            path.unlink()  # a pipe would hold whoever reads it, a link leads anywhere
        elif found.st_size > _LONGEST or _named(path) is None:
            _clear_file(path)
    except OSError:
        return  # gone meanwhile, or nothing can be done here: then `take` finds no lock to be had


def _clear_folder(path: Path) -> None:
    try:
        path.rmdir()
    except OSError:  # somebody has put something there, and it is not ours to delete
        target, number = path.with_name(f"{path.name}.folder"), 1
        while target.exists():
            number += 1
            target = path.with_name(f"{path.name}.folder-{number}")
        path.rename(target)


def _clear_file(path: Path) -> None:
    if not os.access(path, os.R_OK | os.W_OK):
        with contextlib.suppress(OSError):
            path.chmod(0o600)
    # Qt removes it only where nobody holds it; what cannot even be opened holds nobody.
    if not _lock(path).removeStaleLockFile() and not os.access(path, os.W_OK):
        path.unlink()
