"""Every exception of the SDKs, the HTTP stacks and parsing becomes one StudioError."""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator

import anthropic
import httpx
import httpx2
import openai
import pytest

from studio.core.errors import TEXTS, ErrorKind, StudioError
from studio.providers.failures import ErrorContext, clean_detail
from studio.providers.recording import Asked

TOKEN = "ms-0f3b7a52-61c4-4f0e-9c1d-5a7be2d94c11"
BORDER = ErrorContext("host.example", TOKEN, "org/model", course=Asked(left=True))
REQUEST = httpx2.Request("POST", "https://host.example/v1")
RESPONSE = httpx2.Response(
    418, request=REQUEST, content=json.dumps({"errors": {"message": f"no {TOKEN}"}}).encode()
)


def _every_exception() -> Iterator[tuple[str, type[Exception]]]:
    for module in (openai, anthropic, httpx, httpx2):
        for name, found in inspect.getmembers(module, inspect.isclass):
            if issubclass(found, Exception) and not issubclass(found, Warning):
                yield f"{module.__name__}.{name}", found


def _made(kind: type[Exception]) -> Exception:
    """An instance, whatever its constructor wants."""
    attempts: list[Callable[[], Exception]] = [
        lambda: kind(f"said {TOKEN}"),
        lambda: kind(f"said {TOKEN}", response=RESPONSE, body=None),  # type: ignore[call-arg]
        lambda: kind(f"said {TOKEN}", request=REQUEST, body=None),  # type: ignore[call-arg]
        lambda: kind(f"said {TOKEN}", request=REQUEST, response=RESPONSE),  # type: ignore[call-arg]
        lambda: kind(response=RESPONSE, body=None),  # type: ignore[call-arg]
        lambda: kind(request=REQUEST),  # type: ignore[call-arg]
        kind,
    ]
    for attempt in attempts:
        try:
            return attempt()
        except (TypeError, AttributeError):
            continue
    made = kind.__new__(kind)
    made.args = (f"said {TOKEN}",)
    return made


@pytest.mark.parametrize(("name", "kind"), list(_every_exception()))
def test_no_exception_of_a_library_is_a_bug_of_ours_or_tells_the_token(
    name: str, kind: type[Exception]
) -> None:
    told = BORDER.explain(_made(kind))
    assert told.kind in TEXTS
    families = (openai.OpenAIError, anthropic.AnthropicError, httpx.HTTPError, httpx2.HTTPError)
    if issubclass(kind, families):
        assert told.kind is not ErrorKind.BUG, name
    assert TOKEN[3:] not in f"{told.detail}{told.request_id}{told.values}"


def _chained(outer: Exception, *causes: BaseException) -> Exception:
    current: BaseException = outer
    for cause in causes:
        current.__cause__ = cause
        current = cause
    return outer


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (openai.APITimeoutError(REQUEST), "timed_out"),
        (openai.APIConnectionError(request=REQUEST), "no_network"),
        (_chained(openai.APIConnectionError(request=REQUEST), httpx2.ConnectError("x"),
                  socket.gaierror(-2, "Name or service not known")), "unknown_host"),
        (_chained(httpx.ConnectError("x"), OSError("All connection attempts failed"),
                  ExceptionGroup("several", [ConnectionRefusedError(111, "refused"),
                                             ConnectionRefusedError(111, "refused")])),
         "nothing_there"),
        (_chained(httpx2.ConnectError("x"),
                  ssl.SSLCertVerificationError(1, "self-signed certificate")), "tls"),
        (_chained(httpx2.ConnectError("x"), ssl.SSLCertVerificationError(
            1, "Hostname mismatch, certificate is not valid for 'a'")), "tls_other_host"),
        (_chained(httpx.ConnectError("x"), ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] x")),
         "no_tls"),
        (httpx2.ProxyError("407"), "proxy"),
        (_chained(openai.APIConnectionError(request=REQUEST), httpx2.ProxyError("x")), "proxy"),
        (httpx.UnsupportedProtocol("x"), "bad_address"),
        (httpx2.RemoteProtocolError("peer closed connection"), "cut_short"),
        (httpx2.ReadError("x"), "cut_short"),
        (httpx.ReadTimeout("x"), "timed_out"),
        (httpx.DecodingError("x"), "bad_reply"),
        (httpx2.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}\\n'"),
         "bad_token_text"),
        (openai.APIResponseValidationError(RESPONSE, None), "refused"),
        (TimeoutError(), "timed_out"),
        (OSError(113, "No route to host"), "no_network"),
        (json.JSONDecodeError("x", "", 0), "bad_reply"),
        (UnicodeDecodeError("utf-8", b"x", 0, 1, "x"), "bad_reply"),
        (UnicodeEncodeError("ascii", "x", 0, 1, "x"), "bad_reply"),
        (RecursionError(), "bad_reply"),
        (MemoryError(), "too_large"),
        (AssertionError(""), "bad_reply"),
        (StudioError(ErrorKind.IDLE), "idle"),
        (_chained(openai.APIConnectionError(request=REQUEST), StudioError(ErrorKind.REDIRECTED)),
         "redirected"),
    ],
)  # fmt: skip
def test_what_an_exception_means(error: Exception, kind: str) -> None:
    assert BORDER.explain(error).kind.value == kind


@pytest.mark.parametrize("sdk", [openai, anthropic])
def test_a_status_error_is_read_as_its_body(sdk: object) -> None:
    error = sdk.APIStatusError("x", response=RESPONSE, body=None)  # type: ignore[attr-defined]
    told = BORDER.explain(error)
    assert (told.kind, told.detail) == (ErrorKind.REFUSED, "no •••")
    assert told.values == {"host": "host.example", "model": "org/model"}


def test_a_slip_within_the_sdk_is_the_servers_and_within_us_is_ours() -> None:
    with pytest.raises(Exception) as slip:
        openai.AsyncOpenAI(api_key=7, base_url=7)  # type: ignore[arg-type]  # on purpose
    assert BORDER.explain(slip.value).kind is ErrorKind.BAD_REPLY
    assert ErrorContext("host.example").explain(slip.value).kind is ErrorKind.BUG, (
        "nothing had left"
    )

    with pytest.raises(StudioError) as caught, BORDER.watched():
        clean_detail(None, "")  # type: ignore[arg-type]  # on purpose
    assert caught.value.kind is ErrorKind.BUG
    assert "failures.py" in caught.value.detail


def test_cancellation_passes() -> None:
    with pytest.raises(asyncio.CancelledError), BORDER.watched():
        raise asyncio.CancelledError


def test_nothing_of_the_cause_is_shown_in_a_traceback() -> None:
    import traceback

    try:
        with BORDER.watched():
            raise httpx2.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}\\n'")
    except StudioError as error:
        assert TOKEN not in "".join(traceback.format_exception(error))


def test_importing_the_room_loads_no_sdk() -> None:
    code = (
        "import sys, studio.providers.registry, studio.providers.failures;"
        "heavy = {'openai', 'anthropic', 'httpx', 'httpx2', 'pydantic', 'anyio', 'truststore'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
