"""Which Debian packages are missing, asked of a machine that answers as dpkg and apt do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import system_packages


@dataclass
class Machine:
    """Answers dpkg-query, apt-cache and fc-list for the packages and fonts it is made with."""

    here: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    offered: set[str] = field(default_factory=set)
    fonts: set[str] = field(default_factory=set)

    def ask(self, *command: str) -> str:
        if command[0] == "dpkg-query":
            names = command[4:]
            rows = [f"{name} installed" for name in names if name in self.here]
            rows += [f"{name} config-files" for name in names if name in self.removed]
            return "".join(f"{row}\n" for row in rows)
        if command[0] == "apt-cache":
            return "".join(self._policy(name) for name in command[2:])
        assert command[0] == "fc-list"
        return "Some Font\n" if command[1].partition("=")[2] in self.fonts else ""

    def _policy(self, name: str) -> str:
        if name in self.offered:
            return (
                f"{name}:\n  Installed: (none)\n  Candidate: 1.0\n  Version table:\n     1.0 500\n"
            )
        # A name that is only provided by another package is listed without a candidate, and one
        # that apt has never heard of is not listed at all.
        return f"{name}:\n  Installed: (none)\n  Candidate: (none)\n" if "glib" in name else ""


NEEDS = (("libgl1",), ("libglib2.0-0t64", "libglib2.0-0"), ("xvfb",))
FONTS = {"Noto Sans", "zh", "und-zsye"}


def test_nothing_is_missing_where_all_is_there() -> None:
    machine = Machine(here={"libgl1", "libglib2.0-0", "xvfb"}, fonts=FONTS)
    assert system_packages.missing(NEEDS, machine.ask) == []


def test_a_removed_package_that_left_its_settings_is_missing() -> None:
    machine = Machine(here={"libglib2.0-0t64", "xvfb"}, removed={"libgl1"}, fonts=FONTS)
    assert system_packages.missing(NEEDS, machine.ask) == [("libgl1",)]


def test_a_font_is_missing_only_where_no_other_can_draw_chinese() -> None:
    machine = Machine(
        here={"libgl1", "libglib2.0-0", "xvfb", "fonts-noto-color-emoji"}, fonts={"Noto Sans"}
    )
    assert system_packages.missing(NEEDS, machine.ask) == [("fonts-noto-cjk",)]
    machine.fonts.add("zh")
    assert system_packages.missing(NEEDS, machine.ask) == []


@pytest.mark.parametrize("own", ["Noto Sans", "Cantarell", "Ubuntu"])
def test_latin_words_are_not_left_to_the_widest_font(own: str) -> None:
    machine = Machine(here={"libgl1", "libglib2.0-0", "xvfb"}, fonts={"zh", "und-zsye"})
    assert system_packages.missing(NEEDS, machine.ask) == [("fonts-noto-core",)]
    machine.fonts.add(own)
    assert system_packages.missing(NEEDS, machine.ask) == []


def test_a_font_that_a_test_is_about_is_asked_for_once() -> None:
    machine = Machine(here={"fonts-noto-color-emoji", "fonts-noto-cjk"})
    assert system_packages.missing((("fonts-noto-core",),), machine.ask) == [("fonts-noto-core",)]


def test_the_readme_names_what_the_program_needs() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    command = re.search(r"    apt-get install ((?:.+\\\n)*.+)", readme)
    assert command is not None
    packages = command[1].replace("\\", " ").split()
    needs = ["python3-venv", *(row[-1] for row in system_packages.RUN)]
    assert packages == [*needs, *(package for _, package in system_packages.FONTS)]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ({"libgl1", "libglib2.0-0"}, ["libgl1", "libglib2.0-0"]),  # Debian 12
        ({"libgl1", "libglib2.0-0t64"}, ["libgl1", "libglib2.0-0t64"]),  # Debian 13, Ubuntu 24.04
        (set(), ["libgl1", "libglib2.0-0"]),  # No lists fetched yet
    ],
)
def test_the_name_of_this_release_is_chosen(offered: set[str], chosen: list[str]) -> None:
    machine = Machine(offered=offered)
    assert system_packages.choose(NEEDS[:2], machine.ask) == chosen


def test_without_root_the_exact_command_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "on_debian", lambda: True)
    monkeypatch.setattr(system_packages, "is_root", lambda: False)
    monkeypatch.setattr(system_packages, "missing", lambda needs: [("libgl1",), ("xvfb",)])
    monkeypatch.setattr(system_packages, "choose", lambda rows: [row[0] for row in rows])
    system_packages.ensure(NEEDS)
    assert capsys.readouterr().err == (
        "2 system package(s) are missing; this command installs them:\n"
        "  sudo apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 libgl1 xvfb\n"
    )


def test_other_systems_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    system_packages.ensure(NEEDS)
    assert capsys.readouterr().err == ""
