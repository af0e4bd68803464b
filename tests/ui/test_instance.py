"""One program a data folder: the second raises the window of the first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.instance import Instance
from tests.scripted import until

pytestmark = pytest.mark.usefixtures("qapp")


async def test_the_second_program_raises_the_window_of_the_first(tmp_path: Path) -> None:
    first, second = Instance(tmp_path), Instance(tmp_path)
    raised: list[bool] = []
    assert first.take()
    first.listen(lambda: raised.append(True))
    assert not second.take()
    assert second.raise_other()
    await until(lambda: raised == [True])
    first.release()
    assert second.take()
    second.release()


def test_another_folder_is_another_program(tmp_path: Path) -> None:
    first, second = Instance(tmp_path / "one"), Instance(tmp_path / "two")
    assert first.take()
    assert second.take()
    first.release()
    second.release()


def test_a_killed_program_leaves_no_lock(tmp_path: Path) -> None:
    program = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from studio.instance import Instance\n"
        "held = Instance(Path(sys.argv[1]))\n"
        "assert held.take()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=60,
        check=False,
    )
    assert killed.returncode < 0
    assert (tmp_path / "studio.lock").exists()
    mine = Instance(tmp_path)
    assert mine.take()
    mine.release()


def test_a_second_program_says_when_the_first_does_not_answer(tmp_path: Path) -> None:
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.take()  # and listens to nobody
    assert not second.take()
    assert not second.raise_other()
    first.release()


def test_a_folder_that_cannot_be_made_does_not_keep_the_program_from_starting(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Instance(tmp_path / "file" / "data").take()
