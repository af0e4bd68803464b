"""One odd conversation never costs the others, and wrong files are named for what they are."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.messages import Message, Role, TextPart
from studio.core.transfer.clients.reasons import CUT_SHORT, NO_MESSAGES, UNREADABLE
from studio.core.transfer.common import Choice, TransferCancelled, Watch
from studio.core.transfer.values import Wrong
from studio.storage.history import conversations, folders, messages
from studio.storage.transfer import import_sources
from studio.storage.transfer.imports import import_file, look_into
from studio.storage.transfer.json_pieces import whole_value
from tests.unit.storage.import_parts import (
    DATA,
    everything,
    node,
    refused,
    shown,
    take_in,
    taken,
    talk,
    texts,
    titles,
    written,
)
from tests.unit.storage.transfer_parts import House

CHATGPT = DATA / "chatgpt"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    yield made
    made.close()


def simple(identity: str, title: str, asked: str = "q", answered: str = "a") -> dict[str, object]:
    """A conversation of a question and an answer."""
    first = node("1", None, "user", asked, "2")
    return talk(first, node("2", "1", "assistant", answered), id=identity, title=title)


# One that cannot be read.


def test_an_empty_shell_is_left_out_and_named(house: House) -> None:
    found = take_in(house, CHATGPT / "empty_shell.json")
    assert titles(house) == ["Good one"]
    assert [(each.title, each.reason) for each in found.skipped] == [("Empty shell", NO_MESSAGES)]


@pytest.mark.parametrize(
    "odd",
    [
        *(None, 5, "text", True, [], {}, {"title": "Odd"}, {"title": "Odd", "mapping": []}),
        {"title": "Odd", "mapping": {"a": 5}},
        {"title": "Odd", "chat_messages": 3, "mapping": 1},
    ],
    ids=repr,
)
def test_whatever_stands_between_two_conversations_costs_itself_alone(
    house: House, tmp_path: Path, odd: object
) -> None:
    found = taken(house, tmp_path, [simple("1", "One"), odd, simple("2", "Two")])
    assert sorted(titles(house)) == ["One", "Two"]
    assert len(found.skipped) == 1
    assert found.skipped[0].title == ("Odd" if isinstance(odd, dict) and odd else "#2")


def test_a_null_node_costs_nothing(house: House) -> None:
    assert take_in(house, CHATGPT / "null_node.json").skipped == ()
    assert texts(house, "Node null") == ["q", "a"]
    assert texts(house, "Good one") == ["hello", "hi there"]


def test_a_number_that_is_none_costs_nothing(house: House, tmp_path: Path) -> None:
    text = json.dumps([simple("1", "One"), simple("2", "Two")])
    path = tmp_path / "x.json"
    path.write_text(text.replace('"create_time": 1700000000.0', '"create_time": NaN'))
    assert take_in(house, path).conversations == 2


def test_of_a_file_that_is_cut_short_comes_what_is_whole(house: House, tmp_path: Path) -> None:
    whole = json.dumps([simple("1", "One"), simple("2", "Two")])
    path = tmp_path / "conversations.json"
    path.write_text(whole[:-40], encoding="utf-8")
    found = take_in(house, path)
    assert titles(house) == ["One"]
    expected = ("conversations.json", CUT_SHORT)
    assert [(each.title, each.reason) for each in found.skipped] == [expected]
    path.write_text(whole[:40], encoding="utf-8")
    assert "damaged JSON" in refused(house, path)


def test_one_bad_file_of_several_is_named(house: House, tmp_path: Path) -> None:
    good = written(tmp_path, [simple("1", "One")], "a.json")
    (tmp_path / "b.json").write_text("[{", encoding="utf-8")
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04 and nothing more")
    page = tmp_path / "chat.html"
    page.write_text("<html></html>", encoding="utf-8")
    found = take_in(house, good, tmp_path / "b.json", tmp_path / "c.zip", page)
    assert found.conversations == 1
    assert sorted(each.title for each in found.skipped) == ["b.json", "c.zip", "chat.html"]


def test_only_hidden_words_are_no_conversation_and_no_fault(house: House) -> None:
    found = take_in(house, CHATGPT / "only_hidden.json")
    assert (found.conversations, found.skipped) == (0, ())
    assert titles(house) == []


# The same one again.


def test_the_same_conversation_in_two_parts_comes_once(house: House) -> None:
    found = take_in(house, CHATGPT / "same_twice.zip")
    assert (found.conversations, found.messages, found.unchanged) == (1, 2, 0)
    assert texts(house, "Twice") == ["q", "a"]


def test_renamed_and_longer_since_it_is_one_conversation_with_new_messages(house: House) -> None:
    take_in(house, CHATGPT / "first_export.json")
    found = take_in(house, CHATGPT / "renamed_and_longer.json")
    assert (found.conversations, found.merged, found.messages) == (0, 1, 2)
    assert texts(house, "New chat") == ["q", "a", "more", "more a"]
    again = take_in(house, CHATGPT / "renamed_and_longer.json")
    assert (again.merged, again.unchanged, again.messages) == (0, 1, 0)


def test_both_exports_at_once_are_the_longer_one_under_its_new_name(house: House) -> None:
    found = take_in(house, CHATGPT / "first_export.json", CHATGPT / "renamed_and_longer.json")
    assert (found.conversations, found.messages) == (1, 4)
    assert len(everything(house)) == 1
    assert [len(each) for each in everything(house).values()] == [4]


def test_a_title_given_here_and_a_message_edited_here_stay(house: House) -> None:
    take_in(house, CHATGPT / "first_export.json")
    conversation, path = shown(house, "New chat")
    house.database.call_sync(conversations.rename, conversation.id, "My name for it")
    edited = Message(conversation.id, Role.USER, (TextPart("my q"),), None)
    house.database.call_sync(messages.save_message, edited)
    found = take_in(house, CHATGPT / "renamed_and_longer.json")
    assert (found.merged, found.messages) == (1, 2)
    assert titles(house) == ["My name for it"]
    assert texts(house, "My name for it") == ["my q"]
    versions = house.database.call_sync(messages.load_versions, conversation.id)
    assert [set(each) for each in versions.values()] == [{path[0].id, edited.id}]
    assert len(everything(house)["My name for it"]) == 5


def test_other_words_under_the_same_id_are_a_version_and_no_second_conversation(
    house: House, tmp_path: Path
) -> None:
    taken(house, tmp_path, [simple("1", "One", "q", "half of it")])
    found = taken(house, tmp_path, [simple("1", "One", "q", "all of it")])
    assert (found.merged, found.messages, found.copied) == (1, 1, 0)
    assert texts(house, "One") == ["q", "half of it"]
    assert [each.text for each in everything(house)["One"]] == ["q", "half of it", "all of it"]
    assert taken(house, tmp_path, [simple("1", "One", "q", "all of it")]).messages == 0


# Where it is.


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("numbered_parts.zip", ["Second", "First"]),
        ("zip_in_zip.zip", ["Good one"]),
        ("packed_on_a_mac.zip", ["Good one"]),
        ("bom_and_crlf.json", ["Good one"]),
    ],
)
def test_however_it_is_packed_it_comes_in(house: House, name: str, expected: list[str]) -> None:
    assert take_in(house, CHATGPT / name).skipped == ()
    assert titles(house) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_text_in_any_encoding_of_unicode(house: House, tmp_path: Path, encoding: str) -> None:
    text = json.dumps([simple("1", "标题", "问题\ud83d")], ensure_ascii=False)
    (tmp_path / "x.json").write_bytes(text.encode(encoding, "surrogatepass"))
    take_in(house, tmp_path / "x.json")
    assert texts(house, "标题") == ["问题\ufffd", "a"]


def test_half_a_sign_a_nul_and_a_mark_that_turns_the_text(house: House) -> None:
    take_in(house, CHATGPT / "half_signs.json")
    assert texts(house, "Bad \ufffd half") == ["x \ufffd y \x00 z \u202e rtl"]


def test_a_folder_with_parts_in_folders(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    for number in (1, 2):
        stored = [simple(f"{number}", f"Part {number}")]
        written(folder / f"part {number}", stored, "conversations.json")
    written(folder, {"id": "u", "email": "x"}, "user.json")
    (folder / "part 1" / "._conversations.json").write_bytes(b"\0\5\x16\7")
    (folder / "link.json").symlink_to(tmp_path / "elsewhere.json")
    with ZipFile(folder / "more.zip", "w") as made:
        made.writestr("a/b/conversations-004.json", json.dumps([simple("3", "Part 3")]))
    assert take_in(house, folder).skipped == ()
    assert sorted(titles(house)) == ["Part 1", "Part 2", "Part 3"]


def test_a_conversation_in_a_file_of_its_own_and_one_a_line(house: House, tmp_path: Path) -> None:
    take_in(house, written(tmp_path, simple("1", "Alone")))
    lines = "\n".join(json.dumps(simple(f"{each}", f"Line {each}")) for each in (2, 3))
    (tmp_path / "x.jsonl").write_text(lines, encoding="utf-8")
    take_in(house, tmp_path / "x.jsonl")
    assert sorted(titles(house)) == ["Alone", "Line 2", "Line 3"]


def test_a_zip_in_a_zip_that_unpacks_to_far_more_is_an_attack(house: House, tmp_path: Path) -> None:
    inner = tmp_path / "inner.zip"
    with ZipFile(inner, "w") as made:
        made.writestr("zeros.json", b"\0" * (70 << 20))
    with ZipFile(tmp_path / "outer.zip", "w", ZIP_DEFLATED) as made:
        made.write(inner, "inner.zip")
        made.writestr("conversations.json", json.dumps([simple("1", "One")]))
    assert "attack" in refused(house, tmp_path / "outer.zip")


def test_a_broken_zip_in_a_zip_costs_the_others_nothing(house: House, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "outer.zip", "w") as made:
        made.writestr("part-1.zip", b"PK\x03\x04 no more")
        made.writestr("conversations.json", json.dumps([simple("1", "One")]))
    found = take_in(house, tmp_path / "outer.zip")
    assert titles(house) == ["One"]
    assert [each.title for each in found.skipped] == ["part-1.zip"]
    with ZipFile(tmp_path / "alone.zip", "w") as made:
        made.writestr("part-1.zip", b"PK\x03\x04 no more")
    assert "damaged or cut short" in refused(house, tmp_path / "alone.zip")


def test_too_many_zips_in_a_zip(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_sources, "_MOST_INNER", 3)
    with ZipFile(tmp_path / "outer.zip", "w") as made:
        for number in range(5):
            made.write(CHATGPT / "zip_in_zip.zip", f"{number}.zip")
    assert "more than 3" in refused(house, tmp_path / "outer.zip")


def test_reading_one_large_object_can_be_ended(house: House, tmp_path: Path) -> None:
    sessions = [
        {"id": f"{n}", "topic": "x", "messages": [{"role": "user", "content": "诗" * 9000}]}
        for n in range(200)
    ]
    path = written(tmp_path, {"chat-next-web-store": {"sessions": sessions}})
    calls = 0

    def cancelled() -> bool:
        nonlocal calls
        calls += 1
        return calls == 3

    with pytest.raises(TransferCancelled):
        look_into(house.source, path, watch=Watch(cancelled=cancelled))
    assert house.litter() == []
    assert len(look_into(house.source, path).conversations) == 200


def test_looking_through_a_large_folder_can_be_ended(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(50):
        (folder / f"{number}.png").write_bytes(b"x")
    calls = 0

    def cancelled() -> bool:
        nonlocal calls
        calls += 1
        return calls == 10

    with pytest.raises(TransferCancelled):
        look_into(house.source, folder, watch=Watch(cancelled=cancelled))
    assert calls == 10


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@settings(deadline=None)
@given(value=JSON, size=st.integers(1, 7), indent=st.sampled_from([None, 1]))
def test_json_in_pieces_is_the_same_as_whole(value: object, size: int, indent: int | None) -> None:
    content = json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "surrogatepass")
    expected = json.loads(content)
    pieces = (content[at : at + size] for at in range(0, len(content), size))
    assert whole_value(pieces, 1 << 20) == expected
    cut = (content[at : at + size] for at in range(0, len(content) - 1, size))
    with suppress(Wrong):
        whole_value(cut, 1 << 20)


@pytest.mark.parametrize(
    "text", ["", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,}', "[1,]", "[1 2]", "{1:2}", "1 2", "{}x"]
)
def test_what_is_no_json_is_refused_in_pieces_too(text: str) -> None:
    with pytest.raises(Wrong):
        whole_value(iter([text.encode()]), 1 << 20)


# Times and models.


def test_without_any_times_it_is_as_old_as_its_file(house: House) -> None:
    take_in(house, CHATGPT / "no_times.json")
    conversation, path = shown(house, "No times")
    written_at = (CHATGPT / "no_times.json").stat().st_mtime
    assert [each.created_at for each in path] == [written_at] * 2
    assert (conversation.created_at, conversation.updated_at) == (written_at, written_at)


@pytest.mark.parametrize(
    "value",
    [
        *(1700000000, 1700000000.0, 1700000000000, 1700000000000000, "1700000000"),
        *("1700000000000", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000000+00:00"),
        *("2023-11-15T06:13:20+08:00", "2023-11-14 22:13:20"),
        *({"$date": {"$numberLong": "1700000000000"}}, {"seconds": 1700000000, "nanoseconds": 0}),
    ],
    ids=str,
)
def test_a_time_in_any_writing(house: House, tmp_path: Path, value: object) -> None:
    asked = node("1", None, "user", "q", create_time=value)
    taken(house, tmp_path, [talk(asked, create_time=value, update_time=None)])
    conversation, path = shown(house, "T")
    assert (path[0].created_at, conversation.created_at) == (1.7e9, 1.7e9)


@pytest.mark.parametrize(
    "value", [None, 0, -1, True, "", "yesterday", [], {}, 1e300, "NaN", 10**30]
)
def test_what_is_no_time_is_that_of_the_conversation(
    house: House, tmp_path: Path, value: object
) -> None:
    asked = node("1", None, "user", "q", "2", create_time=value)
    answered = node("2", "1", "assistant", "a", create_time=1.6e9)
    taken(house, tmp_path, [talk(asked, answered, create_time=value)])
    conversation, path = shown(house, "T")
    assert conversation.created_at == path[0].created_at == 1.6e9


def test_without_a_title_the_first_words_name_it(house: House, tmp_path: Path) -> None:
    take_in(house, CHATGPT / "no_title.json")
    assert titles(house) == ["The first words name it"]
    taken(house, tmp_path, [{**simple("x", ""), "title": 7}])
    assert titles(house)[-1] == "q" or "q" in titles(house)


def test_the_model_is_the_one_that_is_named_anywhere(house: House, tmp_path: Path) -> None:
    first = node("1", None, "user", "q", "2")
    named = node("2", "1", "assistant", "a", "3", metadata={"model_slug": "o3"})
    more = node("3", "2", "user", "q", "4")
    taken(
        house,
        tmp_path,
        [talk(first, named, more, node("4", "3", "assistant", "b"), default_model_slug="gpt-5")],
    )
    conversation, path = shown(house, "T")
    assert [each.model for each in path] == ["", "o3", "", "gpt-5"]
    assert conversation.model == "gpt-5"


def test_a_conversation_that_cannot_be_asked_here_is_given_the_users_model(
    house: House, tmp_path: Path
) -> None:
    path = written(
        tmp_path,
        [
            simple("1", "No model"),
            {**simple("2", "Foreign"), "default_model_slug": "gpt-5"},
            {**simple("3", "Known"), "default_model_slug": "Qwen/Qwen3-8B"},
        ],
    )
    choice = Choice(model="org/mine", models=frozenset(["Qwen/Qwen3-8B"]))
    import_file(house.database, house.source, path, choice=choice)
    found = {title: shown(house, title)[0].model for title in titles(house)}
    assert found == {"No model": "org/mine", "Foreign": "org/mine", "Known": "Qwen/Qwen3-8B"}
    assert shown(house, "Foreign")[1][-1].model == "gpt-5"


# Wrong files.


@pytest.mark.parametrize(
    ("name", "stored", "words"),
    [
        ("x.json", [{"id": "s", "conversation_id": "p", "is_anonymous": True}], "shared links"),
        ("shared_conversations.json", [], "shared links"),
        ("user.json", {"id": "u", "email": "a@b", "chatgpt_plus_user": True}, "account"),
        ("users.json", [{"uuid": "u", "full_name": "N", "email_address": "a@b"}], "account"),
        ("user(1).json", {"id": "u"}, "account"),
        ("message_feedback.json", [{"id": "f", "rating": "thumbsUp"}], "ratings"),
        ("projects.json", [{"uuid": "p", "name": "P", "prompt_template": ""}], "no conversations"),
        ("memories.json", [{"x": "y"}], "no conversations"),
        ("package.json", {"name": "x", "version": "1"}, "neither an export"),
    ],
)
def test_a_wrong_part_of_an_export_is_named(
    house: House, tmp_path: Path, name: str, stored: object, words: str
) -> None:
    assert words in refused(house, written(tmp_path, stored, name))


def test_an_export_without_conversations_is_no_fault(house: House, tmp_path: Path) -> None:
    assert taken(house, tmp_path, []).conversations == 0


def test_the_list_of_shared_links_leads_to_the_right_file(house: House) -> None:
    assert "Choose conversations.json" in refused(house, CHATGPT / "shared_conversations.json")


# Before it is imported.


def test_what_is_in_it_is_told_before_anything_is_written(house: House, tmp_path: Path) -> None:
    take_in(house, CHATGPT / "first_export.json")
    before = house.content(), house.files()
    preview = look_into(
        house.source,
        [
            CHATGPT / "renamed_and_longer.json",
            CHATGPT / "pictures.zip",
            CHATGPT / "empty_shell.json",
            DATA / "others/claude.zip",
        ],
    )
    assert preview.clients == ("ChatGPT", "Claude")
    assert {
        each.title: (each.messages, each.pictures, each.here) for each in preview.conversations
    } == {
        "Claude chat": (2, 0, False),
        "Renamed by ChatGPT": (4, 0, True),
        "Pictures": (2, 2, False),
        "Good one": (2, 0, False),
    }
    assert [(each.title, each.reason) for each in preview.skipped] == [("Empty shell", NO_MESSAGES)]
    assert (house.content(), house.files()) == before
    assert house.litter() == []


def test_only_what_was_chosen_comes_in_and_into_the_chosen_folder(
    house: House, tmp_path: Path
) -> None:
    path = written(tmp_path, [simple(f"{each}", f"Talk {each}") for each in range(4)])
    preview = look_into(house.source, path)
    ids = frozenset(each.id for each in preview.conversations if each.title in ("Talk 1", "Talk 3"))
    choice = Choice(ids=ids, folder=("f" * 32, "ChatGPT"))
    found = import_file(house.database, house.source, path, choice=choice)
    assert found.conversations == 2
    assert sorted(titles(house)) == ["Talk 1", "Talk 3"]
    (folder,) = house.database.call_sync(folders.list_folders)
    assert folder.name == "ChatGPT"
    rows = house.database.call_sync(
        lambda connection: connection.execute("SELECT folder_id FROM conversations").fetchall()
    )
    assert rows == [("f" * 32,)] * 2


def test_unreadable_ones_alone_are_a_refusal(house: House, tmp_path: Path) -> None:
    assert "no conversation in it can be read" in refused(
        house, written(tmp_path, [{"title": "x", "mapping": 5}])
    )
    assert UNREADABLE.endswith(".")


def test_a_history_can_be_read_while_an_import_writes(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.storage.transfer import import_commit

    seen: list[int] = []

    def order(*given: object) -> None:
        began = time.monotonic()
        seen.append(len(house.database.call_sync(conversations.list_trash)))
        assert time.monotonic() - began < 5, "it waited for the import"

    monkeypatch.setattr(import_commit, "_order", order)
    take_in(house, CHATGPT / "first_export.json")
    assert seen == [0]
