"""What Windows tools wrote anew is read, and one damaged part never costs the others."""

from __future__ import annotations

import io
import json
import random
import string
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from studio.core.transfer.clients.reasons import DAMAGED
from studio.storage.transfer.export import export_everything
from studio.storage.transfer.imports import look_into
from studio.storage.transfer.json_pieces import charset_of
from tests.unit.storage.import_parts import node, refused, take_in, talk, texts, titles
from tests.unit.storage.transfer_parts import House

STORED = Path(__file__).resolve().parents[2] / "data" / "exports"
WORDS = "用一个例子讲讲快速排序，代价是多少？“引号”——𠮷😀 café"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    yield made
    made.close()


def simple(identity: str, title: str, asked: str = "q", answered: str = "a") -> dict[str, object]:
    """A conversation of a question and an answer."""
    first = node("1", None, "user", asked, "2")
    return talk(first, node("2", "1", "assistant", answered), id=identity, title=title)


def in_charset(folder: Path, stored: object, charset: str, name: str = "c.json") -> Path:
    """A JSON file as a Windows tool writes it."""
    path = folder / name
    path.write_bytes(json.dumps(stored, ensure_ascii=False, indent=1).encode(charset))
    return path


# Charsets.

WIDE = ["gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8-sig"]


@pytest.mark.parametrize("charset", WIDE)
def test_an_export_that_went_through_a_windows_tool_is_read(
    house: House, tmp_path: Path, charset: str
) -> None:
    path = in_charset(tmp_path, [simple("1", "排序", WORDS), simple("2", "二")], charset)
    assert take_in(house, path).skipped == ()
    assert sorted(titles(house)) == ["二", "排序"]
    assert texts(house, "排序") == [WORDS, "a"]


def test_gbk_is_known_by_a_single_word(house: House, tmp_path: Path) -> None:
    take_in(house, in_charset(tmp_path, [simple("1", "联通")], "gbk"))
    assert titles(house) == ["联通"]


def test_gbk_is_known_behind_megabytes_of_plain_letters(house: House, tmp_path: Path) -> None:
    many = [simple(f"{n}", f"T{n}", "x" * 20_000) for n in range(120)]
    take_in(house, in_charset(tmp_path, [*many, simple("last", "最后", WORDS)], "gb18030"))
    assert texts(house, "最后") == [WORDS, "a"]


@pytest.mark.parametrize("charset", ["gb18030", "utf-16"])
def test_our_own_json_that_an_editor_saved_anew_is_read(
    house: House, tmp_path: Path, charset: str
) -> None:
    path = tmp_path / "ours.json"
    path.write_bytes((STORED / "v1.json").read_bytes().decode("utf-8").encode(charset))
    other = House(tmp_path / "other")
    try:
        take_in(house, STORED / "v1.json")
        found = take_in(other, path)
        assert found.conversations and found.skipped == ()
        assert other.content() == house.content()
    finally:
        other.close()


@pytest.mark.parametrize("charset", ["gbk", "utf-16"])
def test_lines_and_a_zip_of_such_files_are_read(house: House, tmp_path: Path, charset: str) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as made:
        words = json.dumps([simple("1", "压缩包里")], ensure_ascii=False)
        made.writestr("conversations.json", words.encode(charset))
    lines = "\n".join(json.dumps(simple(n, f"行{n}"), ensure_ascii=False) for n in "23")
    (tmp_path / "x.jsonl").write_bytes(lines.encode(charset))
    take_in(house, tmp_path / "x.zip", tmp_path / "x.jsonl")
    assert sorted(titles(house)) == ["压缩包里", "行2", "行3"]


def test_one_broken_letter_is_marked_and_makes_no_other_letters_of_the_rest(
    house: House, tmp_path: Path
) -> None:
    good = json.dumps([simple("1", "排序", WORDS), simple("2", "甲乙丙")], ensure_ascii=False)
    path = tmp_path / "c.json"
    path.write_bytes(good.encode().replace("乙".encode(), b"\xe4\xb9"))
    take_in(house, path)
    assert texts(house, "排序") == [WORDS, "a"]
    assert any(each.startswith("甲\ufffd") for each in titles(house))


def test_charsets_are_told_of_random_words() -> None:
    chance = random.Random(5)
    # As common as they are in what people write; rare ones alone could pass for either.
    letters = bytes(b for hi in range(0xB0, 0xD7) for lo in range(0xA1, 0xFA) for b in (hi, lo))
    common = letters.decode("gb2312")
    for _ in range(300):
        words = "".join(chance.choices(common, k=chance.randint(4, 60)))
        words += "".join(chance.choices(string.ascii_letters, k=5))
        for charset, name in (("gb18030", "gb18030"), ("utf-8", "utf-8-sig")):
            content = f'["{words}"]'.encode(charset)
            cut = chance.randrange(len(content))
            assert charset_of([content[:cut], content[cut:]]) == name, words


# Zip files.


def zipped(folder: Path, *, way: int = ZIP_DEFLATED, marked: bool = False) -> Path:
    """Ten files with a conversation each, and one with two pictures' worth of noise between."""
    path = folder / "export.zip"
    target: io.RawIOBase | io.BufferedIOBase = _Unseekable() if marked else io.BytesIO()
    with ZipFile(target, "w", way) as made:
        for number in range(10):
            stored = [simple(f"{number}", f"Talk {number}", "q" * 50 + f"{number}" * 3000)]
            made.writestr(f"conversations-{number:03d}.json", json.dumps(stored))
    assert isinstance(target, io.BytesIO)
    path.write_bytes(target.getvalue())
    return path


