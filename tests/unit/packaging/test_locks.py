"""The lock files: whole, hashed, of one mind, for every platform, and silent about registries."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
NAMES = ("requirements.lock", "requirements-dev.lock")
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
    "mac": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
}


def text_of(name: str) -> str:
    return (ROOT / "packaging" / name).read_text(encoding="utf-8")


def entries(name: str) -> list[tuple[Requirement, list[str]]]:
    """Every requirement of a lock with its hashes."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", text_of(name)))
    found = []
    for line in joined.splitlines():
        words = line.split("--hash=")
        found.append((Requirement(words[0].strip()), [word.strip() for word in words[1:]]))
    return found


def versions(name: str, environment: dict[str, str]) -> dict[str, str]:
    """What a lock would install where `environment` describes Python and platform."""
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement, _ in entries(name)
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }


def environment_of(python: str, platform: str) -> dict[str, str]:
    full = {"python_version": python, "python_full_version": f"{python}.1"}
    return {**full, "implementation_name": "cpython", **PLATFORMS[platform]}


def wanted() -> list[Requirement]:
    """What pyproject.toml asks for, for running, testing and building."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    return [Requirement(line) for line in lines + project["build-system"]["requires"]]


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_is_exact_and_hashed(name: str) -> None:
    found = entries(name)
    assert len(found) > 40
    for requirement, hashes in found:
        assert str(requirement.specifier).startswith("=="), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement


@pytest.mark.parametrize("name", NAMES)
def test_no_registry_is_named(name: str) -> None:
    text = text_of(name)
    assert "://" not in text
    assert not re.search(r"(?m)^\s*-(?!-hash=)", text)
    assert "index" not in text


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_locks_give_what_the_project_asks_for(python: str, platform: str) -> None:
    environment = environment_of(python, platform)
    small, large = (versions(name, environment) for name in NAMES)
    for requirement in wanted():
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert requirement.specifier.contains(small[canonicalize_name(requirement.name)])
    assert small.items() <= large.items()


def test_qt_stays_where_none_is_safe_on_python_3_11() -> None:
    old = versions("requirements.lock", environment_of("3.11", "linux"))["pyside6-essentials"]
    new = versions("requirements.lock", environment_of("3.12", "linux"))["pyside6-essentials"]
    assert old.startswith("6.11.")
    assert new.startswith("6.") and not new.startswith("6.11.")


def test_qt_calls_that_return_nothing_do_not_use_up_none() -> None:
    # PySide6 6.12.0 on Python 3.11 lost a reference a call and aborted after some five thousand.
    program = (
        "import sys\n"
        "from PySide6.QtCore import QObject\n"
        "thing = QObject()\n"
        "before = sys.getrefcount(None)\n"
        "for _ in range(3000): thing.setObjectName('name')\n"
        "print(sys.getrefcount(None) - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert abs(int(done.stdout)) < 100
