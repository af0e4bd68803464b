"""A fault in what Qt calls is an error in the log, and the program goes on."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QListView, QWidget

import studio
from studio.overrides import overrides
from tests.override_child import EMPTY_LIST, KINDS, RAISED

ROOT = Path(__file__).parents[2]
EVERY_ERROR = sorted(RAISED)


def run_child(*words: str) -> tuple[int, dict[str, list[str]]]:
    """How the child ended, and what it told of each kind that it survived."""
    ended = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "override_child.py"), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = [json.loads(line) for line in ended.stdout.splitlines()]
    return ended.returncode, {each["kind"]: each["told"] for each in found}


@pytest.fixture(scope="module")
def survived() -> dict[str, list[str]]:
    return run_child("guarded")[1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_c_raises_in_an_override_is_told_and_survived(
    survived: dict[str, list[str]], kind: str
) -> None:
    assert survived.get(kind) == EVERY_ERROR


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there exceptions are always objects")
@pytest.mark.parametrize("kind", ["rows in a view", "a widget's events", "an event filter"])
def test_without_the_guard_the_same_ends_the_program(kind: str) -> None:
    assert run_child("bare", kind) == (-signal.SIGSEGV, {})


@pytest.mark.parametrize("kind", ["an icon's page", "sizes"])
def test_without_the_guard_painters_and_sizes_end_it_with_any_python(kind: str) -> None:
    assert run_child("bare", kind) == (-signal.SIGSEGV, {})


def classes(base: type) -> Iterator[type]:
    """All classes of ours below one."""
    each: type
    for each in base.__subclasses__():
        yield from classes(each)
        if each.__module__.startswith("studio."):
            yield each


def test_every_override_of_ours_is_guarded() -> None:
    for module in pkgutil.walk_packages(studio.__path__, "studio."):
        if not module.name.endswith("__main__") and "demo" not in module.name:
            importlib.import_module(module.name)
    from shiboken6 import Shiboken

    found = [
        (f"{owner.__name__}.{name}", hasattr(override, "__wrapped__"))
        for each in classes(Shiboken.Object)
        for owner, name, override in overrides(each)
    ]
    assert len(found) > 400
    assert [name for name, is_guarded in found if not is_guarded] == []


def test_nothing_of_qts_is_overridden_by_what_cannot_be_guarded() -> None:
    from shiboken6 import Shiboken

    for each in classes(Shiboken.Object):
        theirs = [base for base in each.__mro__ if base.__module__.startswith("PySide6.")]
        for name, value in vars(each).items():
            known = any(name in vars(base) for base in theirs) and not name.startswith("__")
            if known and callable(value) and not isinstance(value, Signal):
                assert hasattr(value, "__wrapped__"), f"{each.__name__}.{name}"


class Wide(QWidget):
    """Overrides with a default, a name and a slot's count of parameters."""

    failing = True

    def sizeHint(self) -> QSize:
        if self.failing:
            raise LookupError
        return QSize(70, 7)

    def setToolTip(self, words: str = "nothing") -> None:
        self.said = words


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    found: list[type] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: found.append(kind))
    monkeypatch.setattr("studio.overrides.REST_SECONDS", 0.0)
    return found


def test_a_guarded_override_keeps_its_parameters(qtbot: Any) -> None:
    made = Wide()
    qtbot.addWidget(made)
    made.failing = False
    assert made.sizeHint() == QSize(70, 7)
    made.setToolTip()
    assert made.said == "nothing"
    made.setToolTip(words="some")
    assert made.said == "some"
    assert Wide.setToolTip.__code__.co_argcount == 2
    assert Wide.setToolTip.__qualname__ == "Wide.setToolTip"

    class Speaker(QObject):
        spoke = Signal(str, int)

    speaker = Speaker()
    speaker.spoke.connect(made.setToolTip)  # takes the first alone
    speaker.spoke.emit("spoken", 1)
    assert made.said == "spoken"


def test_qt_gets_an_empty_value_of_what_failed(qtbot: Any, told: list[type]) -> None:
    made = Wide()
    qtbot.addWidget(made)
    made.adjustSize()  # Qt asks
    assert LookupError in told
    assert made.size() != QSize(70, 7)
    told.clear()
    made.failing = False
    made.adjustSize()
    assert (made.size(), told) == (QSize(70, 7), [])


def test_the_same_fault_is_told_once_in_a_while(
    qtbot: Any, told: list[type], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.overrides.REST_SECONDS", 60.0)
    made = Wide()
    qtbot.addWidget(made)
    for _ in range(50):
        made.updateGeometry()
        made.adjustSize()
    assert told in ([LookupError], [])  # none where the test before has told it


def test_a_mixin_and_what_is_made_late_are_guarded_too(qtbot: Any, told: list[type]) -> None:
    class Mixin:
        def minimumSizeHint(self) -> QSize:
            raise LookupError

    late = type("Late", (Mixin, QListView), {"sizeHint": lambda self: EMPTY_LIST[5]})
    made = late()
    qtbot.addWidget(made)
    made.adjustSize()
    assert IndexError in told
    assert Mixin().minimumSizeHint() is None
    assert LookupError in told
