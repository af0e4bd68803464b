"""What is saved never takes the place of a device, a pipe or a folder, and follows a link."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.storage.files import NO_FILE, whole_file, write_whole

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _link_to_folder(path: Path) -> None:
    path.with_name("folder").mkdir()
    path.symlink_to(path.with_name("folder"))


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        os.mkdir,
        _socket,
        _link_to_folder,
        lambda path: path.symlink_to("/dev/null"),
        lambda path: path.symlink_to("."),
    ],
    ids=["pipe", "folder", "socket", "link to a folder", "link to a device", "link to its folder"],
)
def test_what_is_no_file_is_left_as_it_is(tmp_path: Path, make: Callable[[Path], None]) -> None:
    target = tmp_path / "target.zip"
    make(target)
    before = target.lstat()
    with pytest.raises(StudioError) as refused, whole_file(target):
        raise AssertionError("nothing is begun")
    assert refused.value.kind is ErrorKind.STORAGE
    assert refused.value.values == {"reason": NO_FILE, "name": "target.zip"}
    assert (target.lstat().st_ino, target.lstat().st_mode) == (before.st_ino, before.st_mode)
    assert not list(tmp_path.glob(".*.moda-part"))


def test_a_device_stays_a_device() -> None:
    with pytest.raises(StudioError):
        write_whole(Path("/dev/null"), b"words")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("there", [True, False], ids=["file", "not there yet"])
def test_a_link_to_a_file_is_followed(tmp_path: Path, there: bool) -> None:
    (tmp_path / "far").mkdir()
    real, link, second = tmp_path / "far" / "real", tmp_path / "link", tmp_path / "second"
    if there:
        real.write_bytes(b"old")
    link.symlink_to(Path("far") / "real")
    second.symlink_to("link")
    write_whole(second, b"new")
    assert real.read_bytes() == b"new"
    assert link.is_symlink()
    assert second.is_symlink()
    assert [each.name for each in (tmp_path / "far").iterdir()] == ["real"]


def test_links_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises((OSError, StudioError)):
        write_whole(tmp_path / "a", b"words")
    assert (tmp_path / "a").is_symlink()
