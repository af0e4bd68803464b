"""Other hosts as data: what is written is read back, and a broken entry costs no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.hosts import HostKind, OtherHost, hosts_from_plain, hosts_to_plain
from studio.core.settings import Settings
from studio.storage.preferences import PreferencesFile

LOCAL = OtherHost("Mine", "http://127.0.0.1:11434/v1", HostKind.OPENAI, needs_token=False)
LAB = OtherHost("Lab", "http://10.0.0.5:8000", HostKind.ANTHROPIC, plain_http=True)


def test_hosts_are_read_back_unchanged() -> None:
    assert hosts_from_plain(hosts_to_plain((LOCAL, LAB))) == (LOCAL, LAB)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        3,
        {},
        {"name": "no address", "kind": "openai"},
        {"name": "x", "address": "", "kind": "openai"},
        {"name": "x", "address": "https://x", "kind": "telepathy"},
        {"name": ["x"], "address": "https://x", "kind": "openai"},
    ],
)
def test_a_broken_entry_costs_no_other(broken: object) -> None:
    plain = [*hosts_to_plain((LOCAL,)), broken]
    assert hosts_from_plain(plain) == (LOCAL,)


def test_what_is_no_list_is_no_hosts() -> None:
    assert hosts_from_plain({"a": 1}) is None
    assert hosts_from_plain("https://x") is None


def test_accepting_a_plain_way_is_never_guessed() -> None:
    plain = hosts_to_plain((LAB,))
    plain[0]["plain_http"] = "yes"
    found = hosts_from_plain(plain)
    assert found is not None
    assert not found[0].plain_http


def test_one_address_is_one_host() -> None:
    plain = hosts_to_plain((LOCAL, OtherHost("Twin", LOCAL.address)))
    assert hosts_from_plain(plain) == (LOCAL,)


def test_a_settings_file_keeps_hosts_and_holds_no_token(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = Settings(other_hosts=(LOCAL, LAB), host=LOCAL.address)
    PreferencesFile(path).save(settings)
    loaded = PreferencesFile(path).load()
    assert loaded.settings == settings
    assert loaded.ignored == ()
    assert "secret" not in path.read_text() and "ms-" not in path.read_text()


def test_hosts_that_are_none_are_told_and_kept_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"other_hosts": "https://x", "history_shown": false}')
    loaded = PreferencesFile(path).load()
    assert loaded.settings == Settings(history_shown=False)
    assert loaded.ignored == ("other_hosts",)
