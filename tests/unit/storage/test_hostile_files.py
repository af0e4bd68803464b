"""Files of strangers are refused with a reason, and nothing of them is left anywhere."""

from __future__ import annotations

import io
import json
import stat
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import ErrorKind, StudioError
from studio.core.transfer.clients.reasons import (
    DOCUMENT,
    EMPTY_FILE,
    PACKED,
    TABLE,
    UNREADABLE,
    WEB_PAGE,
)
from studio.core.transfer.common import (
    BAD_PICTURE,
    BOMB,
    BROKEN_JSON,
    BROKEN_ZIP,
    ENCRYPTED,
    GONE,
    NEWER,
    NOT_OURS,
    TOO_MANY,
    TWICE,
    UNSAFE_NAME,
    WRONG_SHAPE,
)
from studio.core.transfer.values import line
from studio.storage.transfer import archive, import_foreign, import_ours
from studio.storage.transfer.export import export_everything
from studio.storage.transfer.import_files import open_import
from studio.storage.transfer.imports import import_file
from tests.unit.storage.transfer_parts import House, furnish, problem_of

STORED = Path(__file__).parents[2] / "data" / "exports"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    made.talk("mine", "my words", picture=None)
    yield made
    made.close()


def refuse(house: House, path: Path) -> StudioError:
    """Import what must not be imported; nothing may have changed anywhere."""
    before = house.content(), house.files()
    around = snapshot(house.folder.parent)
    with pytest.raises(StudioError) as raised:
        import_file(house.database, house.source, path)
    assert raised.value.kind is ErrorKind.NOT_IMPORTED
    assert (house.content(), house.files()) == before
    assert snapshot(house.folder.parent) == around
    sentence = problem_of(raised.value)
    assert "{" not in sentence.replace("{name}", "")
    assert sentence.isprintable()
    return raised.value


def snapshot(folder: Path) -> set[str]:
    """Every file but those that SQLite keeps beside an open database."""
    return {
        each.as_posix()
        for each in folder.rglob("*")
        if each.is_file() and not each.name.endswith(("-wal", "-shm", ".open"))
    }


def reason(error: StudioError) -> str:
    return error.values["reason"]


