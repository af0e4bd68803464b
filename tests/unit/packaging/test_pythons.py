"""The newest Python at hand is taken, of those that are what their names say and can do it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pythons
from environment import Environment, SetupError, base_python
from pythons import Python

if TYPE_CHECKING:
    from tests.unit.packaging.conftest import Checkout

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")

RUNNING = "{}.{}.{}".format(*sys.version_info[:3])


def stand_in(folder: Path, name: str, script: str) -> Path:
    """An executable of the name that does what the script says."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def working(folder: Path, version: str) -> Path:
    """Says, when it is asked, that it is this Python and can do it; tells what it is given else."""
    minor = ".".join(version.split(".")[:2])
    path = folder / f"python{minor}"
    answer = json.dumps([str(path), version])
    given = 'for each in "$@"; do echo "given $each"; done'
    script = f"if [ \"$1\" = -c ]; then echo '{answer}'; else {given}; fi"
    return stand_in(folder, path.name, script)


# What stands where a Python could be, and is none that could be used.
USELESS = {
    "a version manager's stand-in": 'echo "pyenv: $0: command not found" >&2; exit 127',
    "one without ensurepip": "echo 'ModuleNotFoundError: ensurepip' >&2; exit 1",
    "one that says nothing": "exit 0",
    "one that greets": "echo welcome; exit 0",
    "one that crashes": "kill -SEGV $$",
}


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder that alone is on the PATH; another Python than any at hand runs this."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    return folder


@pytest.mark.parametrize(
    ("here", "chosen"),
    [
        (("3.11.2",), "3.11.2"),
        (("3.11.2", "3.12.1"), "3.12.1"),
        (("3.13.0", "3.11.2", "3.12.1"), "3.13.0"),
        (("3.10.9",), None),
        ((), None),
    ],
)
def test_the_newest_at_hand_is_taken(path: Path, here: tuple[str, ...], chosen: str | None) -> None:
    for version in here:
        working(path, version)
    found = pythons.newest()
    assert (found and found.version) == chosen


@pytest.mark.parametrize("useless", list(USELESS))
def test_one_that_does_not_work_makes_way_for_the_next(path: Path, useless: str) -> None:
    stand_in(path, "python3.13", USELESS[useless])
    working(path, "3.12.1")
    assert pythons.newest() == Python(str(path / "python3.12"), "3.12.1")


def test_behind_a_stand_in_that_does_not_run_the_one_that_does_is_found(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(path, "python3.13", USELESS["a version manager's stand-in"])
    real = working(tmp_path / "usr", "3.13.5")
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{real.parent}")
    assert pythons.newest() == Python(str(real), "3.13.5")


def test_what_a_version_manager_keeps_off_the_path_is_at_hand(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = working(tmp_path / ".pyenv" / "versions" / "3.13.0" / "bin", "3.13.0")
    working(path, "3.12.1")
    assert pythons.newest() == Python(str(kept), "3.13.0")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "elsewhere"))
    assert pythons.newest() == Python(str(path / "python3.12"), "3.12.1")


def test_the_python_of_an_environment_is_never_an_environments_own() -> None:
    found = pythons.probe(sys.executable)
    assert found is not None
    assert found.version == RUNNING
    assert Path(found.path).samefile(base_python())
    assert not (Path(found.path).parent.parent / "pyvenv.cfg").exists()


def test_homes_and_modules_of_another_python_do_not_spoil_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert pythons.probe(sys.executable) is not None


@pytest.mark.parametrize("wish", ["3.12", "3.12.1", "python3.12", "{path}"])
def test_the_named_one_is_taken_however_it_is_named(path: Path, wish: str) -> None:
    named = working(path, "3.12.1")
    working(path, "3.13.0")
    assert pythons.named(wish.replace("{path}", str(named))).version == "3.12.1"


@pytest.mark.parametrize("wish", ["3.12.2", "3.14", "python9", "/nowhere/python", "3.10"])
def test_a_named_one_that_is_not_there_or_too_old_is_a_sentence(path: Path, wish: str) -> None:
    working(path, "3.12.1")
    working(path, "3.10.4")
    with pytest.raises(SetupError, match=r"3\.11 or newer|There is no Python"):
        pythons.named(wish)


def made(tmp_path: Path, base: Path, version: str, asked: str = "") -> Environment:
    """A checkout whose environment was made by `base`."""
    environment = Environment(tmp_path / "checkout")
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    noted = {"python": f"CPython {version} x86_64 in there", "base": str(base)}
    noted |= {"version": version, "asked": asked}
    environment.stamp.write_text(json.dumps(noted), encoding="utf-8")
    return environment


def test_an_environment_keeps_its_python_when_a_newer_one_comes(path: Path, tmp_path: Path) -> None:
    older = working(path, "3.12.1")
    environment = made(tmp_path, older, "3.12.1")
    working(path, "3.13.0")
    assert pythons.choose(environment, "") == Python(str(older), "3.12.1")
    older.unlink()
    chosen = pythons.choose(environment, "")
    assert chosen is not None
    assert chosen.version == "3.13.0"


def test_the_one_that_was_named_once_is_kept_until_another_is(path: Path, tmp_path: Path) -> None:
    older, newer = working(path, "3.12.1"), working(path, "3.13.0")
    environment = made(tmp_path, older, "3.12.1", asked="3.12")
    environment.python.unlink()  # to be made anew
    assert pythons.choose(environment, "") == Python(str(older), "3.12.1")
    assert pythons.choose(environment, "3.13") == Python(str(newer), "3.13.0")


def test_an_environment_from_before_that_was_noted_stays_with_its_own_python(
    path: Path, tmp_path: Path
) -> None:
    environment = made(tmp_path, path / "python3.11", "3.11.2")
    working(path, "3.12.1")
    noted = {"run": "x", "python": f"{Environment.interpreter()} in {environment.root}"}
    environment.stamp.write_text(json.dumps(noted), encoding="utf-8")
    assert pythons.choose(environment, "") is None, "the one that runs this"
    noted["python"] = f"CPython 3.9.1 x86_64 in {environment.root}"
    environment.stamp.write_text(json.dumps(noted), encoding="utf-8")
    chosen = pythons.choose(environment, "")
    assert chosen is not None
    assert chosen.version == "3.12.1"


def test_the_one_that_takes_over_is_given_all_that_was_said(
    checkout: Checkout, tmp_path: Path
) -> None:
    other = working(tmp_path / "other", "3.12.1")
    done = checkout.dev("--python", str(other), "run", "--demo", "a b")
    assert done.returncode == 0, done.stderr
    given = [line.removeprefix("given ") for line in done.stdout.splitlines()]
    script = str(checkout.root / "packaging" / "dev.py")
    assert given == [script, "--python", str(other), "run", "--demo", "a b"]


def test_a_named_python_that_is_missing_is_told_at_once(checkout: Checkout) -> None:
    done = checkout.dev("--python", "3.98", "run", "--version")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("There is no Python 3.98 here")
    assert not (checkout.root / ".venv").exists()


def test_an_environment_for_another_python_is_made_anew_and_that_is_said(
    checkout: Checkout,
) -> None:
    environment = Environment(checkout.root)
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    environment.stamp.write_text('{"run": "x", "python": "CPython 3.9.1 x86_64 in there"}')
    done = checkout.dev("--python", sys.executable, "run", "--version")
    assert json.loads(done.stdout)["tiny"] == "1.0"
    assert f"Making .venv for Python {RUNNING}, as it is for 3.9.1 ..." in done.stderr
    assert environment.made_by()["asked"] == sys.executable
