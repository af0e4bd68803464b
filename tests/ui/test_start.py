"""The command line: what it takes, what it refuses in one sentence, and how it checks itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio import __version__
from studio.__main__ import main
from studio.app import main as app

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program as a process, on a screen in memory."""
    return subprocess.run(
        [sys.executable, "-m", "studio", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object) -> None:
        raise AssertionError("the program starts")

    monkeypatch.setattr(app, "locate", started)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said about arguments that cannot be used; nothing is started for them."""
    try:
        code = main(list(arguments))
    except SystemExit as ended:
        code = int(str(ended.code))
    shown = capsys.readouterr()
    assert code == 2
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("moda-studio: ")
    assert line.endswith(".")
    return line


def test_the_version_is_said() -> None:
    ended = run("--version")
    assert (ended.returncode, ended.stdout) == (0, f"Moda Studio {__version__}\n")


def test_the_program_checks_itself() -> None:
    ended = run("--self-check")
    report = json.loads(ended.stdout)
    assert ended.returncode == (0 if report["ok"] else 1)
    assert report["ok"], report
    assert report["program"] == __version__
    assert report["sqlite"]["fts5"]
    assert {"png", "jpeg", "webp"} <= set(report["images"]["qt"])
    assert set(report["keyring"]) >= {"backend", "stores"}
    assert all(report["resources"].values())
    assert all(report["packages"].values())


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--unknown"], "--unknown"),
        (["--sit", "cn"], "--sit"),
        (["stray"], "stray"),
        (["--site", "xx"], "xx"),
        (["--site"], "--site"),
        (["--data-dir"], "--data-dir"),
        (["--data-dir", ""], "folder"),
        (["--data-dir", "  "], "folder"),
        (["--base-url"], "--base-url"),
        (["--base-url", ""], "address"),
        (["--base-url", "not an address"], "not an address"),
        (["--base-url", "ftp://example.com"], "ftp://example.com"),
        (["--base-url", "http://example.com/v1"], "http://example.com/v1"),
        (["--base-url", "https://user:secret@example.com"], "example.com"),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], named: str
) -> None:
    assert named in refused(capsys, *arguments)


def test_a_password_in_an_address_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert "secret" not in refused(capsys, "--base-url", "https://user:secret@example.com")


def test_a_file_is_no_data_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("in the way")
    assert str(path) in refused(capsys, "--data-dir", str(path))
    assert path.read_text() == "in the way"
