"""Addresses as people type them, and who may be asked for a result."""

from __future__ import annotations

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.providers.addresses import (
    clean_address,
    is_literal,
    is_loopback,
    is_public,
    origin_of,
)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://host.example/v1", "https://host.example/v1"),
        ("https://host.example/v1/", "https://host.example/v1"),
        (" https://host.example/v1/v1 ", "https://host.example/v1"),
        ("host.example/v1", "https://host.example/v1"),
        ("HTTPS://Host.Example/", "https://host.example"),
        ("https://host.example:443/v1", "https://host.example/v1"),
        ("https://host.example/v1/chat/completions", "https://host.example/v1"),
        ("https://host.example/v1/messages/", "https://host.example/v1"),
        ("https://host.example//api///v3", "https://host.example/api/v3"),
        ("localhost:11434", "http://localhost:11434"),
        ("127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("<https://host.example/v1>", "https://host.example/v1"),
        # With a Chinese keyboard, or copied out of a Chinese page.
        ("https：//host.example/v1", "https://host.example/v1"),
        ("https：／／host.example／v1", "https://host.example/v1"),
        ("host。example/v1", "https://host.example/v1"),
        ("ｈｔｔｐｓ：／／ｈｏｓｔ．ｅｘａｍｐｌｅ／ｖ１", "https://host.example/v1"),
        ("localhost：1234、v1", "http://localhost:1234/v1"),
        ("“https://host.example/v1”", "https://host.example/v1"),
        ("https:host.example/v1", "https://host.example/v1"),
        ("https//host.example/v1", "https://host.example/v1"),
        # Whole endpoints, and what stands behind them.
        ("https://host.example/v1/chat/completions#", "https://host.example/v1"),
        ("https://host.example/v1/chat/completions?api-version=1", "https://host.example/v1"),
        ("https://host.example/v1?key=1", "https://host.example/v1"),
        ("https://host.example/#x", "https://host.example"),
        ("https://host.example/v1/responses", "https://host.example/v1"),
        ("https://host.example/v1/models/org/name", "https://host.example/v1"),
        ("https://host.example/v1/messages/count_tokens", "https://host.example/v1"),
        ("https://host.example/v1/images/edits", "https://host.example/v1"),
        ("https://host.example/v1/embeddings/", "https://host.example/v1"),
        ("https://host.example/api/paas/v4/", "https://host.example/api/paas/v4"),
        ("https://host.example/api/paas/v4/chat/completions", "https://host.example/api/paas/v4"),
        ('"https://host.example"', "https://host.example"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1"),
        ("https://gооgle.example/", "https://xn--ggle-55da.example"),  # two Cyrillic letters
    ],
)
def test_cleaned(typed: str, address: str) -> None:
    assert clean_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "https://", "https:///v1", "ftp://host.example", "file:///etc/passwd",
        "https://user:word@host.example/v1", "https://user@host.example", "https://a b.example",
        "https://host..example", "https://", "？", "http://。。", "https://host.example＠evil.example",
        "https://host.example:port", "https://host.example:99999", "https://ho\nst.example",
        "javascript:alert(1)", "https://host.example\\@evil.example", "x" * 3000, "https://[::1",
        "https://" + "a" * 70 + ".example",
    ],
)  # fmt: skip
def test_refused(typed: str) -> None:
    with pytest.raises(StudioError) as caught:
        clean_address(typed)
    assert caught.value.kind is ErrorKind.BAD_ADDRESS
    assert "word" not in caught.value.detail


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("192.168.1.5:8000/v1", "http://192.168.1.5:8000/v1"),
        ("10.0.0.7", "http://10.0.0.7"),
        ("172.16.3.4：11434", "http://172.16.3.4:11434"),
        ("workstation:8080", "http://workstation:8080"),
        ("nas.local:1234/v1/chat/completions", "http://nas.local:1234/v1"),
        ("[fd00::5]:8000", "http://[fd00::5]:8000"),
    ],
)
def test_a_bare_address_of_the_local_network_is_plain_http(typed: str, address: str) -> None:
    with pytest.raises(StudioError) as caught:
        clean_address(typed)
    assert caught.value.kind is ErrorKind.NOT_ENCRYPTED, "it is asked about first"
    assert clean_address(typed, allow_plain_http=True) == address
    assert clean_address("8.8.8.8:8000") == "https://8.8.8.8:8000"


def test_plain_http_only_to_this_computer() -> None:
    for typed in ("http://host.example/v1", "http://192.168.1.5:8000"):
        with pytest.raises(StudioError) as caught:
            clean_address(typed)
        assert caught.value.kind is ErrorKind.NOT_ENCRYPTED
        assert clean_address(typed, allow_plain_http=True) == typed
    assert clean_address("http://127.0.0.1:1/v1") == "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("a.localhost", True), ("127.0.0.1", True),
        ("127.9.9.9", True), ("[::1]", True), ("::1", True), ("localhost.example", False),
        ("128.0.0.1", False), ("0.0.0.0", False), ("host", False), ("", False),
    ],
)  # fmt: skip
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
        "2001:0:1::1", "host.example", "",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public(address: str) -> None:
    assert is_public(address)


def test_numbers_that_resolvers_take_for_addresses() -> None:
    for host in ("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "[::1]", "10.0.0.1"):
        assert is_literal(host)
    for host in ("host.example", "1a.example", "a1"):
        assert not is_literal(host)


def test_origin() -> None:
    assert origin_of("HTTPS://Host.Example:443/a?b") == "https://host.example"
    assert origin_of("http://[::1]:80/") == "http://[::1]"
    assert origin_of("http://h:8080/x") != origin_of("https://h:8080/x")
