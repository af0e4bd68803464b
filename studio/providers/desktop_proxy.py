"""The proxy of the desktop's own settings, where it has any: GNOME and its kin, and KDE.

Windows and macOS are asked by Python itself.
"""

from __future__ import annotations

import ast
import configparser
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

# As `urllib.request.getproxies` has them: a scheme, "all" or "no", and what holds for it.
Proxies = Mapping[str, str]
_SECONDS = 3.0
_FRESH_SECONDS = 30  # a change in the desktop's settings is seen after that
_BY_HAND, _BY_VARIABLES = "1", "4"  # KDE's kinds; the others are none and scripts


def desktop_proxies() -> Proxies:
    """What is set there by hand; nothing where a script says it. Blocks, for a worker thread."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    return _asked(
        os.environ.get("XDG_CURRENT_DESKTOP", ""),
        home,
        os.environ.get("PATH", ""),
        int(time.monotonic()) // _FRESH_SECONDS,
    )


@lru_cache(maxsize=2)
def _asked(desktop: str, config: str, path: str, moment: int) -> Proxies:
    kde = _kde(Path(config, "kioslaverc"))
    if "KDE" in desktop.upper().split(":"):
        return kde
    return _gnome(path) or ({} if desktop else kde)


def _gnome(path: str) -> Proxies:
    program = shutil.which("gsettings", path=path)
    if program is None:
        return {}
    try:
        said = subprocess.run(
            [program, "list-recursively", "org.gnome.system.proxy"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return {}
    return _proxies_of(_values(said))


def _values(said: str) -> dict[tuple[str, str], object]:
    """Each line is a schema, a key and a value as GLib writes it, much as Python does."""
    found: dict[tuple[str, str], object] = {}
    for line in said.splitlines():
        schema, _, rest = line.partition(" ")
        key, _, value = rest.partition(" ")
        part = schema.removeprefix("org.gnome.system.proxy").lstrip(".")
        try:
            found[part, key] = ast.literal_eval(value.removeprefix("@as ").strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found[part, key] = value == "true"
    return found


def _proxies_of(values: Mapping[tuple[str, str], object]) -> Proxies:
    if values.get(("", "mode")) != "manual":
        return {}
    found: dict[str, str] = {}
    for part, scheme, kind in (("http", "http", ""), ("https", "https", ""), ("socks", "all", "5")):
        host, port = values.get((part, "host")), values.get((part, "port"))
        if isinstance(host, str) and host.strip() and isinstance(port, int) and port:
            name = f"[{host}]" if ":" in host else host.strip()
            found[scheme] = f"{'socks5' if kind else 'http'}://{name}:{port}"
    ignored = values.get(("", "ignore-hosts"))
    if found and isinstance(ignored, list):
        found["no"] = ",".join(str(each) for each in ignored)
    return found


def _kde(file: Path) -> Proxies:
    read = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        read.read_string(file.read_text(encoding="utf-8"))
        values = dict(read["Proxy Settings"])
    except (OSError, ValueError, KeyError, configparser.Error):
        return {}
    kind = values.get("proxytype", "0")
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