class Zip:
    """A good export with something bad in it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bad.zip"
        with ZipFile(STORED / "v1.zip") as good:
            self.entries = {each.filename: good.read(each) for each in good.infolist()}
        self.extra: list[tuple[ZipInfo, bytes]] = []

    def add(self, name: str, content: bytes = b"x", *, mode: int = stat.S_IFREG | 0o600) -> None:
        entry = ZipInfo("x")
        entry.filename = entry.orig_filename = name
        entry.external_attr = mode << 16
        self.extra.append((entry, content))

    def write(self) -> Path:
        with ZipFile(self.path, "w", ZIP_DEFLATED) as made:
            for name, content in self.entries.items():
                made.writestr(name, content)
            for entry, content in self.extra:
                made.writestr(entry, content, ZIP_DEFLATED)
        return self.path


@pytest.mark.parametrize(
    "name",
    [
        "../x.png",
        "pictures/../../x.png",
        "..\\x.png",
        "pictures\\..\\..\\x",
        "/etc/x",
        "//host/share/x",
        "C:/x",
        "c:x",
        "CON",
        "pictures/nul.png",
        "pictures/COM1",
        "lpt9.txt",
        "a/./b",
        "a//b",
        ".. /x",
        "...",
        "a\nb",
        "a\x00b",
        "\x1b[31m",
    ],
)
def test_a_name_that_leads_elsewhere(house: House, tmp_path: Path, name: str) -> None:
    made = Zip(tmp_path)
    made.add(name)
    error = refuse(house, made.write())
    assert reason(error) == UNSAFE_NAME


def test_a_symbolic_link(house: House, tmp_path: Path) -> None:
    made = Zip(tmp_path)
    made.add("pictures/link.png", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
    assert reason(refuse(house, made.write())) == UNSAFE_NAME


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "a"), ("a.png", "A.PNG"), ("é", "e\u0301"), ("a", "a/")])
def test_the_same_name_twice(house: House, tmp_path: Path, names: tuple[str, str]) -> None:
    made = Zip(tmp_path)
    for name in names:
        made.add(name)
    assert reason(refuse(house, made.write())) == TWICE


def test_a_bomb_of_10_gigabytes(house: House, tmp_path: Path) -> None:
    """No zeros are unpacked to find out: what the file says of itself is enough."""
    made = Zip(tmp_path)
    made.add("conversations.bin", b"\0" * (1 << 20))
    path = made.write()
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    assert struct.unpack_from("<L", content, at + 24)[0] == 1 << 20
    struct.pack_into("<L", content, at + 24, (4 << 30) - 2)
    path.write_bytes(content)
    assert reason(refuse(house, path)) == BOMB


def test_a_bomb_that_says_nothing_of_itself(house: House, tmp_path: Path) -> None:
    made = Zip(tmp_path)
    made.entries["conversations.jsonl"] = b"[" * (200 << 20)
    path = made.write()
    assert reason(refuse(house, path)) == BOMB
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", content, at + 24, 1000)
    path.write_bytes(content)
    tracemalloc.start()
    error = refuse(house, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason(error) in (BROKEN_ZIP, BROKEN_JSON)
    assert peak < 50 << 20


def test_entries_that_lie_over_one_another(house: House, tmp_path: Path) -> None:
    made = Zip(tmp_path)
    for name in ("a", "b", "c"):
        made.add(name, b"0123456789" * 1000)
    path = made.write()
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<L", content, at + 20, len(content))
        at = content.find(b"PK\x01\x02", at + 4)
    path.write_bytes(content)
    assert reason(refuse(house, path)) in (BOMB, BROKEN_ZIP)


def test_a_million_entries_are_counted_before_they_are_read(house: House, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    count = 1_000_000
    name = b"%07d"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04" + b"\0" * 26)
        start = file.tell()
        record = struct.Struct("<4s6H3L5H2L")
        for number in range(count):
            zeros = (0,) * 5
            fixed = record.pack(b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 7, *zeros[:4], 0, 0)
            file.write(fixed + name % number)
        size = file.tell() - start
        end = file.tell()
        most, more = 0xFFFF, 0xFFFFFFFF
        numbers = (44, 45, 45, 0, 0, count, count, size, start)
        file.write(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", *numbers))
        file.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1))
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, most, most, more, more, 0))
    tracemalloc.start()
    error = refuse(house, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason(error) == TOO_MANY
    assert peak < 20 << 20


def test_more_entries_than_the_directory_says(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_ENTRIES", 30)
    made = Zip(tmp_path)
    for number in range(40):
        made.add(f"{number}")
    path = made.write()
    assert reason(refuse(house, path)) == TOO_MANY
    content = bytearray(path.read_bytes())
    struct.pack_into("<2H", content, content.rindex(b"PK\x05\x06") + 8, 1, 1)
    path.write_bytes(content)
    assert reason(refuse(house, path)) == TOO_MANY


def test_a_zip_with_a_password(house: House, tmp_path: Path) -> None:
    path = Zip(tmp_path).write()
    content = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(magic)
        content[at + offset] |= 1
    path.write_bytes(content)
    assert reason(refuse(house, path)) == ENCRYPTED


def test_a_way_of_compressing_that_is_not_ours(house: House, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "bad.zip", "w", ZIP_BZIP2) as made:
        made.writestr("moda-studio.json", b'{"format":"moda-studio","version":1}')
    assert reason(refuse(house, tmp_path / "bad.zip")) == BROKEN_ZIP


def test_a_zip_cut_or_changed_anywhere(house: House, tmp_path: Path) -> None:
    good = (STORED / "v1.zip").read_bytes()
    path = tmp_path / "bad.zip"
    for length in (0, 1, 4, 22, 100, 1000):
        path.write_bytes(good[:length])
        assert reason(refuse(house, path)) in (EMPTY_FILE, NOT_OURS, BROKEN_ZIP)
    refused = whole = 0
    for at in range(0, len(good), 97):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x41]) + good[at + 1 :])
        before = house.content()
        try:
            found = import_file(house.database, house.source, path)
        except StudioError as error:
            assert error.kind is ErrorKind.NOT_IMPORTED
            assert house.content() == before
            refused += 1
        else:  # a byte that tells nothing, such as a time, or damage in one part that is named
            read = found.conversations + found.unchanged + found.merged + found.copied
            assert read == 6 or found.skipped
            whole += 1
    assert refused > 10
    assert whole > 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", EMPTY_FILE),
        (b"\0" * 100, EMPTY_FILE),
        (b"hello", NOT_OURS),
        (b"<html></html>", WEB_PAGE),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML>", WEB_PAGE),
        (b"SQLite format 3\x00", TABLE),
        (b"\x89PNG\r\n\x1a\n", DOCUMENT),
        (b"%PDF-1.7", DOCUMENT),
        (b"7z\xbc\xaf\x27\x1c", PACKED),
        (b"{}", NOT_OURS),
        (b'{"format":"another","version":1}', NOT_OURS),
        (b'{"a": 1}', NOT_OURS),
    ],
)
def test_something_else_is_named_for_what_it_is(
    house: House, tmp_path: Path, content: bytes, expected: str
) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert reason(refuse(house, tmp_path / "x.json")) == expected


def test_a_zip_of_something_else(house: House, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("holiday.txt", "sun")
    assert reason(refuse(house, tmp_path / "x.zip")) == NOT_OURS


def test_a_file_that_is_gone_or_a_folder_without_exports(house: House, tmp_path: Path) -> None:
    assert reason(refuse(house, tmp_path / "nothing.zip")) == GONE
    assert reason(refuse(house, tmp_path)) == NOT_OURS


def test_an_export_of_a_later_version(house: House, tmp_path: Path) -> None:
    made = Zip(tmp_path)
    manifest = made.entries["moda-studio.json"]
    made.entries["moda-studio.json"] = manifest.replace(b'"version":1', b'"version":2')
    assert reason(refuse(house, made.write())) == NEWER
    document = (STORED / "v1.json").read_bytes().replace(b'},"version":1}', b'},"version":2}')
    (tmp_path / "x.json").write_bytes(document)
    assert reason(refuse(house, tmp_path / "x.json")) == NEWER
    (tmp_path / "y.json").write_text(json.dumps(json.loads(document), indent=2), encoding="utf-8")
    assert reason(refuse(house, tmp_path / "y.json")) == NEWER


def first_conversation() -> dict[str, Any]:
    """The first of the stored export."""
    found: dict[str, Any] = json.loads((STORED / "v1.json").read_bytes())["conversations"][0]
    return found


def document(*conversations: Any) -> bytes:
    whole = {
        "conversations": list(conversations),
        "folders": [],
        "format": "moda-studio",
        "pictures": {},
        "version": 1,
    }
    return json.dumps(whole).encode()


Change = Callable[[dict[str, Any]], object]

WRONG: dict[str, Change] = {
    "a number as title": lambda c: c.update(title=5),
    "null as title": lambda c: c.update(title=None),
    "no id": lambda c: c.pop("id"),
    "an id that is a path": lambda c: c.update(id="../x"),
    "an empty id": lambda c: c.update(id=""),
    "an unknown kind": lambda c: c.update(kind="tomorrow"),
    "a list as kind": lambda c: c.update(kind=[]),
    "no messages": lambda c: c.pop("messages"),
    "messages as an object": lambda c: c.update(messages={}),
    "a message that is a text": lambda c: c["messages"].append("x"),
    "a head that is not there": lambda c: c.update(head_id="0" * 32),
    "a parent that is not there": lambda c: c["messages"][1].update(parent_id="0" * 32),
    "a parent that comes later": lambda c: c["messages"].reverse(),
    "an id twice": lambda c: c["messages"].append(c["messages"][0]),
    "a role of nobody": lambda c: c["messages"][0].update(role="root"),
    "a state of nothing": lambda c: c["messages"][0].update(status="forged"),
    "true as a time": lambda c: c["messages"][0].update(created_at=True),
    "a text as a time": lambda c: c["messages"][0].update(created_at="now"),
    "a time without end": lambda c: c["messages"][0].update(created_at=1e300),
    "a huge number of tokens": lambda c: c["messages"][0].update(usage={"input_tokens": 2**63}),
    "half a token": lambda c: c["messages"][0].update(usage={"input_tokens": 0.5}),
    "parts as a text": lambda c: c["messages"][0].update(parts="x"),
    "an unknown part": lambda c: c["messages"][0].update(parts=[{"type": "script"}]),
    "a part without text": lambda c: c["messages"][0].update(parts=[{"type": "text"}]),
    "a number as text": lambda c: c["messages"][0].update(parts=[{"type": "text", "text": 1}]),
    "a hash that is a path": lambda c: c["messages"][0].update(
        parts=[{"type": "image", "sha256": "../../../../etc/passwd"}]
    ),
    "an error that is a list": lambda c: c["messages"][0].update(error=[]),
    "values that are no texts": lambda c: c["messages"][0].update(
        error={"kind": "busy", "values": {"a": 1}}
    ),
    "stops that are numbers": lambda c: c.update(parameters={"stop": [1]}),
    "a hot temperature": lambda c: c.update(parameters={"temperature": "hot"}),
    "pinned with a number": lambda c: c.update(pinned=1),
    "a folder of folders": lambda c: c.update(folder=["f1"]),
    "deleted on a word": lambda c: c.update(deleted_at="yesterday"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_type_anywhere_costs_its_own_conversation_and_no_other(
    house: House, tmp_path: Path, change: Change
) -> None:
    good, bad = first_conversation(), first_conversation()
    good["id"] = "e" * 32
    for each in good["messages"]:
        each["id"] = "e" + each["id"][1:]
        if "parent_id" in each:
            each["parent_id"] = "e" + each["parent_id"][1:]
    good["head_id"] = "e" + good["head_id"][1:]
    change(bad)
    (tmp_path / "x.json").write_bytes(document(bad))
    assert reason(refuse(house, tmp_path / "x.json")) == WRONG_SHAPE
    (tmp_path / "y.json").write_bytes(document(good, bad))
    found = import_file(house.database, house.source, tmp_path / "y.json")
    assert found.conversations == 1
    assert [each.reason for each in found.skipped] == [UNREADABLE]
    bare = Zip(tmp_path)
    bare.entries["conversations.jsonl"] = f"{line(bad)}\n{line(good)}\n".encode()
    found = import_file(house.database, house.source, bare.write())
    assert (found.conversations, found.unchanged, len(found.skipped)) == (0, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        b'{"conversations":[',
        b'{"conversations":[NaN],"format":"moda-studio","version":1}',
        b'{"conversations":[1e999],"format":"moda-studio","version":1}',
        b'{"conversations":' + b"[" * 200_000,
        b'{"conversations":' + b'{"a":' * 200_000,
        b'{"conversations":[' + b"9" * 10_000 + b'],"format":"moda-studio","version":1}',
        b'{"conversations":[\n{"id":\n',
        b'{"conversations":[\n{},\n],"version":1}\n',
        b'{"conversations":["\xff"],"format":"moda-studio","version":1}',
        b"[" * 200_000,
        b'[{"mapping":{}},',
        b'[{"mapping":' + b'{"a":' * 100_000,
        b"[1]",
        b'["a"]',
        b"[{}]",
        b'[{"mapping":[]}]',
        b'[{"mapping":{"a":5}}]',
        b'[{"mapping":{"a":{"message":5}}}]',
        b'[{"mapping":{"a":{"parent":{}}}}]',
        b'[{"mapping":{}} {"mapping":{}}]',
        b'[{"mapping":{}}',
        b"[\xff]",
        b'[{"mapping":{"a":{"message":{"author":{"role":"user"},"content":'
        b'{"content_type":"x","text":' + b"[" * 900 + b"]" * 900 + b"}}}}}]",
    ],
)
def test_damaged_deep_and_endless_json(house: House, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x.json").write_bytes(text)
    try:
        import_file(house.database, house.source, tmp_path / "x.json")
    except StudioError as error:
        assert error.kind is ErrorKind.NOT_IMPORTED
    else:
        pytest.fail("it was imported")
    assert house.litter() == []


def test_a_line_without_end(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (import_ours, import_foreign):
        monkeypatch.setattr(module, "MOST_LINE_BYTES", 10_000)
    made = Zip(tmp_path)
    made.entries["conversations.jsonl"] = b'{"title":"' + b"x" * 20_000 + b'"}\n'
    refuse(house, made.write())
    (tmp_path / "x.json").write_bytes(
        b'{"conversations":[\n"' + b"x" * 20_000 + b'"\n],"pictures":{\n},"version":1}\n'
    )
    refuse(house, tmp_path / "x.json")
    (tmp_path / "y.json").write_bytes(b'[{"mapping":"' + b"x" * (3 << 20) + b'"}]')
    refuse(house, tmp_path / "y.json")


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff" + b"x" * 100]
)
def test_a_picture_that_is_none(house: House, tmp_path: Path, content: bytes) -> None:
    import hashlib

    sha256 = hashlib.sha256(content).hexdigest()
    talk = first_conversation()
    talk["messages"][0]["parts"] = [
        {"type": "image", "sha256": sha256, "media_type": "image/png"},
        {"type": "text", "text": "x"},
    ]
    made = Zip(tmp_path)
    made.entries["conversations.jsonl"] = f"{line(talk)}\n".encode()
    made.entries[f"pictures/{sha256}.png"] = content
    assert reason(refuse(house, made.write())) == BAD_PICTURE


def test_a_picture_under_the_name_of_another(house: House, tmp_path: Path) -> None:
    made = Zip(tmp_path)
    first, second = [name for name in made.entries if name.startswith("library/")][:2]
    made.entries[first], made.entries[second] = made.entries[second], made.entries[first]
    assert reason(refuse(house, made.write())) == BAD_PICTURE


def test_file_names_in_our_export_stay_in_the_folder_of_pictures(
    house: House, tmp_path: Path
) -> None:
    made = Zip(tmp_path)
    rows = [json.loads(each) for each in made.entries["library.jsonl"].splitlines()]
    names = ["../../x.png", "/tmp/x.png", "CON.png", "a\\b.png", "x" * 300 + ".png"]
    for row, name in zip(rows, names, strict=True):
        row["path"] = name
    made.entries["library.jsonl"] = b"".join(line(row).encode() + b"\n" for row in rows)
    around = snapshot(tmp_path)
    import_file(house.database, house.source, made.write())
    new = {Path(each) for each in snapshot(tmp_path) - around} - {made.path}
    folders = (house.folder / "pictures", house.folder / "attachments")
    assert all(any(each.is_relative_to(folder) for folder in folders) for each in new)
    assert len([each for each in new if each.suffix == ".png" and "pictures" in each.parts]) == 5


SCRIPT = "<script>alert(1)</script>\u202e\x1b[31m\x00\ud83d' OR 1=1; DROP TABLE messages;--"


def test_script_text_is_only_text(house: House, tmp_path: Path) -> None:
    talk = first_conversation()
    talk["title"] = SCRIPT
    talk["messages"][0]["parts"] = [{"type": "text", "text": SCRIPT}]
    (tmp_path / "x.json").write_bytes(document(talk))
    assert import_file(house.database, house.source, tmp_path / "x.json").conversations == 1
    # The lone surrogate has become a replacement character: the same import is the same.
    assert import_file(house.database, house.source, tmp_path / "x.json").unchanged == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=JSON, place=st.integers(0, 10**6), name=st.sampled_from(["v1.json", "chatgpt.json"]))
def test_any_value_at_any_place_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: object, place: int, name: str
) -> None:
    stored = json.loads((STORED / name).read_bytes())
    places = list(walk(stored))
    holder, key = places[place % len(places)]
    holder[key] = value
    path = tmp_path_factory.mktemp("any") / "x.json"
    path.write_text(json.dumps(stored), encoding="utf-8")
    try:
        with open_import(path) as file:
            for each in file.conversations():
                assert each.messages
    except StudioError as error:
        assert error.kind is ErrorKind.NOT_IMPORTED
        assert error.values["reason"]


def walk(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value where another one could stand."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from walk(inner)


def test_the_limits_leave_room_for_a_good_export(house: House, tmp_path: Path) -> None:
    furnish(house)
    path = tmp_path / "good.zip"
    export_everything(house.source, path)
    with ZipFile(path) as made:
        assert {each.compress_type for each in made.infolist()} <= {ZIP_DEFLATED, ZIP_STORED}
    assert io.BytesIO(path.read_bytes()).read(2) == b"PK"
    assert import_file(house.database, house.source, path).unchanged == 13
