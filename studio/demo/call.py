"""One request on its way through the box: who asks, at which door, with what body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from studio.demo.refusals import Refusal

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.requests import Request

    from studio.demo.accounts import Account
    from studio.demo.box import Box
    from studio.demo.journal import Entry
    from studio.demo.scenarios import Chosen
    from studio.demo.wire import Connection

KEY = "studio.call"


class ApiStyle(StrEnum):
    """The kinds of routes; scenarios and counters are told apart by them."""

    MODELS = "models"
    CHAT = "chat"
    MESSAGES = "messages"
    IMAGES = "images"
    TASKS = "tasks"
    FILES = "files"
    BALANCE = "balance"
    HUB = "hub"
    BOX = "box"
    OTHER = "other"


_PREFIXES = (
    ("/v1/models", ApiStyle.MODELS),
    ("/v1/chat/completions", ApiStyle.CHAT),
    ("/v1/messages", ApiStyle.MESSAGES),
    ("/v1/images/", ApiStyle.IMAGES),
    ("/v1/tasks/", ApiStyle.TASKS),
    ("/files/", ApiStyle.FILES),
    ("/openapi/v1/magicubes/balance", ApiStyle.BALANCE),
    ("/api/v1/", ApiStyle.HUB),
    ("/_box", ApiStyle.BOX),
)


def door_of(path: str) -> ApiStyle:
    """Which kind of route a path belongs to."""
    return next((door for prefix, door in _PREFIXES if path.startswith(prefix)), ApiStyle.OTHER)


@dataclass(slots=True)
class Call:
    """A request whose body has arrived."""

    box: Box
    door: ApiStyle
    request_id: str
    headers: Headers
    body: bytes
    connection: Connection
    entry: Entry
    chosen: Chosen | None = None
    added_headers: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(request: Request) -> Call:
        """The call behind a Starlette request."""
        call = request.scope[KEY]
        assert isinstance(call, Call)
        return call

    def account(self) -> Account:
        """The caller's account; raises the refusal that the token earns."""
        return self.box.accounts.admit(self.headers)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises the service's refusal for anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Refusal(400, f"Invalid JSON in the request body: {error}", deep=True) from error
        if not isinstance(value, dict):
            raise Refusal(400, "The request body must be a JSON object", deep=True)
        return value

    def fate(self, name: str) -> str | None:
        """The argument of the scenario called `name` if this call runs under it, else None."""
        if self.chosen is not None and self.chosen.scenario.name == name:
            return self.chosen.argument
        return None
