"""Every folder is known before anything is created."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.storage.locations import locate


def test_a_given_folder_holds_everything(tmp_path: Path) -> None:
    root = tmp_path / "with space 数据 🎈"
    found = locate(root)
    assert found.data == root
    for folder in (found.cache, found.logs, found.pictures, found.backups, found.attachments):
        assert root in folder.parents
    assert found.database.parent == root
    assert not root.exists()


def test_a_relative_folder_does_not_follow_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = locate(Path("here"))
    assert found.data == tmp_path / "here"


def test_the_platform_has_its_own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR"):
        monkeypatch.delenv(name, raising=False)
    found = locate()
    assert len({found.data, found.cache, found.logs, found.pictures}) == 4
    assert list(tmp_path.iterdir()) == []
