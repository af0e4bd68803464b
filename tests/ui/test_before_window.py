"""Where there can be no window, a sentence says why: no screen, no home, no name to be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.storage.locations import NoPlace, locate

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no variables")


def run(*arguments: str | bytes, **variables: str | bytes | None) -> tuple[int, str]:
    """Exit code and stderr of the program; a variable that is None is not set."""
    environment = {os.fsencode(name): os.fsencode(value) for name, value in os.environ.items()}
    environment[b"PYTHONPATH"] = os.fsencode(ROOT)
    for name, value in variables.items():
        environment.pop(name.encode(), None)
        if value is not None:
            environment[name.encode()] = os.fsencode(value)
    ended = subprocess.run(
        [sys.executable, "-m", "studio", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr.decode()


def sentence(ended: tuple[int, str]) -> str:
    """The one thing that is said; nothing of Python's or Qt's own comes with it."""
    code, said = ended
    assert code in (1, 2)
    assert said.startswith("moda-studio: ")
    assert not {"Traceback", "Error", "Aborted", "qt."} & set(said.split())
    return said


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        ({}, "there is no screen"),
        ({"DISPLAY": ":987"}, "does not answer (DISPLAY=:987)"),
        ({"WAYLAND_DISPLAY": "wayland-987"}, "wayland-987"),
        ({"QT_QPA_PLATFORM": "nonsense"}, "no Qt platform called nonsense"),
    ],
)
def test_without_a_screen_a_sentence_says_so(
    tmp_path: Path, variables: dict[str, str], part: str
) -> None:
    unset = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    variables["XDG_RUNTIME_DIR"] = str(tmp_path)
    ended = run("--data-dir", str(tmp_path / "data"), **{**unset, **variables})
    assert part in sentence(ended)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("name", "part"),
    [(b"\xff\xfe", "not UTF-8"), (b"\xd6\xd0\xce\xc4", "not UTF-8"), (b"x" * 300, "too long")],
    ids=["bytes", "gbk", "long"],
)
def test_a_data_folder_whose_name_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, name: bytes, part: str
) -> None:
    ended = run("--data-dir", os.fsencode(tmp_path) + b"/" + name)
    assert part in sentence(ended)


@pytest.mark.parametrize("variable", ["HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"])
def test_a_home_that_is_not_utf8_is_said(tmp_path: Path, variable: str) -> None:
    variables: dict[str, str | bytes | None] = dict.fromkeys(
        ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    )
    variables[variable] = os.fsencode(tmp_path) + b"/\xe9\xe8"
    said = sentence(run(**variables))
    assert "Rename it" in said
    assert str(tmp_path) in said


@pytest.mark.parametrize("stored", ["/data\ud800", "/da\0ta"])
def test_a_note_that_leads_to_a_name_no_folder_can_have_is_said(stored: str) -> None:
    note = locate().note
    assert note is not None
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"data": stored}), encoding="utf-8")
    assert "Rename it" in sentence(run())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="users are otherwise elsewhere")
@pytest.mark.parametrize("home", [None, "", "relative/home"])
def test_a_user_without_a_home_is_asked_for_one(tmp_path: Path, home: str | None) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody whom nobody knows")
    program = (
        "import os, platformdirs.unix\n"
        "from studio.app import before_window\n"
        "from studio.app import main as app\n"
        "from studio.app.options import Options\n"
        "os.setuid(54321)\n"
        "raise SystemExit(app.run(Options()))"
    )
    environment = {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    if home is not None:
        environment["HOME"] = home
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = sentence((ended.returncode, ended.stderr))
    assert "no home folder" in said
    assert "--data-dir" in said
    assert list(tmp_path.iterdir()) == []


def test_folders_that_are_named_one_by_one_need_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(path: str) -> str:
        raise RuntimeError(path)

    monkeypatch.setattr("platformdirs.unix.expand_user", nobody)
    found = locate()
    assert found.data == Path(os.environ["XDG_DATA_HOME"], "moda-studio")
    assert found.pictures == found.data / "pictures"
    monkeypatch.delenv("XDG_DATA_HOME")
    with pytest.raises(NoPlace):
        locate()


def test_a_program_that_runs_and_does_not_answer_is_said(tmp_path: Path) -> None:
    from studio.app.single_instance import Instance

    held = Instance(tmp_path)
    assert held.take()  # and listens to nobody
    said = sentence(run("--data-dir", str(tmp_path)))
    assert "is running already" in said
    assert str(tmp_path) in said
    held.release()


@pytest.mark.parametrize(
    ("sabotage", "part"),
    [
        ("import sys; sys.modules['studio.ui.shell.top_bar'] = None", "Reinstall it"),
        ("import sys; sys.modules['studio.storage.db.database'] = None", "Reinstall it"),
        ("import sys; sys.modules['PySide6.QtWidgets'] = None", "cannot be loaded"),
        ("import sys; sys.modules['qasync'] = None", "Reinstall it"),
        ("from studio.ui.look import theme; theme.apply = None", "Reinstall it"),
        ("from studio.ui.shell import main_window; main_window.MainWindow = None", "Reinstall it"),
        ("from studio.storage import preferences as p; p.PreferencesFile.load = 0", "Reinstall it"),
    ],
)
def test_a_part_without_which_there_is_no_window_is_said(
    tmp_path: Path, sabotage: str, part: str
) -> None:
    program = (
        f"{sabotage}\nimport sys\nfrom studio.__main__ import main\n"
        "sys.exit(main(['--data-dir', sys.argv[1]]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert part in ended.stderr
    assert not (tmp_path / "studio.db.open").exists(), "the history was closed in order"
