"""Moving the data folder: whole or not at all, and the old one is never touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.transfer.common import TransferCancelled, Watch
from studio.storage.db import relocation
from studio.storage.db.relocation import (
    INSIDE,
    INSIDE_ITSELF,
    MARK,
    NO_ROOM,
    NOT_EMPTY,
    NOT_WRITABLE,
    SAME,
    copy_while_used,
    finish,
    point_back,
    remove_previous,
    target_in,
)
from studio.storage.locations import locate, read_note

ROOT = Path(__file__).parents[3]


def furnished(data: Path) -> Path:
    """A data folder with everything that can be in one."""
    for name, size in (
        ("studio.db", 200_000),
        ("studio.db.replaced-2026-11-01_120000", 5_000),
        ("settings.json", 300),
        ("backups/studio-2026-11-01_120000-daily.db", 90_000),
        ("attachments/ab/abcdef.png", 40_000),
        ("attachments/cd/cdef01.jpg", 10_000),
    ):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size))
    (data / "studio.lock").write_text("1", encoding="utf-8")
    (data / "backups" / ".0123456789abcdef.moda-part").write_bytes(b"half")
    return data


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def belonging(folder: Path) -> dict[str, bytes]:
    """What is moved: not the lock of a run, nor what is half written."""
    return {
        name: each
        for name, each in content(folder).items()
        if name != "studio.lock" and not name.endswith(".moda-part")
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A furnished folder."""
    return furnished(tmp_path / "old")


def reason_of(caught: pytest.ExceptionInfo[StudioError]) -> str:
    """The sentence of a refusal."""
    return caught.value.values["reason"]


def test_everything_is_in_the_new_folder_and_the_old_one_is_as_it_was(
    data: Path, tmp_path: Path
) -> None:
    before = content(data)
    target = target_in(data, tmp_path / "new" / "deep")
    assert not target.exists(), "looking leaves nothing"
    seen: list[tuple[int, int]] = []
    copy_while_used(data, target, watch=Watch(lambda *step: seen.append(step)))
    assert seen[-1] == (140_000, 140_000)
    assert not (target / "studio.db").exists(), "that one is still written"
    (data / "attachments" / "ab" / "late.png").write_bytes(b"came meanwhile")
    note = tmp_path / "config" / "note.json"
    finish(data, target, note)
    assert content(target) == belonging(data)
    assert {k: v for k, v in content(data).items() if "late" not in k} == before
    known = read_note(note)
    assert known is not None
    assert (known.data, known.previous) == (target, data)


