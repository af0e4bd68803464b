"""A small checkout with everything packaging/ works on, so that real environments can be made."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

BACKEND = """
import zipfile
from pathlib import Path

METADATA = "Metadata-Version: 2.1\\nName: moda-studio\\nVersion: 0.1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "moda_studio-0.1.0-py3-none-any.whl"
    info = "moda_studio-0.1.0.dist-info/"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("_moda_studio.pth", str(Path.cwd()))
        wheel.writestr(info + "METADATA", METADATA)
        wheel.writestr(info + "WHEEL", WHEEL)
        wheel.writestr(info + "RECORD", "")
    return name

build_wheel = build_editable
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "moda-studio"
version = "0.1.0"
"""
PROGRAM = """
import json, os, sys
import tiny
print(json.dumps({
    "arguments": sys.argv[1:],
    "folder": os.getcwd(),
    "platform": os.environ.get("QT_QPA_PLATFORM"),
    "tiny": tiny.VERSION,
}))
sys.exit(7 if "--seven" in sys.argv else 0)
"""
TOUR = """
import sys
print("tour", *sys.argv[1:])
"""


@dataclass(frozen=True)
class Checkout:
    """A project of our shape: our packaging/, one tiny locked package, a program that reports."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        return self.root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def lock_tiny(self, version: str, digest: str | None = None) -> None:
        """Let both locks name the package `tiny` in `version` (with another hash if given)."""
        wheel = _tiny_wheel(self.root / "wheels", version)
        digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
        for name in ("requirements.lock", "requirements-dev.lock"):
            lock = self.root / "packaging" / name
            lock.write_text(f"{wheel.as_uri()} --hash=sha256:{digest}\n", encoding="utf-8")

    def start(self, *arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
        """Start packaging/dev.py of this checkout without a screen and without apt."""
        kept = {k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "TEMP", "TMP", "HOME")}
        return subprocess.Popen(
            [sys.executable, str(self.root / "packaging" / "dev.py"), *arguments],
            cwd=folder or self.root,
            # No index: what is not on the disk here cannot be installed.
            env={**kept, "PATH": str(self.root), "PIP_NO_INDEX": "1", **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def dev(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run packaging/dev.py to its end."""
        process = self.start(*arguments, folder=folder)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh checkout without `.venv`."""
    root = tmp_path / "moda studio"  # With a space: people have such folders.
    (root / "packaging").mkdir(parents=True)
    for module in (ROOT / "packaging").glob("*.py"):
        shutil.copy(module, root / "packaging")
    (root / "packaging" / "tour.py").write_text(TOUR, encoding="utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (root / "backend.py").write_text(BACKEND, encoding="utf-8")
    (root / "studio").mkdir()
    (root / "studio" / "__init__.py").touch()
    (root / "studio" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    small = Checkout(root)
    small.lock_tiny("1.0")
    return small


def _tiny_wheel(folder: Path, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny/__init__.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},{_record_hash(text)},{len(text)}\n" for name, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    path = folder / f"tiny-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    return path


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
