"""What a service means by a refusal: status, headers and body become one StudioError kind.

The bodies seen in the wild: {"errors": {"message", "request_id"}}, {"error": {…}} or a string,
{"detail": "…"} or a list of problems, {"message": …}, plain text, and HTML of proxies.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from studio.core.errors import ErrorKind
from studio.providers.charsets import text_of

LONGEST_DETAIL = 2000  # characters of a server's text that are kept
_K = ErrorKind


@dataclass(frozen=True, slots=True)
class Refusal:
    """A body as read: what it says in words, its code words, and its number."""

    message: str = ""
    code: str = ""
    request_id: str = ""
    web_page: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A refusal whose text matches `words` (and whose status is listed, if any are) is `kind`.

    Status 0 stands for an error that came within an answer of status 200.
    """

    kind: ErrorKind
    words: re.Pattern[str]
    statuses: frozenset[int] = frozenset()


def _rule(kind: ErrorKind, words: str, *statuses: int) -> Rule:
    return Rule(kind, re.compile(words, re.IGNORECASE | re.DOTALL), frozenset(statuses))


# The first rule that fits holds. Words are those of the service's documentation and of answers
# that public clients have recorded; where none fits, BY_STATUS decides.
RULES: tuple[Rule, ...] = (
    _rule(_K.NOT_BOUND, r"bind\b.{0,40}(alibaba|aliyun)|绑定.{0,8}阿里云", 0, 400, 401, 403),
    _rule(_K.NOT_VERIFIED, r"real[- ]?name|实名", 0, 400, 401, 403),
    _rule(_K.DONE_FOR_TODAY, r"today.?s quota for (the )?model|模型.{0,20}今日.{0,8}(额度|次数)"),
    _rule(_K.NO_CREDITS, r"today.?s quota|今日.{0,8}(额度|次数)"),
    _rule(
        _K.NO_SUPPLY,
        r"insufficient balance \(1008\)|insufficient_balance_error|\b1008\b.{0,40}balance"
        r"|(upstream|supplier|provider|vendor)\b.{0,60}(balance|arrears|overdue|quota is used)"
        r"|(上游|供应商|服务商).{0,20}(余额|欠费)",
    ),
    # The longest answer that was asked for is a value of the user's; what was sent may be short.
    _rule(
        _K.REFUSED,
        r"\A(?!.*(input|prompt|message|context|上下文|输入|提示词|消息))"
        r".*\bmax_(completion_|output_|new_)?tokens\b"
        r"|\A\W*max_\w*tokens\W+(or \W*max_\w*tokens\W+)?(is|was) too large",
        0, 400, 422,
    ),
    _rule(
        _K.CONTEXT_FULL,
        r"range of input length|context[ _-]?(length|window|size)|maximum (context|prompt) "
        r"|exceed_context_size|input tokens? exceed|(prompt|input|messages?|request)\b.{0,40}"
        r"(is |are )?too (long|many tokens)|too many (input |prompt )?tokens"
        r"|(input|prompt|tokens?)\b.{0,60}(exceeds?|exceeded|longer than|larger than|greater than)"
        r".{0,60}(tokens|context|model|length|limit of the model)|reduce the length of"
        r"|max(imum)?[ _](input|seq|sequence|model)[ _]?(tokens|len|length)"
        r"|(上下文|输入|提示词|消息).{0,12}(过长|太长|超长|超出|超过)|长度(超过|超出|应在)",
        0, 400, 413, 422, 500,
    ),
    _rule(
        _K.MODEL_GONE,
        r"no provider supported|invalid model id|model_not_found|模型不存在"
        r"|\bmodel\b.{0,120}(not exist|not found|retired|deprecated|offline|not served)"
        r"|\bmodel\W+\S+ (is )?(not supported|unsupported|unavailable)",
        0, 400, 404, 410, 422,
    ),
    _rule(
        _K.PICTURE_TOO_LARGE,
        r"image file size exceed|input size exceed|(image|picture)\b.{0,60}(too large|exceed)",
        0, 400, 413, 422,
    ),
    _rule(
        _K.THROTTLED,
        r"rate.?limit|request limit exceeded|limit_burst_rate|too many requests|concurren|throttl"
        r"|requests? too (fast|frequent)|频繁|限流|请求过多|try again (later|in )|temporar|稍后",
        0, 403, 429,
    ),
    _rule(
        _K.NO_CREDITS,
        r"quota|insufficient|balance|credit|billing|arrears|额度|余额|欠费|魔粒",
        0, 402, 403, 429,
    ),
    _rule(
        _K.WRONG_TOKEN,
        r"authentication|unauthori[sz]ed|(invalid|incorrect|wrong|expired).{0,20}(token|key)",
        0, 400, 403,
    ),
    _rule(_K.REFUSED, r"invalid.?(parameter|request|argument)", 0),
    _rule(_K.BUSY, r"busy|overload|unavailable|internal|timed? ?out|api_error|繁忙|超时", 0),
)  # fmt: skip
BY_STATUS: dict[int, ErrorKind] = {
    401: _K.WRONG_TOKEN,
    402: _K.NO_CREDITS,
    407: _K.PROXY,
    408: _K.TIMED_OUT,
    413: _K.PICTURE_TOO_LARGE,
    429: _K.THROTTLED,
    511: _K.WEB_PAGE,
}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _problems(found: list[Any]) -> str:
    """Join a list of problems: {"loc", "msg"} of form checks, {"message"}, or plain sentences."""
    lines = []
    for each in found[:10]:
        if isinstance(each, dict):
            said = _text(each.get("msg")) or _text(each.get("message"))
            place = each.get("loc")
            name = _text(place[-1]) if isinstance(place, list) and place else ""
            lines.append(f"{name}: {said}" if said and name else said)
        else:
            lines.append(_text(each))
    return "; ".join(line for line in lines if line)


