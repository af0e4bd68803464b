"""When .venv is stale, told from the files that decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from environment import Environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A finished set-up for developers, as far as the files that tell so go."""
    made = Environment(tmp_path)
    (tmp_path / "packaging").mkdir()
    for wanted in ("run", "dev"):
        made.lock(wanted).write_text(f"{wanted}==1.0\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    made.write_stamp("dev")
    return made


def test_a_finished_set_up_is_fresh_for_both_purposes(environment: Environment) -> None:
    assert environment.is_fresh("dev")
    assert environment.is_fresh("run")


def test_a_newcomers_set_up_does_not_pass_for_a_developers(environment: Environment) -> None:
    environment.write_stamp("run")
    assert environment.is_fresh("run")
    assert not environment.is_fresh("dev")


def test_a_changed_lock_makes_its_own_purpose_stale(environment: Environment) -> None:
    environment.lock("dev").write_text("dev==1.1\n", encoding="utf-8")
    assert not environment.is_fresh("dev")
    assert environment.is_fresh("run")


def test_a_changed_project_makes_it_stale(environment: Environment) -> None:
    project = environment.root / "pyproject.toml"
    project.write_text("[project]\nversion = '2'\n", encoding="utf-8")
    assert not environment.is_fresh("run")


def test_a_linters_setting_does_not(environment: Environment) -> None:
    project = environment.root / "pyproject.toml"
    project.write_text("[project]\n[tool.ruff]\nline-length = 90\n", encoding="utf-8")
    assert environment.is_fresh("run")


def test_another_python_makes_it_stale(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.python_version", lambda: "3.99.1")
    assert not environment.is_fresh("run")


def test_a_moved_checkout_makes_it_stale(environment: Environment, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("packaging", "pyproject.toml", ".venv"):
        (environment.root / name).rename(moved / name)
    assert not Environment(moved).is_fresh("run")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run": 1}', "\x00\xff"])
def test_a_damaged_stamp_makes_it_stale(environment: Environment, text: str) -> None:
    environment.stamp.write_bytes(text.encode("latin-1"))
    assert not environment.is_fresh("run")


def test_an_environment_that_lost_its_python_is_stale(environment: Environment) -> None:
    environment.python.unlink()
    assert not environment.is_fresh("run")
