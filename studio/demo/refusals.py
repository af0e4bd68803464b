"""The service's ways of saying no: one exception, several shapes of body."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Shape(StrEnum):
    """The bodies that refusals come in; several occur on the same host."""

    ERRORS = "errors"
    ERROR = "error"
    DETAIL = "detail"
    ANTHROPIC = "anthropic"
    HUB = "hub"
    PLAIN = "plain"
    HTML = "html"


class Refusal(Exception):
    """Ends a request with `status` and a sentence; `shape` None takes the door's habit.

    `deep` tells a refusal by the model behind the gateway from one by the gateway itself: the
    two speak differently.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        shape: Shape | None = None,
        code: str = "",
        parameter: str = "",
        deep: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.shape = shape
        self.code = code
        self.parameter = parameter
        self.deep = deep
        self.headers = headers or {}


def wrong_token() -> Refusal:
    return Refusal(401, "Authentication failed, please make sure that a valid token is supplied.")


def unbound() -> Refusal:
    return Refusal(401, "Please bind your Alibaba Cloud account before use.")


def unverified() -> Refusal:
    return Refusal(403, "Please make sure your account is real name verified before use.")


def no_credits(status: int = 402) -> Refusal:
    return Refusal(status, "Your magicube balance is insufficient for this call.")


def throttled(retry_after: str = "") -> Refusal:
    headers = {"retry-after": retry_after} if retry_after else {}
    return Refusal(429, "Request limit exceeded. We have to rate limit you.", headers=headers)


def spent_today(model: str) -> Refusal:
    return Refusal(429, f"You have exceeded today's quota for model {model}, try again tomorrow.")


def not_served(model: str) -> Refusal:
    return Refusal(400, f"The model {model} has no provider supported.")


def bad_parameter(name: str, message: str) -> Refusal:
    return Refusal(400, message, code="invalid_parameter", parameter=name, deep=True)


def body_of(refusal: Refusal, door: str, request_id: str) -> tuple[Any, str]:
    """The body (JSON value or text) of a refusal at a door, and its media type."""
    shape = refusal.shape or _habit(refusal, door)
    message = refusal.message
    if shape is Shape.HTML:
        page = f"<!doctype html><html><head><title>{refusal.status}</title></head>"
        return f"{page}<body><h1>{refusal.status}</h1><p>{message}</p></body></html>", "text/html"
    if shape is Shape.PLAIN:
        return message, "text/plain"
    return _values(shape, refusal, request_id), "application/json"


def _values(shape: Shape, refusal: Refusal, request_id: str) -> dict[str, Any]:
    message = refusal.message
    kind = "invalid_request_error" if refusal.status < 500 else "api_error"
    if shape is Shape.ERRORS:
        return {"errors": {"message": message, "request_id": request_id}}
    if shape is Shape.DETAIL:
        return {"detail": message}
    if shape is Shape.HUB:
        return {
            "Code": refusal.status,
            "Message": message,
            "RequestId": request_id,
            "Success": False,
        }
    if shape is Shape.ANTHROPIC:
        error: dict[str, Any] = {"type": kind, "message": message}
        return {"type": "error", "error": error, "request_id": request_id}
    error = {
        "message": message,
        "type": kind,
        "param": refusal.parameter or None,
        "code": refusal.code or None,
    }
    return {"error": error, "request_id": request_id}


def _habit(refusal: Refusal, door: str) -> Shape:
    if door == "hub":
        return Shape.HUB
    if door == "messages":
        return Shape.ANTHROPIC if refusal.deep else Shape.DETAIL
    return Shape.ERROR if refusal.deep else Shape.ERRORS
