"""The routes beside inference: balance, models, their kinds and prices; any of them may vanish."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from studio.core.credits import Balance
from studio.core.errors import ErrorKind, StudioError
from studio.core.models import Capability, ModelInfo
from studio.providers.addresses import origin_of
from studio.providers.base import (
    Endpoint,
    ExchangeRecorder,
    NetworkSettings,
    RateLimitListener,
)
from studio.providers.exchange import JsonClient, Reply
from studio.providers.failures import ErrorContext
from studio.providers.stream_guard import clean_text
from studio.providers.transport import MEBIBYTE, ClientPolicy

ROUTE_SECONDS = 5.0
ANSWER_LIMIT = 32 * MEBIBYTE
MOST_MODELS = 10_000
LONGEST_ID = 200
# The hub's names of tasks; the last two are older spellings.
_KINDS: dict[str, frozenset[Capability]] = {
    "text-generation": frozenset({Capability.CHAT}),
    "chat": frozenset({Capability.CHAT}),
    "image-text-to-text": frozenset({Capability.CHAT, Capability.VISION}),
    "visual-question-answering": frozenset({Capability.CHAT, Capability.VISION}),
    "video-text-to-text": frozenset({Capability.CHAT, Capability.VISION}),
    "any-to-any": frozenset({Capability.CHAT, Capability.VISION}),
    "text-to-image-synthesis": frozenset({Capability.TEXT_TO_IMAGE}),
    "text-to-image": frozenset({Capability.TEXT_TO_IMAGE}),
    "image-to-image": frozenset({Capability.IMAGE_EDIT}),
    "image-editing": frozenset({Capability.IMAGE_EDIT}),
}
# Statuses of a route that is not there, as opposed to one that refuses.
_GONE = frozenset({404, 405, 410, 501})


@dataclass(frozen=True, slots=True)
class Offer:
    """Who serves a model, and at what price: credits a call, None where it is not said."""

    provider: str
    cost: float | None = None
    tier: str = ""


class ServiceHub:
    """The hub of one service and its list of models; a Hub."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._listener = listener
        hub_origin = (origin_of(endpoint.hub),) if endpoint.hub else ()
        auth = {"Authorization": f"Bearer {token}"} if token else {}
        if token and not endpoint.openai_base:
            auth |= {"x-api-key": token}
        origins = (endpoint.origin, *hub_origin)
        known = ClientPolicy(origins, auth, ANSWER_LIMIT, recorder=recorder)
        self._known = JsonClient(known, network, ROUTE_SECONDS)
        # What anybody may ask is asked without the token.
        everybody = ClientPolicy(hub_origin, {}, ANSWER_LIMIT, recorder=recorder)
        self._open = JsonClient(everybody, network, ROUTE_SECONDS)

    def _border(self, model: str = "") -> ErrorContext:
        return ErrorContext(self._endpoint.host, self._token, model, self._listener)

    async def _ask(self, line: JsonClient, border: ErrorContext, url: str) -> Reply:
        with border.watched():
            reply = await line.ask("GET", url, headers=self._version(), seconds=ROUTE_SECONDS)
        border.note(reply.headers)
        return reply

    def _version(self) -> dict[str, str]:
        return {} if self._endpoint.openai_base else {"anthropic-version": "2023-06-01"}

    async def check_token(self) -> Balance:
        """Ask for the balance; see `base.Hub.check_token`. Unknown where no such route is."""
        border = self._border()
        if self._endpoint.needs_token and not self._token:
            raise border.error(ErrorKind.NO_TOKEN)
        if not self._endpoint.hub:
            # Other hosts have no balance, but mostly ask for the token here.
            (await self._ask(self._known, border, self._models_url)).payload(border)
            return Balance()
        url = f"{self._endpoint.hub}/openapi/v1/magicubes/balance"
        reply = await self._ask(self._known, border, url)
        if reply.status in _GONE:
            return Balance()
        try:
            payload = reply.payload(border)
        except StudioError as error:
            if reply.status < 300 and error.kind in (ErrorKind.BAD_REPLY, ErrorKind.EMPTY_ANSWER):
                return Balance()
            raise
        if isinstance(payload, dict) and payload.get("success") is False and not _amounts(payload):
            raise border.refusal_within(reply.headers, payload)
        return balance_of(payload)

    @property
    def _models_url(self) -> str:
        base = self._endpoint.openai_base or f"{self._endpoint.anthropic_base}/v1"
        return f"{base}/models"

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models of `/v1/models`; raises StudioError when there is no such list."""
        border = self._border()
        reply = await self._ask(self._known, border, self._models_url)
        return models_of(reply.payload(border))

    async def _said(self, path: str, model_id: str) -> Any:
        """The JSON of an unofficial route, or None however it fails."""
        if not self._endpoint.hub or "/" not in model_id:
            return None
        border = self._border(model_id)
        try:
            reply = await self._ask(self._open, border, f"{self._endpoint.hub}{path}")
            return reply.payload(border)
        except StudioError:
            return None

    async def kinds(self, model_id: str) -> frozenset[Capability]:
        """What the hub says a model can do; empty when it does not say."""
        name = quote(_bare(model_id), safe="/")
        payload = await self._said(f"/api/v1/models/{name}", model_id)
        tasks = _inner(payload, "Data", "Tasks")
        found: set[Capability] = set()
        for task in tasks if isinstance(tasks, list) else []:
            word = task.get("Name") if isinstance(task, dict) else task
            found |= _KINDS.get(word, frozenset()) if isinstance(word, str) else frozenset()
        return frozenset(found)

    async def offers(self, model_id: str) -> tuple[Offer, ...] | None:
        """Who serves a model; empty: nobody, None: the hub does not say."""
        query = quote(_bare(model_id), safe="/")
        path = f"/api/v1/inference/list_model_providers?ModelId={query}"
        payload = await self._said(path, model_id)
        inner = _inner(payload, "Data")
        if not isinstance(inner, dict) or "Providers" not in inner:
            return None
        found = inner["Providers"]
        if not isinstance(found, list):
            return () if found is None else None
        return tuple(
            Offer(
                clean_text(str(each.get("Name") or ""))[:LONGEST_ID],
                _amount(each.get("EstimatedMagicGrainCost")),
                clean_text(str(each.get("CostTier") or ""))[:40],
            )
            for each in found
            if isinstance(each, dict)
        )

    async def cost(self, model_id: str) -> float | None:
        """Credits a call at the model's named or cheapest provider; None when it is not said."""
        offers = await self.offers(model_id) or ()
        wanted = model_id.partition(":")[2].lower()
        named = [offer for offer in offers if wanted and offer.provider.lower() == wanted]
        costs = [offer.cost for offer in named or offers if offer.cost is not None]
        return min(costs, default=None)

    async def close(self) -> None:
        """Close kept connections."""
        await self._known.close()
        await self._open.close()


