"""Runs a phase: a program is started, killed at a random moment, and what it left is looked at."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from killing.acks import Acknowledged
from killing.check import NO_LOG, Verdict
from killing.import_scene import ImportScene
from killing.outcome import Outcome
from killing.scenes import (
    BackupScene,
    FirstStartScene,
    MigrationScene,
    PictureScene,
    RecoveryScene,
    RestoreScene,
    Scene,
)

PACKAGING = Path(__file__).resolve().parents[1]
ROOT = PACKAGING.parent
SCENES: dict[str, Callable[[Path], Scene]] = {
    each.phase: each
    for each in (
        Scene,
        MigrationScene,
        BackupScene,
        RestoreScene,
        ImportScene,
        PictureScene,
        FirstStartScene,
        RecoveryScene,
    )
}
THOROUGH_EVERY = 20
LOG_LOST = f"corrupt: {NO_LOG}"
SLOWEST = 8.0
OFTEN = 0.7  # how often a program is killed within its first moments


class Victim:
    """A program that has loaded and waits for the signal to begin."""

    def __init__(self, phase: str, folder: Path, seed: int, lies: tuple[str, ...]) -> None:
        paths = os.pathsep.join([str(PACKAGING), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "killing.work", phase, str(folder), str(seed), *lies],
            cwd=folder.parent,
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def live(self, seconds: float) -> list[str]:
        """Let it begin, kill it after that time, and return what it said.

        Raises RuntimeError when it ended by itself with an error.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the program ended with {process.wait()} before it began")
        process.stdin.write("go\n")
        process.stdin.flush()
        try:
            ended = process.wait(seconds)
        except subprocess.TimeoutExpired:
            ended = 0
            process.kill()
        said, _ = process.communicate()
        if ended:
            raise RuntimeError(f"the program ended with {ended}")
        return said.splitlines()

    def spare(self) -> None:
        """It is not needed."""
        self._process.kill()
        self._process.communicate()


def run_phase(
    phase: str, kills: int, folder: Path, seed: int, *, lies: tuple[str, ...] = ()
) -> Outcome:
    """Kill a program `kills` times in a phase, always in the same folder unless it says otherwise.

    With `lies` it ends as soon as they are found out.
    """
    scene = SCENES[phase](folder)
    numbers = random.Random(f"{seed} {phase}")
    outcome = Outcome(phase)
    started = time.monotonic()
    pace = 1.0  # a busy computer brings less about in the same time
    with _victims(scene, folder, seed, kills, lies) as victims:
        for kill in range(kills):
            scene.set_up(kill)
            short, long = scene.seconds
            seconds = pace * numbers.uniform(0, short if numbers.random() < OFTEN else long)
            acks = Acknowledged()
            try:
                acks.take(next(victims).live(seconds))
            except RuntimeError as failure:
                if not lies:
                    raise
                # What a lie has done to the history may keep the next program from living.
                outcome.problems.append(f"{kill}: {failure}")
                outcome.corrupt += 1
                break
            pace = max(1.0, pace * 0.95) if acks.count else min(SLOWEST, pace * 1.2)
            verdict = Verdict()
            thorough = kill % THOROUGH_EVERY == THOROUGH_EVERY - 1 or kill == kills - 1
            outcome.interrupted += scene.look(kill, acks, verdict, thorough=thorough)
            outcome.kills += 1
            outcome.acknowledged += acks.count
            outcome.add(kill, verdict)
            # That the journal was taken away is seen at once: it has to show in what is stored.
            if lies and set(verdict.words()) - {LOG_LOST}:
                break
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def _victims(
    scene: Scene, folder: Path, seed: int, kills: int, lies: tuple[str, ...]
) -> Iterator[Iterator[Victim]]:
    """Programs one after another; the next one loads while the last one is looked at."""
    waiting: list[Victim] = []

    def hire(kill: int) -> None:
        own_seed = seed * 1_000_000 + kill
        waiting.append(Victim(scene.phase, scene.folder_of(kill), own_seed, lies))

    def line() -> Iterator[Victim]:
        for kill in range(kills):
            victim = waiting.pop(0)
            if kill + 1 < kills:
                hire(kill + 1)
            yield victim

    folder.mkdir(parents=True, exist_ok=True)
    hire(0)
    try:
        yield line()
    finally:
        for victim in waiting:
            victim.spare()
