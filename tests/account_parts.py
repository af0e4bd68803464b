"""Parts with behaviour for tests of the account: a scripted service, and keyrings good and bad."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import SignalInstance

from studio.core.credits import Balance
from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ChatProtocol
from studio.core.models import Capability, ModelInfo
from studio.core.settings import Settings, Site
from studio.providers.base import ChatProvider, Endpoint, ImageProvider, NetworkSettings
from studio.providers.hub import Offer
from studio.providers.registry import endpoint_for
from studio.sessions.account.account import Account
from studio.sessions.account.hosts import Hosts
from studio.sessions.account.proxy_password import ProxyPassword
from studio.sessions.account.usage import UsageReport
from studio.sessions.operations.backups import Backups
from studio.sessions.operations.operations import Operations
from studio.sessions.operations.relocation import Relocation
from studio.sessions.operations.restart_request import RestartRequest
from studio.sessions.preferences import Preferences
from studio.sessions.requests.exchange_log import ExchangeLog
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.usage_log import UsageLog
from studio.storage.db.database import Database
from studio.storage.locations import Locations, locate
from studio.storage.preferences import PreferencesFile
from studio.storage.secrets import SecretPlace, SecretProblem, SecretsUnusable
from tests.memory_secrets import MemorySecrets

TOKEN = "ms-6b1d2f0a-8c3e-4f5a-9b7c-1d2e3f4a3f9c"
OTHER_TOKEN = "ms-00000000-8c3e-4f5a-9b7c-1d2e3f4a1111"


def endpoint(site: str) -> Endpoint:
    """The addresses of a site that is only spoken of."""
    host = f"modelscope.{site}"
    return Endpoint(
        id=site,
        title=host,
        openai_base=f"https://api-inference.{host}/v1",
        anthropic_base=f"https://api-inference.{host}",
        hub=f"https://{host}",
        token_page=f"https://{host}/my/myaccesstoken",
        binding_page=f"https://{host}/my/accountsettings",
        account_page=f"https://{host}/my/accountsettings#real-name",
        credits_page=f"https://{host}/magicube/usage?tab=consume",
    )


SITES = {site: endpoint(site.value) for site in Site}


@dataclass
class ScriptedService:
    """What the service answers: a balance or a refusal a token, and whether it is there at all."""

    accounts: dict[str, Balance | ErrorKind] = field(default_factory=dict)
    unreachable: ErrorKind | None = None
    hub_down: ErrorKind | None = None
    hold: asyncio.Event | None = None  # while set and not fired, the list of models does not come
    held: asyncio.Event = field(default_factory=asyncio.Event)  # somebody waits for `hold`
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # route, origin, token
    open_hubs: int = 0

    def build_chat(
        self, protocol: ChatProtocol, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ChatProvider:
        raise AssertionError("nothing is asked of a model here")

    def build_images(
        self, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ImageProvider:
        raise AssertionError("no picture is ordered here")

    def build_hub(self, endpoint: Endpoint, token: str, network: NetworkSettings) -> ScriptedHub:
        if network.certificate_file:
            raise StudioError(ErrorKind.CERTIFICATE_FILE)
        self.open_hubs += 1
        return ScriptedHub(self, endpoint, token)


class ScriptedHub:
    """One connection to the scripted service."""

    def __init__(self, service: ScriptedService, endpoint: Endpoint, token: str) -> None:
        self._service, self._endpoint, self._token = service, endpoint, token

    async def models(self) -> tuple[ModelInfo, ...]:
        self._service.asked.append(("models", self._endpoint.origin, self._token))
        if self._service.hold is not None:
            self._service.held.set()
            await self._service.hold.wait()
        if self._service.unreachable is not None:
            raise StudioError(self._service.unreachable)
        return (ModelInfo("Qwen/Qwen3.5-35B-A3B"),)

    async def check_token(self) -> Balance:
        self._service.asked.append(("balance", self._endpoint.origin, self._token))
        kind = self._service.unreachable or self._service.hub_down
        if kind is not None:
            raise StudioError(kind)
        known = self._service.accounts.get(self._token, ErrorKind.WRONG_TOKEN)
        if isinstance(known, ErrorKind):
            raise StudioError(known)
        return known

    async def kinds(self, model_id: str) -> frozenset[Capability]:
        return frozenset()

    async def offers(self, model_id: str) -> tuple[Offer, ...] | None:
        return None

    async def cost(self, model_id: str) -> float | None:
        return None

    async def close(self) -> None:
        self._service.open_hubs -= 1


class WorkingKeyring(MemorySecrets):
    """A keyring that works."""

    def __init__(self, tokens: dict[str, str] | None = None) -> None:
        super().__init__()
        for origin, token in (tokens or {}).items():
            self.write(origin, token)

    def describe(self) -> SecretPlace:
        return SecretPlace("Secret Service")


class RefusingKeyring(WorkingKeyring):
    """A computer without a usable keyring."""

    def __init__(self, problem: SecretProblem = SecretProblem.NO_KEYRING) -> None:
        super().__init__()
        self.problem = problem

    def read(self, origin: str) -> str | None:
        raise SecretsUnusable(self.problem)

    def write(self, origin: str, token: str) -> None:
        raise SecretsUnusable(self.problem)

    def forget(self, origin: str) -> None:
        raise SecretsUnusable(self.problem)

    def describe(self) -> SecretPlace:
        return SecretPlace(problem=self.problem)


class LockedKeyring(WorkingKeyring):
    """A keyring that asks for its password until `unlock` is called."""

    def __init__(self, tokens: dict[str, str] | None = None) -> None:
        self._unlocked = threading.Event()
        self._unlocked.set()
        super().__init__(tokens)
        self._unlocked.clear()

    def unlock(self) -> None:
        self._unlocked.set()

    def read(self, origin: str) -> str | None:
        self._unlocked.wait()
        return super().read(origin)

    def write(self, origin: str, token: str) -> None:
        self._unlocked.wait()
        super().write(origin, token)


@dataclass
class Rig:
    """An account with all it needs."""

    script: ScriptedService
    store: WorkingKeyring
    tasks: TaskGroup
    preferences: Preferences
    service: Service
    account: Account
    locations: Locations

    @cached_property
    def database(self) -> Database:
        """A real one, for those who count."""
        made = Database.open(self.locations.database, backup_folder=self.locations.backups)
        weakref.finalize(self, made.close)
        return made

    @cached_property
    def usage_log(self) -> UsageLog:
        """What was used."""
        return UsageLog(self.database)

    @cached_property
    def hosts(self) -> Hosts:
        """The other hosts."""
        return Hosts(self.service, self.account, self.preferences, endpoint_for, self.tasks)

    @cached_property
    def proxy_password(self) -> ProxyPassword:
        """The password of the proxy, in the same keyring."""
        return ProxyPassword(self.store, self.preferences, self.tasks)

    @cached_property
    def exchange_log(self) -> ExchangeLog:
        """The last exchanges."""
        return ExchangeLog()

    @cached_property
    def operations(self) -> Operations:
        """What is under way with the history."""
        return Operations(self.tasks)

    @cached_property
    def restart(self) -> RestartRequest:
        """What comes between two runs."""
        return RestartRequest()

    @cached_property
    def relocation(self) -> Relocation:
        """Where the data is."""
        return Relocation(self.locations, self.operations, self.restart, self.tasks)

    @cached_property
    def backups(self) -> Backups:
        """The backups."""
        return Backups(self.database, self.preferences, self.operations, self.restart, self.tasks)

    @cached_property
    def usage(self) -> UsageReport:
        """What was used, as a table."""
        return UsageReport(self.usage_log, self.service, self.tasks)


async def until(signal: SignalInstance, reached: Callable[[], bool]) -> None:
    """Return once `reached()` holds, looking again at every `signal`; fails after ten seconds."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def look(*_: object) -> None:
        if not done.done() and reached():
            done.set_result(None)

    signal.connect(look)
    try:
        look()
        await asyncio.wait_for(done, 10)
    finally:
        signal.disconnect(look)


async def settled() -> None:
    """Return once nothing but the caller is under way."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=10)


def rig(
    folder: Path,
    script: ScriptedService | None = None,
    store: WorkingKeyring | None = None,
    settings: Settings | None = None,
    *,
    keyring_seconds: float = 30.0,
) -> Rig:
    """Build an account over a scripted service; nothing is asked yet."""
    script = script or ScriptedService({TOKEN: Balance(250, 143.5, 0)})
    store = store if store is not None else WorkingKeyring()
    settings = settings or Settings()
    tasks = TaskGroup()
    preferences = Preferences(PreferencesFile(folder / "settings.json"), settings, tasks)
    network = NetworkSettings(proxy="", certificate_file=settings.certificate_file)
    service = Service(script, SITES[settings.site], network, tasks)
    account = Account(
        service, store, preferences, SITES.__getitem__, tasks, keyring_seconds=keyring_seconds
    )
    return Rig(script, store, tasks, preferences, service, account, locate(folder))
