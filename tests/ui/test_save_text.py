"""A piece of text that is saved over what is no file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from studio.ui.widgets.notice import Notice
from studio.ui.widgets.save_text import _write

pytestmark = [
    pytest.mark.usefixtures("qapp"),
    pytest.mark.skipif(sys.platform == "win32", reason="there are no such files"),
]


@pytest.mark.parametrize("kind", ["pipe", "link to a folder", "device"])
def test_what_is_no_file_is_left_as_it_is_and_said(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "code.py"
    if kind == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to("/dev/null" if kind == "device" else tmp_path)
    before = target.lstat().st_ino
    said: list[Notice] = []
    _write(target, "print()", said.append)
    assert "is not a file" in said[0].text
    assert target.lstat().st_ino == before


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to("real.py")
    _write(tmp_path / "link.py", "print()", lambda notice: pytest.fail(notice.text))
    assert (tmp_path / "real.py").read_text(encoding="utf-8") == "print()"
    assert (tmp_path / "link.py").is_symlink()
