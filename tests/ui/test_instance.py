"""One program a data folder: the second raises the window of the first."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSysInfo

from studio.app.single_instance import Instance
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
        "from studio.app.single_instance import Instance\n"
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
    assert not second.raise_other(0)
    first.release()


def test_a_folder_that_cannot_be_made_does_not_keep_the_program_from_starting(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Instance(tmp_path / "file" / "data").take()


# A lock that names no process, or one that nobody here can look for.


def lock_of(pid: int, host: str = "", machine: str = "") -> str:
    """What a lock file says."""
    here = (QSysInfo.machineHostName(), bytes(QSysInfo.machineUniqueId().data()).decode())
    boot = bytes(QSysInfo.bootUniqueId().data()).decode()
    return f"{pid}\npython3\n{host or here[0]}\n{machine or here[1]}\n{boot}\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 64,
        b"\n\n\n\n\n",
        b"{}",
        b"-5\npython3\nhost\nid\nboot\n",
        b"0\npython3\n",
        b"\xff\xfe1\x002\x00",
        b"12a\npython3\n",
        b"9" * 1_000_000,
    ],
    ids=["empty", "zeros", "blank", "json", "negative", "zero", "utf16", "letters", "endless"],
)
def test_a_lock_that_names_no_process_is_taken_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "studio.lock").write_bytes(content)
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.take()
    assert not second.take()
    first.release()


def _make_folder(path: Path) -> None:
    path.mkdir()


def _make_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("of somebody", encoding="utf-8")


def _make_unreadable(path: Path) -> None:
    path.write_text(lock_of(999_999), encoding="ascii")
    path.chmod(0)


def _make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize(
    "make",
    [
        _make_folder,
        _make_full_folder,
        _make_unreadable,
        _make_socket,
        os.mkfifo,
        lambda path: path.symlink_to(path.with_name("nowhere")),
        lambda path: path.symlink_to("/dev/null"),
    ],
    ids=["folder", "full folder", "unreadable", "socket", "pipe", "dangling link", "device"],
)
def test_whatever_lies_in_the_place_of_the_lock_does_not_stop_the_start(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "studio.lock")
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.take()
    assert (tmp_path / "studio.lock").is_file()
    assert not second.take()
    first.release()
    kept = [each.read_text(encoding="utf-8") for each in tmp_path.rglob("mine.txt")]
    assert kept == (["of somebody"] if make is _make_full_folder else [])


def test_a_lock_left_by_a_process_whose_number_another_one_has_now_is_taken_over(
    tmp_path: Path,
) -> None:
    (tmp_path / "studio.lock").write_text(lock_of(os.getpid()), encoding="ascii")
    mine = Instance(tmp_path)
    assert mine.take()
    mine.release()


@pytest.mark.parametrize("place", [{"host": "another-computer"}, {"machine": "feedbeef"}])
def test_another_computers_lock_is_taken_only_when_the_user_says_so(
    tmp_path: Path, place: dict[str, str]
) -> None:
    lock = tmp_path / "studio.lock"
    lock.write_text(lock_of(999_999, **place), encoding="ascii")
    mine, second = Instance(tmp_path), Instance(tmp_path)
    assert (mine.take(), mine.elsewhere) == (False, True)
    assert lock.read_text(encoding="ascii") == lock_of(999_999, **place)
    assert (mine.take(anyway=True), mine.elsewhere) == (True, False)
    assert not second.take(anyway=True), "never from a program that runs here"
    mine.release()


@pytest.mark.skipif(sys.platform == "win32", reason="there a held file cannot be written")
def test_a_lock_that_is_held_is_not_taken_whatever_it_says(tmp_path: Path) -> None:
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.take()
    for content in ("", lock_of(999_999), lock_of(1, "another-computer")):
        (tmp_path / "studio.lock").write_text(content, encoding="ascii")
        assert not second.take(anyway=True)
    first.release()


def test_where_no_lock_can_be_made_a_second_program_is_kept_out_all_the_same(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    first, second = (Instance(tmp_path / "file" / "data") for _ in range(2))
    assert first.take()
    assert not second.take()
    first.release()
    third = Instance(tmp_path / "file" / "data")
    assert third.take()
    third.release()
