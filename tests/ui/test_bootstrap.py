"""Whatever part of the start fails, the window lives, takes input, and says what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run_broken(folder: Path, what: str) -> dict[str, Any]:
    """What can be done in a program a part of which fails; it must end by itself."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MODA_STUDIO_TOKEN": "ms-token"}
    ended = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "program_child.py"), str(folder), "broken", what],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return report


TOLD = "The program made a mistake"


@pytest.mark.parametrize(
    "what",
    [
        "studio.app.logs:start_log",
        "studio.app.logs",
        "studio.app.preload:preload",
        "studio.app.preload",
        "studio.app.single_instance:Instance.listen",
        "studio.sessions.history.conversation_list:ConversationList.refresh",
        "studio.app.startup_notices",
        "studio.app.startup_notices:words_for_opening",
        "studio.app.maintenance",
        "studio.app.maintenance:keep_house",
        "studio.sessions.requests.usage_log:UsageLog.load",
        "studio.sessions.account.proxy_password:ProxyPassword.load",
        "studio.sessions.account.account:Account.adopt",
        "studio.sessions.images.gallery:GalleryModel.load",
        "studio.sessions.images.session:ImageSession.resume",
        "studio.sessions.models.catalogue:Catalogue.refresh",
        "studio.sessions.account.balance_watch",
        "studio.ui.shell.top_bar:TopBar.complete",
    ],
)
def test_a_step_of_the_start_that_fails_is_told_and_every_tab_takes_input(
    tmp_path: Path, what: str
) -> None:
    report = run_broken(tmp_path, what)
    assert report["written"] == [True, True, True]
    assert report["settings"]
    assert any(words.startswith(TOLD) for words in report["shown"])


@pytest.mark.parametrize(
    ("what", "written"),
    [
        ("studio.ui.images.tab", [True, True, False]),
        ("studio.ui.images.form:ImageForm._build", [True, True, False]),
        ("studio.sessions.images.gallery", [True, True, False]),
        ("studio.ui.chat.presenter", [False, False, True]),
        ("studio.ui.chat.presenter:Presenter.__init__", [False, False, True]),
        ("studio.ui.chat.drop_zone", [False, False, True]),
        ("studio.ui.shell.conversation_tab", [False, False, True]),
        ("studio.ui.history.tools:HistoryTools.__init__", [False, False, True]),
    ],
)
def test_a_tab_that_cannot_be_built_says_so_and_the_others_live(
    tmp_path: Path, what: str, written: list[bool]
) -> None:
    report = run_broken(tmp_path, what)
    assert report["written"] == written
    assert report["settings"]
    assert "This tab could not be opened" in report["shown"]


@pytest.mark.parametrize(
    "what",
    [
        "studio.sessions.operations.restart_request",
        "studio.sessions.requests.service:Service.close",
        "studio.sessions.chat.pictures:Pictures.close",
        "studio.sessions.preferences:Preferences.write_now",
    ],
)
def test_a_step_that_fails_at_the_end_keeps_none_of_the_others_from_being_done(
    tmp_path: Path, what: str
) -> None:
    assert run_broken(tmp_path, what)["written"] == [True, True, True]
    assert not (tmp_path / "studio.db.open").exists(), "the history was closed in order"
    assert not (tmp_path / "studio.lock").exists(), "and the folder given back"


@pytest.mark.parametrize("what", ["/models.toml", "/models.toml-"])
def test_a_damaged_list_of_models_is_said_and_nothing_else_is_lost(
    tmp_path: Path, what: str
) -> None:
    report = run_broken(tmp_path, what)
    assert report["written"] == [True, True, True]
    assert any("list of models is missing or damaged" in words for words in report["shown"])


@pytest.mark.parametrize("what", ["/i18n", "/i18n-"])
def test_missing_translations_leave_english(tmp_path: Path, what: str) -> None:
    report = run_broken(tmp_path, what)
    assert report["written"] == [True, True, True]
    assert report["settings"]


def test_a_log_that_cannot_be_written_is_said_in_the_window_and_all_goes_on(tmp_path: Path) -> None:
    from studio.storage.locations import locate

    (locate(tmp_path).logs / "studio.log").mkdir(parents=True)
    report = run_broken(tmp_path, "nothing")
    assert report["written"] == [True, True, True]
    assert any("log file cannot be written" in words for words in report["shown"])
