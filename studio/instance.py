"""One program a data folder: a second one brings the first one's window to the front and ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject

_CONNECT_MS = 1000


class Instance(QObject):
    """Holds the lock of a data folder, and listens for others that want the window raised.

    The lock survives nothing: one left by a killed program is taken over, because the process
    it names is gone.
    """

    def __init__(self, folder: Path, *, must_exist: bool = False) -> None:
        """With `must_exist` the folder is not made: its disk may be away."""
        super().__init__()
        self._folder, self._must_exist = folder, must_exist
        self._lock = QLockFile(str(folder / "studio.lock"))
        self._lock.setStaleLockTime(0)
        self._server: QObject | None = None

    @cached_property
    def _name(self) -> str:
        import hashlib  # not before the first paint

        return "moda-studio-" + hashlib.sha256(bytes(self._folder)).hexdigest()[:16]

    def take(self) -> bool:
        """Take the folder; False when another program has it.

        A folder that cannot be written has no lock: then nothing is written there either.
        """
        with contextlib.suppress(OSError):
            if self._must_exist and not self._folder.is_dir():
                return True
            # At the very first start: without the folder there would be no lock to take.
            self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock.tryLock(0):
            return True
        return self._lock.error() != QLockFile.LockError.LockFailedError

    def raise_other(self) -> bool:
        """Ask the program that has the folder to show its window."""
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_CONNECT_MS):
            return False
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