def _bare(model_id: str) -> str:
    """A model's id without the provider's suffix."""
    return model_id.partition(":")[0]


def _inner(payload: object, *names: str) -> Any:
    for name in names:
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload


def _amount(value: object) -> float | None:
    """A number of credits; None for what is none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _amounts(payload: object) -> dict[str, Any]:
    inner = _inner(payload, "data")
    source = inner if isinstance(inner, dict) else payload
    names = ("total_balance", "available_balance", "frozen_amount")
    return {name: source[name] for name in names if isinstance(source, dict) and name in source}


def balance_of(payload: object) -> Balance:
    """The balance in an answer; unknown where it has none, never 0."""
    found = _amounts(payload)
    return Balance(
        total=_amount(found.get("total_balance")),
        available=_amount(found.get("available_balance")),
        held=_amount(found.get("frozen_amount")),
    )


def models_of(payload: object) -> tuple[ModelInfo, ...]:
    """The models in an answer, each once, in its order; what is no model is passed over."""
    listed: object = payload
    if isinstance(payload, dict):
        listed = next((payload[name] for name in ("data", "models") if payload.get(name)), [])
    found: dict[str, ModelInfo] = {}
    for entry in listed if isinstance(listed, list) else []:
        fields = entry if isinstance(entry, dict) else {"id": entry}
        name = next((fields[key] for key in ("id", "name", "model") if fields.get(key)), None)
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_ID:
            continue
        name = clean_text(name.strip())
        if name.isprintable() and len(found) < MOST_MODELS:
            found.setdefault(name, ModelInfo(name, context_tokens=_context(fields)))
    return tuple(found.values())


def _context(fields: dict[str, Any]) -> int | None:
    """Tokens of context, where a host is so kind as to say."""
    for key in ("context_length", "max_model_len", "context_window", "max_input_tokens"):
        value = fields.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31:
            return value
    return None
