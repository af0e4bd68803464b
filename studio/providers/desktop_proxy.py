"""The proxy of the desktop's own settings, where it has any: GNOME and its kin, and KDE.

Windows and macOS are asked by Python itself, but for whether a script decides. Such a script (PAC)
is a program in JavaScript that somebody sends over the network: it is noticed and not run.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from studio.core.proxies import with_password

# As `urllib.request.getproxies` has them: a scheme, "all" or "no", and what holds for it. SCRIPT
# is there where a script decides.
Proxies = Mapping[str, str]
_GNOME = "org.gnome.system.proxy"
_SECONDS = 3.0
_FRESH_SECONDS = 30  # a change in the desktop's settings is seen after that
SCRIPT = "pac"
NAMED = ("http", "https", "all", "socks")
# KDE's kinds beside none: by hand, a script, a script that is looked for, and by variables.
_BY_HAND, _BY_SCRIPT, _BY_VARIABLES = "1", ("2", "3"), "4"
_WINDOWS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"


def desktop_proxies() -> Proxies:
    """What is set there; no address where a script says it. Blocks, for a worker thread."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    return _asked(
        os.environ.get("XDG_CURRENT_DESKTOP", ""),
        home,
        os.environ.get("PATH", ""),
        int(time.monotonic()) // _FRESH_SECONDS,
    )


def names_script() -> bool:
    """Whether the system leaves it to a script which proxy to take, and names none itself.

    Blocks, for a worker thread.
    """
    if any(urllib.request.getproxies().get(each) for each in NAMED):
        return False
    if sys.platform == "win32":
        return _windows_names_script()
    if sys.platform == "darwin":
        said = _said("scutil", "--proxy")
        return bool(re.search(r"ProxyAuto(?:Config|Discovery)Enable\s*:\s*1", said))
    return SCRIPT in desktop_proxies()


def _windows_names_script() -> bool:
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _WINDOWS) as key:  # type: ignore[attr-defined,unused-ignore]  # Windows alone has it
            return bool(winreg.QueryValueEx(key, "AutoConfigURL")[0])  # type: ignore[attr-defined,unused-ignore]  # as above
    except OSError:
        return False


def _said(program: str, *arguments: str, path: str | None = None) -> str:
    """What a program of the system prints; "" when it is not there or fails."""
    found = shutil.which(program, path=path)
    if found is None:
        return ""
    try:
        return subprocess.run(
            [found, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return ""


@lru_cache(maxsize=2)
def _asked(desktop: str, config: str, path: str, moment: int) -> Proxies:
    kde = _kde(Path(config, "kioslaverc"))
    if "KDE" in desktop.upper().split(":"):
        return kde
    return _gnome(path) or ({} if desktop else kde)


def _gnome(path: str) -> Proxies:
    return _proxies_of(_values(_said("gsettings", "list-recursively", _GNOME, path=path)))


def _values(said: str) -> dict[tuple[str, str], object]:
    """Each line is a schema, a key and a value as GLib writes it, much as Python does."""
    found: dict[tuple[str, str], object] = {}
    for line in said.splitlines():
        schema, _, rest = line.partition(" ")
        key, _, value = rest.partition(" ")
        part = schema.removeprefix(_GNOME).lstrip(".")
        try:
            found[part, key] = ast.literal_eval(value.removeprefix("@as ").strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found[part, key] = value == "true"
    return found


def _proxies_of(values: Mapping[tuple[str, str], object]) -> Proxies:
    if values.get(("", "mode")) == "auto":
        return {SCRIPT: str(values.get(("", "autoconfig-url")) or "wpad")}
    if values.get(("", "mode")) != "manual":
        return {}
    found: dict[str, str] = {}
    if values.get(("", "use-same-proxy")) is True and not values.get(("https", "host")):
        values = {
            **values,
            **{("https", key): values.get(("http", key)) for key in ("host", "port")},
        }
    for part, scheme, kind in (("http", "http", ""), ("https", "https", ""), ("socks", "all", "5")):
        host, port = values.get((part, "host")), values.get((part, "port"))
        if isinstance(host, str) and host.strip() and isinstance(port, int) and port:
            name = f"[{host}]" if ":" in host else host.strip()
            login = _login(values) if (host, port) == _place(values, "http") else ""
            found[scheme] = f"{'socks5' if kind else 'http'}://{login}{name}:{port}"
    ignored = values.get(("", "ignore-hosts"))
    if found and isinstance(ignored, list):
        found["no"] = ",".join(str(each) for each in ignored)
    return found


def _place(values: Mapping[tuple[str, str], object], part: str) -> tuple[object, object]:
    return values.get((part, "host")), values.get((part, "port"))


def _login(values: Mapping[tuple[str, str], object]) -> str:
    """Name and password as an address has them; GNOME knows those of the proxy for HTTP."""
    user, word = (values.get(("http", f"authentication-{key}")) for key in ("user", "password"))
    if values.get(("http", "use-authentication")) is not True or not user:
        return ""
    return with_password(f"{user}@", str(word or ""))


def _kde(file: Path) -> Proxies:
    read = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        read.read_string(file.read_text(encoding="utf-8"))
        values = dict(read["Proxy Settings"])
    except (OSError, ValueError, KeyError, configparser.Error):
        return {}
    kind = values.get("proxytype", "0")
    if kind in _BY_SCRIPT:
        return {SCRIPT: values.get("proxy config script") or "wpad"}
    if kind not in (_BY_HAND, _BY_VARIABLES) or values.get("reversedexception") == "true":
        return {}
    found: dict[str, str] = {}
    for key, name in (
        ("httpproxy", "http"),
        ("httpsproxy", "https"),
        ("socksproxy", "all"),
        ("noproxyfor", "no"),
    ):
        value = values.get(key, "").strip()
        if kind == _BY_VARIABLES:
            value = os.environ.get(value, "")
        # A port stands behind a space, which is how KDE writes it: http://proxy.example 8080
        if value:
            found[name] = value if name == "no" else ":".join(value.rstrip("/").split())
    return found
