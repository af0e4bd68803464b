"""Settings survive files that are bad, newer, unreadable or read-only."""

from __future__ import annotations

import json
import threading
from enum import Enum
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.settings import WRITERS, Appearance, Language, Settings, Site
from studio.storage.preferences import PreferencesFile


def test_settings_come_back_as_saved(tmp_path: Path) -> None:
    settings = Settings(
        site=Site.INTERNATIONAL, language=Language.CHINESE, proxy_url="http://代理:1"
    )
    PreferencesFile(tmp_path / "new" / "settings.json").save(settings)
    loaded = PreferencesFile(tmp_path / "new" / "settings.json").load()
    assert loaded.settings == settings
    assert loaded.ignored == ()


def test_every_field_is_written_as_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    PreferencesFile(path).save(Settings())
    stored = json.loads(path.read_bytes())
    assert set(stored) == set(Settings._fields)
    for name, default in Settings._field_defaults.items():
        plain = WRITERS[name](default) if name in WRITERS else default
        assert stored[name] == (plain.value if isinstance(plain, Enum) else plain)


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    loaded = PreferencesFile(tmp_path / "settings.json").load()
    assert loaded.settings == Settings()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"[1]", b'"text"', b"[" * 100_000, b"null"]
)
def test_a_damaged_file_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    preferences = PreferencesFile(path)
    loaded = preferences.load()
    assert loaded.settings == Settings()
    assert loaded.kept_aside is not None
    assert loaded.kept_aside.read_bytes() == content
    preferences.save(Settings(welcome_done=True))
    assert PreferencesFile(path).load().settings.welcome_done
    assert loaded.kept_aside.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "fr"),
        ("requests_at_once", 0),
        ("requests_at_once", "two"),
        ("requests_at_once", True),
        ("idle_seconds", 1e9),
        ("send_with_enter", 1),
        ("proxy_url", ["a"]),
        ("site", None),
    ],
)
def test_a_bad_value_costs_no_other_setting(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"appearance": "dark", name: value}), encoding="utf-8")
    loaded = PreferencesFile(path).load()
    assert loaded.settings == Settings(appearance=Appearance.DARK)
    assert loaded.ignored == (name,)


def test_a_newer_program_finds_its_values_again(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"hologram": {"depth": 3}, "language": "fr", "site": "ai"}', encoding="utf-8")
    preferences = PreferencesFile(path)
    settings = preferences.load().settings
    preferences.save(settings._replace(welcome_done=True))
    stored = json.loads(path.read_bytes())
    assert stored["hologram"] == {"depth": 3}
    assert stored["language"] == "fr"
    preferences.save(settings._replace(language=Language.ENGLISH))
    assert json.loads(path.read_bytes())["language"] == "en"


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.mkdir()
    preferences = PreferencesFile(path)
    loaded = preferences.load()
    assert loaded.settings == Settings()
    assert loaded.unreadable
    with pytest.raises(StudioError) as raised:
        preferences.save(Settings())
    assert raised.value.kind is ErrorKind.STORAGE
    assert path.is_dir()
    assert list(tmp_path.iterdir()) == [path]


def test_the_newest_state_is_what_the_file_holds_whichever_is_written_last(tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "settings.json")
    begun, go_on = threading.Event(), threading.Event()
    save = file._save

    def slow(settings: Settings) -> None:
        if settings.chat_model == "older":
            begun.set()
            go_on.wait(10)
        save(settings)

    file._save = slow  # type: ignore[method-assign]  # a disk that takes its time
    older = threading.Thread(target=file.save, args=(Settings(chat_model="older"), 1))
    newer = threading.Thread(target=file.save, args=(Settings(chat_model="newer"), 2))
    older.start()
    begun.wait(10)
    newer.start()
    go_on.set()
    older.join()
    newer.join()
    assert file.load().settings.chat_model == "newer"
    file.save(Settings(chat_model="older"), 1)  # one that was on its way all the time
    assert file.load().settings.chat_model == "newer"
