"""Our log file holds no prompt, no answer and no token, however talkative the libraries are."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.app.logs import start_log
from tests.contract.asking import TOKEN, Asker
from tests.contract.wire import WireServer, chunked, whole

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import asyncio, logging, sys
from pathlib import Path
from studio.core.errors import StudioError
from studio.app.logs import start_log
from studio.sessions.requests.tasks import TaskGroup
from tests.contract.asking import Asker, question, outcome_of

async def main(address):
    tasks = TaskGroup()
    for asker in Asker.every()[:2]:
        async with asker.provider(address) as provider:
            for _ in range(2):
                outcome = await outcome_of(provider, question("a secret question"))
                if outcome.error is not None:
                    tasks.report(outcome.error, "answer")
    try:
        raise ValueError("a secret question and a secret answer")
    except ValueError as error:
        tasks.report(error, "a slot")

logging.basicConfig(level=logging.DEBUG)
start_log(Path(sys.argv[1]))
logging.getLogger().setLevel(logging.DEBUG)
asyncio.run(main(sys.argv[2]))
"""


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_debug_log_of_everything_leaves_our_file_clean(tmp_path: Path) -> None:
    openai, anthropic = (asker.dialect for asker in Asker.every()[:2])
    said = {"error": {"message": f"a secret answer to {TOKEN}"}}
    plays = [
        play
        for dialect in (openai, anthropic)
        for play in (chunked(dialect.stream("a secret answer")), whole(said, "401 Unauthorized"))
    ]
    debug = {"OPENAI_LOG": "debug", "ANTHROPIC_LOG": "debug", "PYTHONPATH": str(ROOT)}
    async with WireServer(*plays) as server:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CHILD, str(tmp_path), server.address),
            cwd=ROOT,
            env={**os.environ, **debug},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, noise = await child.communicate()
        assert child.returncode == 0, noise.decode()
        assert len(server.seen) == 4
    written = everything_in(tmp_path)
    assert written.count(b"answer: wrong_token") == 2, "it does log what went wrong"
    assert b"a slot: ValueError" in written
    for secret in (b"secret", TOKEN.encode(), TOKEN[3:].encode()):
        assert secret not in written
    # Nor does what went to the terminal, where the libraries may speak freely.
    assert TOKEN[3:].encode() not in noise


FULL = """
import logging, sys, threading
from pathlib import Path
from studio.app.logs import start_log

told = []
folder = Path(sys.argv[1])
start_log(folder, told.append)
log = logging.getLogger("studio.full")
def write():
    for number in range(200):
        log.error("line %s of many %s", number, "x" * 200)
threads = [threading.Thread(target=write) for _ in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
assert len(told) == 1, told
assert isinstance(told[0], OSError)
(folder / "studio.log").unlink()
log.error("there is room again")
assert "there is room again" in (folder / "studio.log").read_text()
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_full_disk_is_told_once_and_nothing_is_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "studio.log").symlink_to("/dev/full")
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (child.returncode, child.stdout, child.stderr) == (0, b"", b"")


@pytest.mark.parametrize("what", ["a file", "a folder"])
def test_a_place_that_takes_no_log_is_told_once(tmp_path: Path, what: str) -> None:
    place = tmp_path / "logs"
    if what == "a file":
        place.write_text("in the way")
    else:
        (place / "studio.log").mkdir(parents=True)
    told: list[OSError] = []
    start_log(place, told.append)
    assert len(told) == 1
