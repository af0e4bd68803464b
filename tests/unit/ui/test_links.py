"""Which addresses may leave the program, and which host the user is shown."""

from __future__ import annotations

import pytest

from studio.ui.links import safe_url, true_host

REFUSED = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://example.com/%0aalert(1)",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://host/share",
    "smb://host/share",
    "ms-msdt:/id",
    "vscode://file/etc/passwd",
    "data:text/html,<b>x</b>",
    "vbscript:x",
    "ftp://example.com/x",
    "mailto:a@example.com",
    "//example.com/x",
    "\\\\host\\share",
    "/etc/passwd",
    "C:\\Windows\\notepad.exe",
    "example.com",
    "http:",
    "http://",
    "http:///path",
    "https:example.com",
    "http:\\\\example.com",
    "https://exa mple.com",
    "https://example.com/a b",
    "https://example.com/a\tb",
    "https://example.com/\nfile:///etc/passwd",
    "https://example.com\\@evil.example",
    "https://[::1",
    "https://example.com:port/",
    "",
    "   ",
]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    assert safe_url(address) is None


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://example.com", "example.com"),
        ("HTTPS://EXAMPLE.com/a?b=c#d", "example.com"),
        ("  http://127.0.0.1:8080/x\n", "127.0.0.1:8080"),
        ("https://münchen.example/", "xn--mnchen-3ya.example"),
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),  # Cyrillic letters that look like apple
        ("https://例子.测试/", "xn--fsqu00a.xn--0zwm56d"),
        ("https://good.example@evil.example/", "evil.example"),
        ("https://good.example:443@evil.example:8443/", "evil.example:8443"),
        ("https://example.com/https://good.example", "example.com"),
        ("https://[::1]:8000/", "::1:8000"),
    ],
)
def test_the_host_that_is_looked_up_is_shown(address: str, host: str) -> None:
    url = safe_url(address)
    assert url is not None
    assert true_host(url) == host
