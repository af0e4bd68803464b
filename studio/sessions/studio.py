"""Studio: a plain holder of everything that goes on, handed to every tab."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from studio.core.models import Capability
    from studio.sessions.account.account import Account
    from studio.sessions.account.balance_watch import BalanceWatch
    from studio.sessions.account.hosts import Hosts
    from studio.sessions.account.proxy_password import ProxyPassword
    from studio.sessions.account.usage import UsageReport
    from studio.sessions.chat.chats import Chats
    from studio.sessions.chat.drafts import Drafts
    from studio.sessions.chat.pictures import Pictures
    from studio.sessions.history.conversation_list import ConversationList
    from studio.sessions.images.gallery import GalleryModel
    from studio.sessions.images.session import ImageSession
    from studio.sessions.models.catalogue import Catalogue
    from studio.sessions.operations.backups import Backups
    from studio.sessions.operations.operations import Operations
    from studio.sessions.operations.relocation import Relocation
    from studio.sessions.operations.restart_request import RestartRequest
    from studio.sessions.operations.transfers import Transfers
    from studio.sessions.preferences import Preferences
    from studio.sessions.requests.exchange_log import ExchangeLog
    from studio.sessions.requests.lessons import Lessons
    from studio.sessions.requests.request_queue import RequestQueue
    from studio.sessions.requests.service import Service
    from studio.sessions.requests.tasks import TaskGroup
    from studio.sessions.requests.usage_log import UsageLog
    from studio.storage.db.database import Database
    from studio.storage.locations import Locations


class LateSessions(Protocol):
    """Builds, each once, the sessions that the first paint does without."""

    def service(self, studio: Studio) -> Service:
        """What is talked to."""
        ...

    def request_queue(self, studio: Studio) -> RequestQueue:
        """The queue of requests."""
        ...

    def usage_log(self, studio: Studio) -> UsageLog:
        """What was used and what is left."""
        ...

    def account(self, studio: Studio) -> Account:
        """The token and what is known of it."""
        ...

    def proxy_password(self, studio: Studio) -> ProxyPassword:
        """The password of the own proxy."""
        ...

    def hosts(self, studio: Studio) -> Hosts:
        """The other hosts."""
        ...

    def catalogue(self, studio: Studio) -> Catalogue:
        """The models."""
        ...

    def chats(self, studio: Studio) -> Chats:
        """The open conversations."""
        ...

    def pictures(self, studio: Studio) -> Pictures:
        """The pictures of questions."""
        ...

    def painting(self, studio: Studio) -> ImageSession:
        """The queue of pictures from words."""
        ...

    def gallery(self, studio: Studio) -> GalleryModel:
        """The pictures that were made."""
        ...

    def transfers(self, studio: Studio) -> Transfers:
        """Export and import."""
        ...


class Studio:
    """All sessions of the running program; it has no verbs of its own."""

    def __init__(
        self,
        *,
        tasks: TaskGroup,
        preferences: Preferences,
        locations: Locations,
        database: Database,
        histories: Mapping[Capability, ConversationList],
        late: LateSessions,
    ) -> None:
        self.tasks, self.preferences, self.locations = tasks, preferences, locations
        self.database, self.histories = database, histories
        self._late = late

    def has(self, session: str) -> bool:
        """Whether a session was built so far: what was not need not be closed."""
        return session in vars(self)

    @cached_property
    def service(self) -> Service:
        """What is talked to."""
        return self._late.service(self)

    @cached_property
    def request_queue(self) -> RequestQueue:
        """The queue of requests."""
        return self._late.request_queue(self)

    @cached_property
    def usage_log(self) -> UsageLog:
        """What was used and what is left."""
        return self._late.usage_log(self)

    @cached_property
    def account(self) -> Account:
        """The token and what is known of it."""
        return self._late.account(self)

    @cached_property
    def proxy_password(self) -> ProxyPassword:
        """The password of the own proxy."""
        return self._late.proxy_password(self)

    @cached_property
    def hosts(self) -> Hosts:
        """The other hosts."""
        return self._late.hosts(self)

    @cached_property
    def balance_watch(self) -> BalanceWatch:
        """Keeps the balance fresh."""
        from studio.sessions.account.balance_watch import BalanceWatch

        return BalanceWatch(
            self.account, self.service, self.usage_log, self.preferences, self.database, self.tasks
        )

    @cached_property
    def drafts(self) -> Drafts:
        """What is written and not yet sent."""
        from studio.sessions.chat.drafts import Drafts

        return Drafts(self.database, self.tasks)

    @cached_property
    def exchange_log(self) -> ExchangeLog:
        """The last exchanges."""
        from studio.sessions.requests.exchange_log import ExchangeLog

        return ExchangeLog()

    @cached_property
    def lessons(self) -> Lessons:
        """What refusals have taught of models."""
        from studio.sessions.requests.lessons import Lessons

        return Lessons(self.database, self.tasks)

    @cached_property
    def usage(self) -> UsageReport:
        """What was used, as a table."""
        from studio.sessions.account.usage import UsageReport

        return UsageReport(self.usage_log, self.service, self.tasks)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The models."""
        return self._late.catalogue(self)

    @cached_property
    def chats(self) -> Chats:
        """The open conversations."""
        return self._late.chats(self)

    @cached_property
    def pictures(self) -> Pictures:
        """The pictures of questions."""
        return self._late.pictures(self)

    @cached_property
    def painting(self) -> ImageSession:
        """The queue of pictures from words."""
        return self._late.painting(self)

    @cached_property
    def gallery(self) -> GalleryModel:
        """The pictures that were made."""
        return self._late.gallery(self)

    @cached_property
    def operations(self) -> Operations:
        """The one long piece of work that is under way."""
        from studio.sessions.operations.operations import Operations

        return Operations(self.tasks)

    @cached_property
    def restart(self) -> RestartRequest:
        """What is to be done between this run and the next."""
        from studio.sessions.operations.restart_request import RestartRequest

        return RestartRequest()

    @cached_property
    def relocation(self) -> Relocation:
        """Where the data is."""
        from studio.sessions.operations.relocation import Relocation

        return Relocation(self.locations, self.operations, self.restart, self.tasks)

    @cached_property
    def backups(self) -> Backups:
        """The backups."""
        from studio.sessions.operations.backups import Backups

        return Backups(self.database, self.preferences, self.operations, self.restart, self.tasks)

    @cached_property
    def transfers(self) -> Transfers:
        """Export and import."""
        return self._late.transfers(self)
