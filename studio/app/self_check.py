"""`--self-check`: says as JSON whether all parts of this installation work."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import secrets
import ssl
from typing import Any

from studio import __version__, assets
from studio.core.errors import StudioError

_PACKAGES = ("PySide6_Essentials", "qasync", "httpx", "httpx2", "openai", "anthropic", "pillow")
_RESOURCES = ("models.toml", "i18n/studio_zh_CN.qm", "i18n/studio_en.qm")
_WANTED_FORMATS = ("png", "jpeg", "webp", "gif", "svg")
_TEST_ORIGIN = "moda-studio-self-check"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _sqlite() -> dict[str, Any]:
    import apsw

    from studio.storage.db.connection import require_sound_sqlite

    try:
        require_sound_sqlite()
    except StudioError as error:
        return {"version": apsw.sqlite_lib_version(), "ok": False, "problem": error.detail}
    full_text = "ENABLE_FTS5" in apsw.compile_options
    return {"version": apsw.sqlite_lib_version(), "fts5": full_text, "ok": full_text}


def _keyring() -> dict[str, Any]:
    from studio.storage.secrets import KeyringSecrets

    store = KeyringSecrets()
    place = store.describe()
    if place.problem is not None:
        return {"backend": place.keyring, "stores": False, "problem": place.problem.value}
    proof = secrets.token_hex(8)
    try:
        store.write(_TEST_ORIGIN, proof)
        stores = store.read(_TEST_ORIGIN) == proof
        store.forget(_TEST_ORIGIN)
    except StudioError as error:
        return {"backend": place.keyring, "stores": False, "problem": error.detail}
    return {"backend": place.keyring, "stores": stores}


def _images() -> dict[str, Any]:
    from PIL import features
    from PySide6.QtGui import QImageReader

    qt = sorted({bytes(each.data()).decode() for each in QImageReader.supportedImageFormats()})
    pillow = {name: features.check(name) for name in ("webp", "avif", "jpg", "zlib")}
    ok = all(each in qt for each in _WANTED_FORMATS) and all(pillow.values())
    return {"qt": qt, "pillow": pillow, "ok": ok}


def _resources() -> dict[str, bool]:
    found = {name: assets.resource(name).is_file() for name in _RESOURCES}
    try:
        found["icons"] = all(path.is_file() for path in assets.icon_font())
    except FileNotFoundError:
        found["icons"] = False
    return found


def check() -> dict[str, Any]:
    """All findings; `ok` is false when the program would not work.

    A missing keyring is no failure: the token is then kept for a session only.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QGuiApplication

    app = QGuiApplication.instance() or QGuiApplication([])
    packages = {name: _version(name) for name in _PACKAGES}
    report: dict[str, Any] = {
        "program": __version__,
        "python": platform.python_version(),
        "qt": qVersion(),
        "packages": packages,
        "sqlite": _sqlite(),
        "tls": ssl.OPENSSL_VERSION,
        "keyring": _keyring(),
        "images": _images(),
        "resources": _resources(),
    }
    sound = report["sqlite"]["ok"] and report["images"]["ok"] and all(report["resources"].values())
    report["ok"] = bool(app) and sound and all(packages.values())
    return report


def run() -> int:
    """Print the findings as JSON; 0 when the program would work, else 1."""
    report = check()
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if report["ok"] else 1