def _of_object(payload: dict[str, Any]) -> Refusal:
    inner: dict[str, Any] = {}
    message = ""
    for name in ("errors", "error", "detail", "Error"):
        value = payload.get(name)
        if isinstance(value, dict):
            inner = value
        elif isinstance(value, list):
            message = message or _problems(value)
        else:
            message = message or _text(value)
        if inner or message:
            break
    for source in (inner, payload):
        for name in ("message", "Message", "msg", "error_description", "detail"):
            message = message or _text(source.get(name))
    codes = [_word(source.get(name)) for source in (inner, payload) for name in ("code", "type")]
    numbers = [
        _word(source.get(name))
        for source in (inner, payload)
        for name in ("request_id", "requestId", "RequestId")
    ]
    return Refusal(message, " ".join(filter(None, codes)), next(filter(None, numbers), ""))


def is_web_page(content: bytes | str, content_type: str = "") -> bool:
    """Whether a body is HTML, by its type or its first characters."""
    if "html" in content_type.lower():
        return True
    head = content[:400] if isinstance(content, str) else content[:400].decode("utf-8", "replace")
    head = head.lstrip("\ufeff \t\r\n").lower()
    return head.startswith(("<!doctype html", "<html", "<head", "<body", "<script"))


def read_body(content: bytes, content_type: str = "") -> Refusal:
    """Read the body of a refusal, whatever its shape."""
    text = text_of(content[:1_000_000], content_type)
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        if is_web_page(content, content_type):
            return Refusal(web_page=True)
        return Refusal(text[: 4 * LONGEST_DETAIL].strip())
    return read_payload(payload)


def read_payload(payload: object) -> Refusal:
    """Read a refusal that is JSON already, such as an event within a stream."""
    if isinstance(payload, dict):
        return _of_object(payload)
    if isinstance(payload, list):
        return Refusal(_problems(payload))
    return Refusal(_text(payload))


# Values that stand where an error would, and say that there is none.
_FINE = frozenset({"", "0", "200", "ok", "success", "successful", "succeeded", "none", "null"})


def error_in(payload: dict[str, Any]) -> bool:
    """Whether a payload tells an error, rather than holding an empty place for one."""
    return any(_says_something(payload.get(name)) for name in ("error", "errors"))


def _says_something(value: object) -> bool:
    if isinstance(value, dict):
        told = {name: each for name, each in value.items() if name not in ("request_id", "param")}
        return any(_says_something(each) for each in told.values())
    if isinstance(value, list):
        return any(_says_something(each) for each in value)
    if value is None or isinstance(value, bool):
        return value is True
    return str(value).strip().lower() not in _FINE


def kind_of(status: int, refusal: Refusal, *, pictures: bool = False) -> ErrorKind:
    """The kind of a refusal; `status` 0 is an error within an answer of status 200.

    `pictures`: the request held some, so that a size can be theirs.
    """
    kind = _kind_of(status, refusal)
    if kind is _K.PICTURE_TOO_LARGE and not pictures and not _OF_PICTURE.search(refusal.message):
        return _K.CONTEXT_FULL
    return kind


_OF_PICTURE = re.compile(r"image|picture|photo|pixel|图", re.IGNORECASE)


def _kind_of(status: int, refusal: Refusal) -> ErrorKind:
    text = f"{refusal.message} {refusal.code}"
    for rule in RULES:
        if (not rule.statuses or status in rule.statuses) and rule.words.search(text):
            return rule.kind
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500 or refusal.code.startswith("5"):
        return _K.BUSY
    if refusal.web_page:
        return _K.WEB_PAGE
    return _K.REDIRECTED if 300 <= status < 400 else _K.REFUSED