class _Unseekable(io.BytesIO):
    """As a server writes it: sizes stand behind each entry."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation


def spoil(path: Path, name: str) -> None:
    """Change bytes in the middle of an entry."""
    with ZipFile(path) as file:
        entry = file.getinfo(name)
        begin = entry.header_offset + 30 + len(name)
        middle = begin + entry.compress_size // 2
    content = bytearray(path.read_bytes())
    content[middle : middle + 4] = bytes(each ^ 0xFF for each in content[middle : middle + 4])
    path.write_bytes(content)


@pytest.mark.parametrize("way", [ZIP_DEFLATED, ZIP_STORED])
def test_one_damaged_part_of_a_zip_is_named_and_the_others_come(
    house: House, tmp_path: Path, way: int
) -> None:
    path = zipped(tmp_path, way=way)
    spoil(path, "conversations-004.json")
    told = look_into(house.source, path)
    found = take_in(house, path)
    assert found.conversations >= 9
    assert set(titles(house)) >= {f"Talk {n}" for n in range(10) if n != 4}
    assert [each.title for each in found.skipped] == ["conversations-004.json"]
    assert told.skipped == found.skipped


@pytest.mark.parametrize("name", ["conversations-000.json", "conversations-005.json"])
def test_a_damaged_head_of_one_part_costs_the_others_nothing(
    house: House, tmp_path: Path, name: str
) -> None:
    path = zipped(tmp_path)
    with ZipFile(path) as file:
        at = file.getinfo(name).header_offset
    content = bytearray(path.read_bytes())
    content[at : at + 4] = b"XXXX"
    path.write_bytes(content)
    found = take_in(house, path)
    assert found.conversations == 9
    assert [each.title for each in found.skipped] == [name]


@pytest.mark.parametrize("way", [ZIP_DEFLATED, ZIP_STORED])
@pytest.mark.parametrize("marked", [False, True])
def test_a_zip_that_was_cut_is_read_as_far_as_it_goes(
    house: House, tmp_path: Path, way: int, marked: bool
) -> None:
    if marked and way == ZIP_STORED:
        pytest.skip("no server writes that: its end could not be told")
    path = zipped(tmp_path, way=way, marked=marked)
    with ZipFile(path) as file:
        seventh = file.getinfo("conversations-007.json")
    path.write_bytes(path.read_bytes()[: seventh.header_offset + seventh.compress_size // 2])
    told = look_into(house.source, path)
    found = take_in(house, path)
    assert sorted(titles(house)) == [f"Talk {n}" for n in range(7)]
    assert ("export.zip", DAMAGED) in [(each.title, each.reason) for each in found.skipped]
    assert told.skipped == found.skipped


def test_a_zip_without_its_directory_alone_loses_nothing(house: House, tmp_path: Path) -> None:
    path = zipped(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"PK\x01\x02")])
    assert take_in(house, path).conversations == 10


def test_a_cut_zip_within_a_zip_is_read_as_far_as_it_goes(house: House, tmp_path: Path) -> None:
    inner = zipped(tmp_path).read_bytes()
    with ZipFile(tmp_path / "outer.zip", "w") as made:
        made.writestr("part-1.zip", inner[: len(inner) * 2 // 3])
        made.writestr("conversations.json", json.dumps([simple("x", "Beside")]))
    found = take_in(house, tmp_path / "outer.zip")
    assert {"Beside", "Talk 0", "Talk 1"} <= set(titles(house))
    assert "part-1.zip" in [each.title for each in found.skipped]


def test_a_cut_zip_of_which_nothing_is_left_is_refused(house: House, tmp_path: Path) -> None:
    path = zipped(tmp_path)
    path.write_bytes(path.read_bytes()[:60])
    assert "damaged or cut short" in refused(house, path)


def test_our_own_zip_gives_all_but_what_is_damaged(house: House, tmp_path: Path) -> None:
    for number in range(5):
        house.talk(f"Talk {number}", "question", "answer " * 50)
    path = tmp_path / "ours.zip"
    export_everything(house.source, path)
    other = House(tmp_path / "other")
    try:
        whole = path.read_bytes()
        path.write_bytes(whole[: whole.index(b"PK\x01\x02")])
        found = take_in(other, path)
        assert sorted(titles(other)) == [f"Talk {n}" for n in range(5)]
        assert [each.title for each in found.skipped] == ["ours.zip"]
    finally:
        other.close()


def test_a_damaged_picture_in_our_own_zip_is_missing_and_named(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "v1.zip"
    path.write_bytes((STORED / "v1.zip").read_bytes())
    with ZipFile(path) as file:
        pictures = [each for each in file.namelist() if each.startswith("pictures/")]
    spoil(path, pictures[0])
    found = take_in(house, path)
    assert found.conversations == 6
    assert found.missing_pictures >= 1
    assert [each.title for each in found.skipped] == [pictures[0].rpartition("/")[2]]


def test_a_cut_zip_that_would_fill_the_disk_is_an_attack(house: House, tmp_path: Path) -> None:
    target = _Unseekable()
    with ZipFile(target, "w", ZIP_DEFLATED) as made:
        made.writestr("conversations.json", b" " * (200 << 20))
    whole = target.getvalue()
    path = tmp_path / "bomb.zip"
    path.write_bytes(whole[: whole.index(b"PK\x01\x02")])
    assert "attack" in refused(house, path)
