"""A picture service with behaviour, and the sessions around it, for tests of the Images tab."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import ImageRequest
from studio.core.messages import ChatProtocol
from studio.core.settings import Settings
from studio.providers.base import (
    ChatProvider,
    Endpoint,
    Finished,
    Hub,
    ImageProvider,
    NetworkSettings,
    StillRunning,
    Submitted,
)
from studio.sessions.images.gallery import GalleryModel
from studio.sessions.images.session import ImageSession, PollInterval
from studio.sessions.preferences import Preferences
from studio.sessions.requests.request_queue import RequestQueue
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.pictures.library import Library
from studio.storage.pictures.thumbnails import Thumbnails
from studio.storage.preferences import PreferencesFile

HERE = Endpoint("cn", "ModelScope", "http://127.0.0.1:1/v1", "http://127.0.0.1:1")
ELSEWHERE = Endpoint("ai", "Elsewhere", "http://127.0.0.1:2/v1", "http://127.0.0.1:2")
QUICK = PollInterval(first=0.005, longest=0.01, deadline=5.0)


def png(width: int = 48, height: int = 32, colour: str = "#5B45F0") -> bytes:
    """A real picture."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(made, "PNG")
    return made.getvalue()


def request(prompt: str = "A lighthouse at dusk", **others: Any) -> ImageRequest:
    """A request that every family allows."""
    return ImageRequest("Qwen/Qwen-Image", prompt, size=(512, 512), seed=7, **others)


class _Bell(QObject):
    rung = Signal()


@dataclass
class PictureService:
    """Makes pictures like the real one: orders become tasks that need some looks to end.

    It outlives the programs that talk to it, so a restart can be played. `at_submit`, `at_poll`
    and `at_download` hold what goes wrong next, in order; None is a call that goes well.
    `bell.rung` tells every call.
    """

    looks: int = 2
    synchronous: bool = False
    inside: bool = False  # the answer holds the pictures themselves
    each: int = 1  # pictures of one answer
    dropped: tuple[str, ...] = ()
    content: bytes = field(default_factory=png)
    ordered: list[ImageRequest] = field(default_factory=list)
    polled: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    at_submit: list[StudioError | None] = field(default_factory=list)
    at_poll: list[StudioError | None] = field(default_factory=list)
    at_download: list[StudioError | None] = field(default_factory=list)
    on_poll: Callable[[str], Any] | None = None
    on_download: Callable[[str], Any] | None = None
    released: asyncio.Event | None = None  # while it is not set, orders are not answered
    at_once: int = 0
    most_at_once: int = 0
    bell: _Bell = field(default_factory=_Bell)
    _left: dict[str, int] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def submit(self, request: ImageRequest) -> Submitted | Finished:
        self.ordered.append(request)
        self.bell.rung.emit()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            if self.released is not None:
                await self.released.wait()
        finally:
            self.at_once -= 1
        self._fail(self.at_submit)
        number = next(self._numbers)
        if self.synchronous:
            return Finished(self._addresses(f"{number}"), self.dropped)
        self._left[f"task-{number}"] = self.looks
        return Submitted(f"task-{number}", self.dropped)

    async def poll(self, task_id: str) -> StillRunning | Finished:
        self.polled.append(task_id)
        self.bell.rung.emit()
        if self.on_poll is not None:
            await self.on_poll(task_id)
        self._fail(self.at_poll)
        if task_id not in self._left:
            raise StudioError(ErrorKind.TASK_FAILED, "no such task")
        self._left[task_id] -= 1
        if self._left[task_id] > 0:
            return StillRunning("RUNNING")
        return Finished(self._addresses(task_id))

    def _addresses(self, name: str) -> tuple[str, ...]:
        if self.inside:
            encoded = base64.b64encode(self.content).decode()
            return tuple(f"data:image/png;n={n};base64,{encoded}" for n in range(self.each))
        others = (f"http://127.0.0.1:1/{name}.{n}.png" for n in range(1, self.each))
        return (f"http://127.0.0.1:1/{name}.png", *others)

    async def download(self, url: str) -> bytes:
        self.fetched.append(url)
        self.bell.rung.emit()
        if self.on_download is not None:
            await self.on_download(url)
        self._fail(self.at_download)
        return self.content

    async def close(self) -> None:
        """Nothing is kept."""

    def finish(self, task_id: str) -> None:
        """The next look at this task is the last."""
        self._left[task_id] = 1

    def _fail(self, script: list[StudioError | None]) -> None:
        error = script.pop(0) if script else None
        if error is not None:
            raise error


@dataclass
class Builders:
    """Hands the same service out for every endpoint, and notes whom it was asked for."""

    pictures: PictureService
    asked_for: list[str] = field(default_factory=list)

    def build_images(
        self, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ImageProvider:
        self.asked_for.append(endpoint.origin)
        return self.pictures

    def build_chat(
        self, protocol: ChatProtocol, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ChatProvider:
        raise AssertionError("pictures need no chat")

    def build_hub(self, endpoint: Endpoint, token: str, network: NetworkSettings) -> Hub:
        raise AssertionError("pictures need no hub")


class Painting:
    """One run of the program, as far as pictures go."""

    def __init__(
        self,
        folder: Path,
        pictures: PictureService,
        *,
        token: str = "ms-test",
        endpoint: Endpoint = HERE,
        pace: PollInterval = QUICK,
    ) -> None:
        self.database = Database.open(folder / "data" / "studio.db")
        self.folder = folder / "pictures"
        self.tasks = TaskGroup()
        self.builders = Builders(pictures)
        self.service = Service(self.builders, endpoint, NetworkSettings(), self.tasks)
        self.service.use(endpoint, token)
        self.request_queue = RequestQueue()
        self.library = Library(self.database, self.folder)
        self.thumbnails = Thumbnails(folder / "thumbnails")
        file = PreferencesFile(folder / "settings.json")
        self.preferences = Preferences(file, Settings(), self.tasks)
        self.session = ImageSession(
            self.database,
            self.library,
            self.thumbnails,
            self.preferences,
            self.service,
            self.request_queue,
            self.tasks,
            pace,
        )
        self.gallery = GalleryModel(
            self.database, self.library, self.thumbnails, self.preferences, self.tasks
        )
        self.session.image_added.connect(self.gallery.add)

    async def quit(self) -> None:
        """End in an orderly way."""
        await self.tasks.close()
        self.gallery.close()
        self.database.close()


async def until(condition: Callable[[], Any], *signals: Any, seconds: float = 10.0) -> Any:
    """Wait until `condition` holds; it is looked at again whenever one of the signals comes."""
    woken = asyncio.Event()

    def wake(*_: object) -> None:
        woken.set()

    for signal in signals:
        signal.connect(wake)
    try:
        async with asyncio.timeout(seconds):
            while not (found := condition()):
                woken.clear()
                await woken.wait()
            return found
    finally:
        for signal in signals:
            signal.disconnect(wake)
