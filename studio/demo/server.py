"""Runs a box: opens its ports, says where they are, and ends when its parent does."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn

from studio.demo.app import application
from studio.demo.box import Box
from studio.demo.scenarios import UnknownScenario
from studio.demo.wire import protocol_for

if TYPE_CHECKING:
    from studio.demo.options import BoxOptions

LOOPBACK = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 1


class BoxServer(uvicorn.Server):
    """A uvicorn server that announces itself in one line once it listens."""

    def __init__(self, config: uvicorn.Config, announcement: dict[str, object]) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # By number: a windowed program has no sys.stdout, but the pipe is there.
        os.write(1, json.dumps(self._announcement).encode() + b"\n")


def serve(options: BoxOptions) -> int:
    """Serve a box until it is told to end; returns the exit status."""
    try:
        sockets = [listening(options.port)]
        if options.files_port is not None:
            sockets.append(listening(options.files_port))
    except OSError as error:
        return _failed(f"The port cannot be opened: {error}")
    origin, files_origin = _origin(sockets[0]), _origin(sockets[-1])
    try:
        box = Box.filled(options, origin, files_origin)
    except UnknownScenario as error:
        return _failed(f"There is no scenario called {error}.")
    except OSError as error:
        return _failed(f"The state file cannot be read: {error}")
    config = uvicorn.Config(
        application(box),
        http=protocol_for(box.connections, box.journal.left),
        ws="none",
        loop="asyncio",
        lifespan="off",
        # The package's own set-up needs streams that a windowed program lacks.
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = BoxServer(
        config,
        {
            "port": sockets[0].getsockname()[1],
            "base_url": f"{origin}/v1",
            "hub_url": origin,
            "files_url": files_origin,
        },
    )
    if options.exit_with_parent:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    server.run(sockets)
    return 0


def _failed(sentence: str) -> int:
    os.write(2, sentence.encode() + b"\n")
    return 1


def listening(port: int) -> socket.socket:
    # Named as TCP, or asyncio leaves out TCP_NODELAY and every answer comes 40 ms late.
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        # There, the option would let two boxes share a port.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((LOOPBACK, port))
    opened.listen(512)
    return opened


def _origin(opened: socket.socket) -> str:
    return f"http://{LOOPBACK}:{opened.getsockname()[1]}"


def _end_with_stdin() -> None:
    # os.read and not sys.stdin: a thread inside its lock would stop the interpreter from ending.
    while os.read(0, 1024):
        pass
    # Nothing is lost by ending hard: the state file is complete after every request.
    os._exit(0)
