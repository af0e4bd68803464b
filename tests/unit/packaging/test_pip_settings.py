"""A user's settings for pip say how a registry is reached, and nothing about where things go."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pip_settings
import pytest
from environment import SetupError

if TYPE_CHECKING:
    from tests.unit.packaging.conftest import Checkout

PYTHON = Path(sys.executable)

# Each of these alone sent the packages elsewhere, let pip refuse, or had it do nothing.
SPOILING = {
    "user": "true",
    "target": "{elsewhere}",
    "prefix": "{elsewhere}",
    "root": "{elsewhere}",
    "python": "{elsewhere}/python",
    "constraint": "{elsewhere}/constraints.txt",
    "requirement": "{elsewhere}/more.txt",
    "require-hashes": "true",
    "no-binary": ":all:",
    "dry-run": "true",
    "platform": "any",
    "abi": "none",
    "quiet": "3",
    "ignore-requires-python": "false",
}


def asked(variables: dict[str, str]) -> dict[str, str]:
    """The settings that pip is given, without the rest of the environment."""
    found = pip_settings.variables_for(PYTHON, {**os.environ, **variables})
    return {name: value for name, value in found.items() if name.startswith("PIP_")}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))


def config(tmp_path: Path, text: str) -> dict[str, str]:
    """A settings file of pip, as the one that counts most."""
    path = tmp_path / "pip.conf"
    path.write_text(text, encoding="utf-8")
    return {"PIP_CONFIG_FILE": str(path)}


def spoiling(elsewhere: Path) -> dict[str, str]:
    """All of them at once."""
    return {name: value.replace("{elsewhere}", str(elsewhere)) for name, value in SPOILING.items()}


def as_variables(settings: dict[str, str]) -> dict[str, str]:
    """Settings as pip reads them from the environment."""
    return {f"PIP_{name.upper().replace('-', '_')}": value for name, value in settings.items()}


def test_no_setting_of_the_environment_sends_packages_elsewhere(tmp_path: Path) -> None:
    assert asked(as_variables(spoiling(tmp_path))) == asked({})


@pytest.mark.parametrize("section", ["global", "install"])
def test_no_setting_of_a_file_does(section: str, tmp_path: Path) -> None:
    settings = spoiling(tmp_path)
    if section == "global":
        del settings["python"]  # pip itself would be that one's
    mirror = "[global]\nindex-url = https://mirror.example/simple\n"
    alone = asked(config(tmp_path, mirror))
    assert alone["PIP_INDEX_URL"] == "https://mirror.example/simple"
    text = mirror if section == "global" else f"{mirror}[{section}]\n"
    text += "".join(f"{name} = {value}\n" for name, value in settings.items())
    assert asked(config(tmp_path, text)) == alone


def test_how_the_registry_is_reached_holds_from_file_and_environment(tmp_path: Path) -> None:
    text = """
[global]
index-url = https://mirror.example/simple
extra-index-url =
    https://one.example/simple
    https://two.example/simple
proxy = http://proxy.example:3128
cert = /etc/our.pem
[install]
trusted-host = mirror.example
proxy = http://install.example:3128
[download]
index-url = https://other.example/simple
"""
    found = asked({**config(tmp_path, text), "PIP_CERT": "/home/own.pem"})
    assert found == {
        **asked({}),  # of the machine
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://one.example/simple https://two.example/simple",
        "PIP_PROXY": "http://install.example:3128",
        "PIP_CERT": "/home/own.pem",
        "PIP_TRUSTED_HOST": "mirror.example",
        "PIP_CONFIG_FILE": os.devnull,
    }


def test_a_file_that_pip_cannot_read_is_said_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="pip cannot read its settings"):
        asked(config(tmp_path, "user = true\n"))


def test_an_environment_is_made_whatever_the_shell_says(checkout: Checkout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    checkout.variables.update(as_variables(spoiling(elsewhere)))
    checkout.variables.update(
        PYTHONUSERBASE=str(elsewhere),
        PYTHONPATH=str(tmp_path / "modules"),
        PYTHONWARNINGS="error",
        PYTHONOPTIMIZE="2",
        PYTHONPYCACHEPREFIX=str(elsewhere),
    )
    done = checkout.dev("run", "--version")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tiny"] == "1.0"
    assert list(checkout.root.glob(".venv/**/tiny/__init__.py"))


def test_an_environment_is_made_whatever_a_file_says(checkout: Checkout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    text = "[global]\nno-index = true\nuser = true\nprefix = {elsewhere}\n"
    text += "[install]\ntarget = {elsewhere}\nrequire-hashes = true\n"
    checkout.variables.update(config(tmp_path, text.replace("{elsewhere}", str(elsewhere))))
    done = checkout.dev("run", "--version")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tiny"] == "1.0"
    assert not elsewhere.exists()