def test_a_chosen_folder_with_something_in_it_gets_one_of_its_own(
    data: Path, tmp_path: Path
) -> None:
    chosen = tmp_path / "Documents"
    chosen.mkdir()
    (chosen / "letter.txt").write_text("mine", encoding="utf-8")
    assert target_in(data, chosen) == chosen / INSIDE
    (chosen / INSIDE).mkdir()
    (chosen / INSIDE / "more.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StudioError) as caught:
        target_in(data, chosen)
    assert reason_of(caught) == NOT_EMPTY


def test_each_folder_that_will_not_do_has_its_own_sentence(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StudioError) as caught:
        target_in(data, data)
    assert reason_of(caught) == SAME
    with pytest.raises(StudioError) as caught:
        target_in(data, data / "within")
    assert reason_of(caught) == INSIDE_ITSELF
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(StudioError) as caught:
        target_in(data, file / "below")
    assert reason_of(caught) in (NOT_WRITABLE, NOT_EMPTY)
    monkeypatch.setattr(relocation, "_SPARE", 1 << 62)
    with pytest.raises(StudioError) as caught:
        target_in(data, tmp_path / "new")
    assert reason_of(caught) == NO_ROOM
    assert belonging(tmp_path / "new") == {}


def test_a_copy_that_is_cancelled_anywhere_leaves_nothing(data: Path, tmp_path: Path) -> None:
    before = content(data)
    for at in range(4):
        allowed = iter(range(at))

        def is_over(allowed: object = allowed) -> bool:
            return next(allowed, None) is None  # type: ignore[call-overload]  # an iterator

        with pytest.raises(TransferCancelled):
            copy_while_used(data, tmp_path / "new", watch=Watch(cancelled=is_over))
        assert content(tmp_path / "new") == {}
    assert content(data) == before


def test_a_copy_that_differs_is_found_and_the_old_folder_stays_in_force(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, note = tmp_path / "new", tmp_path / "note.json"
    copy_while_used(data, target)

    def lossy(path: Path, copy: Path) -> None:
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes()[:-1] + b"?")

    monkeypatch.setattr(relocation, "copy_whole", lossy)
    with pytest.raises(StudioError):
        finish(data, target, note)
    assert read_note(note) is None


def test_what_a_killed_copy_has_left_is_begun_anew(data: Path, tmp_path: Path) -> None:
    target, before = tmp_path / "new", content(data)
    for stop in (1, 2, 3):
        script = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from studio.core.transfer.common import Watch\n"
            "from studio.storage.db.relocation import copy_while_used\n"
            "steps = iter(range(int(sys.argv[3])))\n"
            "def progress(done, total):\n"
            "    if next(steps, None) is None: os._exit(9)\n"
            "copy_while_used(Path(sys.argv[1]), Path(sys.argv[2]), watch=Watch(progress))\n"
        )
        killed = subprocess.run(
            [sys.executable, "-c", script, str(data), str(target), str(stop)],
            cwd=ROOT,
            check=False,
        )
        assert killed.returncode == 9
        assert (target / MARK).exists()
        assert content(data) == before
        assert target_in(data, target) == target
    copy_while_used(data, target)
    finish(data, target, tmp_path / "note.json")
    assert content(target) == belonging(data)


def test_one_that_is_killed_before_the_last_word_keeps_the_old_folder(
    data: Path, tmp_path: Path
) -> None:
    target, note, before = tmp_path / "new", tmp_path / "note.json", content(data)
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from studio.storage.db import relocation\n"
        "relocation.write_whole = lambda *_: os._exit(9)\n"
        "old, new, note = map(Path, sys.argv[1:])\n"
        "relocation.copy_while_used(old, new)\n"
        "relocation.finish(old, new, note)\n"
    )
    command = [sys.executable, "-c", script, str(data), str(target), str(note)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 9
    assert content(target) == belonging(data), "everything was there but the word"
    assert read_note(note) is None
    assert content(data) == before


def test_the_old_folder_goes_but_not_what_others_have_there(data: Path, tmp_path: Path) -> None:
    target, note = tmp_path / "new", tmp_path / "note.json"
    copy_while_used(data, target)
    finish(data, target, note)
    (data / "mine.txt").write_text("of somebody else", encoding="utf-8")
    remove_previous(note)
    assert list(content(data)) == ["mine.txt"]
    known = read_note(note)
    assert known is not None
    assert (known.data, known.previous) == (target, None)
    remove_previous(note)
    assert list(content(data)) == ["mine.txt"]
    assert content(target) != {}


def test_the_folder_before_can_be_used_again(data: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.json"
    copy_while_used(data, tmp_path / "new")
    finish(data, tmp_path / "new", note)
    point_back(data, note)
    known = read_note(note)
    assert known is not None
    assert (known.data, known.previous) == (data, None)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"data": 3}', '{"data": "relative"}', '{"data": null}', "\x00"]
)
def test_a_note_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    note = locate().note
    assert note is not None
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(text, encoding="utf-8")
    found = locate()
    assert not found.chosen
    assert found.previous is None
    note.write_text('{"data": "' + tmp_path.as_posix() + '"}', encoding="utf-8")
    assert locate().data == tmp_path
    assert locate().chosen
