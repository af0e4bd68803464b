"""Providers that report: every call is counted, and a model that is done for today is not asked."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from studio.core.credits import RateLimits
from studio.core.errors import ErrorKind, StudioError
from studio.core.stream import ChatRequest, ModelLearned, StreamEvent, UsageReport
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.requests.service import key_of
from studio.sessions.requests.usage_log import UsageLog, Used

if TYPE_CHECKING:
    from studio.core.images import ImageRequest
    from studio.core.messages import ChatProtocol
    from studio.providers.base import (
        ChatProvider,
        Endpoint,
        ExchangeRecorder,
        Finished,
        Hub,
        ImageProvider,
        NetworkSettings,
        RateLimitListener,
        StillRunning,
        Submitted,
    )
    from studio.sessions.requests.lessons import Lessons


Purse = Callable[[], float | None]  # the credits that are left of the user's; None is unknown
EITHER_PURSE = QT_TRANSLATE_NOOP(
    "errors",
    "Your credits may be used up, or the service's own account with the model's maker. Look at "
    "your credits, or go on with another model.",
)
# Words about money that is not there, as opposed to a quota that is used up.
_BALANCE = re.compile(
    r"balance|insufficient (credit|fund|account)|arrears|余额|欠费", re.IGNORECASE
)


_OURS = re.compile(r"magi(c ?)?cube|magic ?grain|魔粒", re.IGNORECASE)


class Registry(Protocol):
    """Makes providers that tell a listener of quota; `studio.providers.registry` does for real."""

    def build_chat(
        self,
        protocol: ChatProtocol,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> ChatProvider:
        """A provider for one protocol."""
        ...

    def build_images(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> ImageProvider:
        """A provider of pictures."""
        ...

    def build_hub(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> Hub:
        """The routes beside inference."""
        ...


class MeteredBuilders:
    """Builds providers that report to usage log and exchange log; a `service.Builders`."""

    def __init__(
        self,
        registry: Registry,
        usage_log: UsageLog,
        recorder: ExchangeRecorder | None = None,
        lessons: Lessons | None = None,
        purse: Purse | None = None,
    ) -> None:
        self._registry, self._usage_log, self._recorder = registry, usage_log, recorder
        self._lessons, self._purse = lessons, purse

    def build_chat(
        self, protocol: ChatProtocol, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ChatProvider:
        """A provider for one protocol."""
        listener = self._listener(endpoint)
        inner = self._registry.build_chat(
            protocol, endpoint, token, network, listener, self._recorder
        )
        return MeteredChat(inner, endpoint, self._usage_log, self._lessons, self._purse)

    def build_images(
        self, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ImageProvider:
        """A provider of pictures."""
        listener = self._listener(endpoint)
        inner = self._registry.build_images(endpoint, token, network, listener, self._recorder)
        return MeteredImages(inner, endpoint, self._usage_log)

    def build_hub(self, endpoint: Endpoint, token: str, network: NetworkSettings) -> Hub:
        """The routes beside inference; they cost nothing and are not counted."""
        listener = self._listener(endpoint)
        return self._registry.build_hub(endpoint, token, network, listener, self._recorder)

    def _listener(self, endpoint: Endpoint) -> RateLimitListener:
        key, usage_log = key_of(endpoint), self._usage_log

        def listen(limits: RateLimits, model: str) -> None:
            usage_log.note_limits(key, limits, model)

        return listen


class MeteredChat:
    """A ChatProvider whose answers are counted, and whose refusals are learned from."""

    def __init__(
        self,
        inner: ChatProvider,
        endpoint: Endpoint,
        usage_log: UsageLog,
        lessons: Lessons | None = None,
        purse: Purse | None = None,
    ) -> None:
        self._inner, self._usage_log, self._lessons = inner, usage_log, lessons
        self._purse = purse or (lambda: None)
        self._key, self._host = key_of(endpoint), endpoint.host

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `ChatProvider.stream`; StudioError(DONE_FOR_TODAY) may come without a request."""
        self._usage_log.admit(self._key, request.model, self._host)
        lessons = self._lessons
        if lessons is not None:
            await lessons.load()
            request = replace(request, known=lessons.facts(self._key, request.model))
        used, error = Used(), None
        try:
            async with aclosing(self._inner.stream(request)) as events:
                async for event in events:
                    if type(event) is UsageReport:
                        used = Used(0, event.input_tokens or 0, event.output_tokens or 0)
                    elif type(event) is ModelLearned and lessons is not None:
                        lessons.learn(self._key, request.model, event.fact, event.evidence)
                    yield event
        except StudioError as failure:
            error = failure
            _tell_whose_purse(failure, self._purse())
            raise
        finally:
            # One that is stopped was a call too.
            self._usage_log.count_call(self._key, request.model, used, error)

    async def close(self) -> None:
        """Close kept connections."""
        await self._inner.close()


def _tell_whose_purse(error: StudioError, available: float | None) -> None:
    """An empty balance is the maker's where ours is known and above 0, and either's if unknown."""
    if error.kind is not ErrorKind.NO_CREDITS or not _BALANCE.search(error.detail):
        return
    if _OURS.search(error.detail):
        return  # the service's own credits: what was known of them is old, or too little
    if available is None:
        error.values = {**error.values, "reason": EITHER_PURSE}
    elif available > 0:
        error.kind = ErrorKind.NO_SUPPLY


class MeteredImages:
    """An ImageProvider whose orders are counted; the pictures are counted where they are kept."""

    def __init__(self, inner: ImageProvider, endpoint: Endpoint, usage_log: UsageLog) -> None:
        self._inner, self._usage_log = inner, usage_log
        self._key, self._host = key_of(endpoint), endpoint.host

    async def submit(self, request: ImageRequest) -> Submitted | Finished:
        """See `ImageProvider.submit`; StudioError(DONE_FOR_TODAY) may come without a request."""
        self._usage_log.admit(self._key, request.model, self._host)
        error = None
        try:
            return await self._inner.submit(request)
        except StudioError as failure:
            error = failure
            raise
        finally:
            self._usage_log.count_call(self._key, request.model, Used(), error)

    async def poll(self, task_id: str) -> StillRunning | Finished:
        """Ask how far a task is."""
        return await self._inner.poll(task_id)

    async def download(self, url: str) -> bytes:
        """Fetch a result."""
        return await self._inner.download(url)

    async def close(self) -> None:
        """Close kept connections."""
        await self._inner.close()
