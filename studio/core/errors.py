"""The one error that crosses a provider's border, and the words for each of its kinds.

    StudioError
      kind        what went wrong, as an ErrorKind; every kind has its words in TEXTS
      detail      what the server said, redacted and clean; foreign text, shown as plain text only
      request_id  the server's own number of the request
      retryable   whether the same request may work later
      retry_after seconds the server asks to wait
      had_partial whether text had arrived before it failed

StoredError is the same as data: it is kept with a message and shown in whatever language is set.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from studio.core.error_texts import TEXTS, ErrorAction, ErrorKind, ErrorText

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "REFUSALS",
    "TEXTS",
    "ErrorAction",
    "ErrorKind",
    "ErrorText",
    "StoredError",
    "StudioError",
]


_ACTIONS = {each.value: each for each in ErrorAction if each}
_KINDS = {each.value: each for each in ErrorKind}

# The service said no: nothing was made, and as far as is known nothing was charged.
REFUSALS = frozenset(
    {
        ErrorKind.WRONG_TOKEN,
        ErrorKind.NOT_BOUND,
        ErrorKind.NOT_VERIFIED,
        ErrorKind.NO_CREDITS,
        ErrorKind.DONE_FOR_TODAY,
        ErrorKind.THROTTLED,
        ErrorKind.MODEL_GONE,
        ErrorKind.NO_SUPPLY,
        ErrorKind.CONTEXT_FULL,
        ErrorKind.PICTURE_TOO_LARGE,
        ErrorKind.REFUSED,
        ErrorKind.BUSY,
    }
)


class StoredError(NamedTuple):
    """An error as kept with a message."""

    kind: ErrorKind
    detail: str = ""
    request_id: str = ""
    values: Mapping[str, str] = MappingProxyType({})  # fills {host}, {model} in the words

    @property
    def action(self) -> ErrorAction:
        """The one step that helps; `values["step"]` knows better than the kind."""
        return _ACTIONS.get(self.values.get("step", ""), TEXTS[self.kind].action)

    def to_json(self) -> str:
        """One line of JSON; `from_json` reads it back."""
        fields = {"kind": self.kind.value, "detail": self.detail, "values": dict(self.values)}
        return json.dumps({**fields, "request_id": self.request_id}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> StoredError:
        """Read what `to_json` wrote; an unknown kind of a newer program becomes REFUSED.

        Never raises: of what is something else the readable part is kept.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            fields = {}
        kind = _KINDS.get(str(fields.get("kind")), ErrorKind.REFUSED)
        given = fields.get("values")
        values = (
            {str(key): str(value) for key, value in given.items()}
            if (isinstance(given, dict))
            else {}
        )
        detail, request_id = fields.get("detail"), fields.get("request_id")
        return cls(
            kind,
            detail if isinstance(detail, str) else "",
            request_id if isinstance(request_id, str) else "",
            values,
        )


class StudioError(Exception):
    """A failure the user can understand; see the module's docstring for its fields."""

    def __init__(
        self,
        kind: ErrorKind,
        detail: str = "",
        *,
        request_id: str = "",
        retry_after: float | None = None,
        had_partial: bool = False,
        values: dict[str, str] | None = None,
    ) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.detail = detail
        self.request_id = request_id
        self.retry_after = retry_after
        self.had_partial = had_partial
        self.values = values or {}

    @property
    def text(self) -> ErrorText:
        """English title and hint, and the action, of this kind."""
        return TEXTS[self.kind]

    @property
    def action(self) -> ErrorAction:
        """The one step that helps."""
        return TEXTS[self.kind].action

    @property
    def retryable(self) -> bool:
        """Whether the same request may work later."""
        return TEXTS[self.kind].retryable

    def stored(self) -> StoredError:
        """The error as data to be kept with a message."""
        return StoredError(self.kind, self.detail, self.request_id, dict(self.values))
