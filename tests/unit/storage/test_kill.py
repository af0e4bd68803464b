"""A program killed at any moment has kept every word that it said was kept.

Fifty kills here; `dev.py torture --kills N` kills as often as one likes.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest
import torture
from killing.outcome import Outcome
from killing.power import run_power
from killing.run import LOG_LOST, SCENES, run_phase

KILLS = {
    "chat": 15,
    "migration": 5,
    "backup": 5,
    "restore": 5,
    "import": 6,
    "picture": 5,
    "first-start": 4,
    "recovery": 5,
}
CUTS = 40


def test_every_phase_is_killed() -> None:
    assert set(KILLS) == set(SCENES)
    assert sum(KILLS.values()) == 50


@pytest.mark.parametrize(("phase", "kills"), KILLS.items())
def test_every_acknowledged_word_survives_a_kill(tmp_path: Path, phase: str, kills: int) -> None:
    outcome = run_phase(phase, kills, tmp_path / phase, seed=54)
    assert outcome.problems == []
    assert outcome.kills == kills
    assert outcome.fine


def test_a_phase_in_which_nothing_is_at_stake_is_not_fine() -> None:
    assert not Outcome("chat", kills=10).fine
    assert Outcome("chat", kills=10, acknowledged=1).fine
    assert not Outcome("chat", kills=10, acknowledged=1, orphaned=1).fine


def test_a_program_that_acknowledges_too_early_is_found_out(tmp_path: Path) -> None:
    outcome = run_phase("chat", 200, tmp_path / "chat", seed=54, lies=("early",))
    assert outcome.lost > 0
    assert not outcome.fine


def test_a_program_without_a_journal_is_found_out(tmp_path: Path) -> None:
    # In a process of its own: what such a program leaves can be so broken that its reader dies.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        run = apart.submit(run_phase, "chat", 400, tmp_path / "chat", seed=54, lies=("no-journal",))
        try:
            outcome = run.result()
        except BrokenProcessPool:
            return
    seen = {each.partition(": ")[2] for each in outcome.problems} - {LOG_LOST}
    assert seen
    assert not outcome.fine


def test_every_acknowledged_word_survives_the_power_going(tmp_path: Path) -> None:
    outcome = run_power(CUTS, tmp_path / "power", seed=55)
    assert outcome.problems == []
    assert outcome.interrupted > 0
    assert outcome.fine


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_words_that_are_not_synced_are_seen_to_be_lost(tmp_path: Path, synchronous: str) -> None:
    outcome = run_power(3 * CUTS, tmp_path / "power", seed=55, synchronous=synchronous)
    assert outcome.lost > 0
    assert not outcome.fine


def test_the_verb_says_what_came_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--kills", "2", "--phase", "chat", "--phase", "power", "--seed", "7"]
    assert torture.main(arguments) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [["phase", "kills"], ["chat", "2"], ["power", "2"]]
    assert [row[4:8] for row in rows[1:]] == [["0"] * 4, ["0"] * 4]
    lying = partial(run_phase, lies=("early",))
    monkeypatch.setattr(torture, "run_phase", lying)
    assert torture.main(["--kills", "200", "--phase", "chat"]) == 1
    assert "lost" in capsys.readouterr().err
