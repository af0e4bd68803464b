"""The export of another program comes in with its branches, its thoughts and its odd contents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from studio.core.messages import (
    MessageStatus,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from studio.storage.history import conversations, listing, messages, search
from studio.storage.transfer.imports import import_file
from tests.unit.storage.transfer_parts import House

STORED = Path(__file__).parents[2] / "data" / "exports" / "chatgpt.json"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    yield made
    made.close()


def shown(house: House, title: str) -> Any:
    """A conversation and what it shows."""
    page = house.database.call_sync(listing.list_conversations)
    identity = next(each.id for each in page if each.title.startswith(title))
    return house.database.call_sync(conversations.open_conversation, identity)


def test_conversations_come_with_all_their_branches(house: House) -> None:
    found = import_file(house.database, house.source, STORED)
    assert (found.conversations, found.messages, found.skipped_pictures) == (2, 7, 1)
    conversation, path = shown(house, "秋天的诗")
    assert conversation.system_prompt == "I live in Hangzhou.\n\nAnswer in Chinese."
    assert [each.role.value for each in path] == ["user", "assistant", "user", "assistant"]
    assert path[0].text == "写一首关于秋天的诗"
    assert (path[1].text, path[1].model) == ("秋风起，**落叶**黄。", "gpt-4o")
    versions = house.database.call_sync(messages.load_versions, conversation.id)
    assert [len(each) for each in versions.values()] == [2]
    assert versions[path[0].id][0] == path[1].id  # in the order of the other program


def test_the_steps_of_an_answer_are_one_message(house: House) -> None:
    import_file(house.database, house.source, STORED)
    _, path = shown(house, "秋天的诗")
    assert path[3].parts == (
        ReasoningPart("Look\n\nI look at the picture."),
        ToolCallPart("", "python", "print(1+1)"),
        ToolResultPart("python", "2"),
        TextPart("是一片枫叶。"),
    )
    assert path[3].model == "o3"
    assert path[2].text == "[file-Abc123]\n\n这张图里是什么？"


def test_a_content_of_tomorrow_is_kept_as_text(house: House) -> None:
    import_file(house.database, house.source, STORED)
    _, path = shown(house, "Hello")
    assert json.loads(path[1].text) == {
        "content_type": "a_kind_of_tomorrow",
        "payload": {"words": "kept"},
    }
    assert path[1].status is MessageStatus.INTERRUPTED


def test_it_is_found_and_stands_in_the_order_of_its_days(house: House) -> None:
    house.talk("today", "something of today")
    import_file(house.database, house.source, STORED)
    page = house.database.call_sync(listing.list_conversations)
    assert [each.title[:5] for each in page] == ["today", "Hello", "秋天的诗"]
    hits = house.database.call_sync(search.search_messages, "枫叶").hits
    assert [hit.title for hit in hits] == ["秋天的诗"]


def test_the_zip_with_other_files_around(house: House, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "export.zip", "w") as made:
        for name in ("chat.html", "user.json", "file-Abc123-图.png"):
            made.writestr(name, b"x")
        made.write(STORED, "conversations.json")
    assert import_file(house.database, house.source, tmp_path / "export.zip").conversations == 2


def test_an_export_in_numbered_parts_below_a_folder(house: House, tmp_path: Path) -> None:
    stored = json.loads(STORED.read_bytes())
    with ZipFile(tmp_path / "export.zip", "w") as made:
        for number, each in enumerate(stored):
            made.writestr(f"export/conversations-{number:03d}.json", json.dumps([each]))
    assert import_file(house.database, house.source, tmp_path / "export.zip").conversations == 2


def test_a_later_export_adds_what_was_said_since(house: House, tmp_path: Path) -> None:
    import_file(house.database, house.source, STORED)
    again = import_file(house.database, house.source, STORED)
    assert (again.conversations, again.unchanged, again.messages) == (0, 2, 0)
    stored = json.loads(STORED.read_bytes())
    talk = next(each for each in stored if each["title"])
    more = json.loads(json.dumps(talk["mapping"]["u1"]))
    more.update(id="u3", parent="a2b", children=[])
    more["message"].update(id="u3", content={"content_type": "text", "parts": ["谢谢"]})
    talk["mapping"]["u3"] = more
    talk["mapping"]["a2b"]["children"] = ["u3"]
    talk["current_node"] = "u3"
    (tmp_path / "later.json").write_text(json.dumps(stored), encoding="utf-8")
    found = import_file(house.database, house.source, tmp_path / "later.json")
    assert (found.merged, found.messages, found.copied) == (1, 1, 0)
    _, path = shown(house, "秋天的诗")
    assert [each.text for each in path][-1] == "谢谢"


def test_a_tree_that_runs_in_circles_is_read_once(house: House, tmp_path: Path) -> None:
    stored = json.loads(STORED.read_bytes())
    talk = next(each for each in stored if each["title"])
    talk["mapping"]["root"]["parent"] = "a2b"
    talk["mapping"]["sys"]["parent"] = "a1x"
    (tmp_path / "x.json").write_text(json.dumps(stored), encoding="utf-8")
    found = import_file(house.database, house.source, tmp_path / "x.json")
    assert found.conversations == 2
    assert found.messages >= 6


def test_one_conversation_alone(house: House, tmp_path: Path) -> None:
    stored = json.loads(STORED.read_bytes())
    (tmp_path / "x.json").write_text(json.dumps(stored[1]), encoding="utf-8")
    assert import_file(house.database, house.source, tmp_path / "x.json").conversations == 1


def test_a_large_export_is_read_in_pieces(house: House, tmp_path: Path) -> None:
    stored = json.loads(STORED.read_bytes())
    talk = next(each for each in stored if each["title"])
    many = []
    for number in range(300):
        copy = json.loads(json.dumps(talk))
        copy["conversation_id"] = f"{number}"
        copy["mapping"]["u1"]["message"]["content"]["parts"] = ["诗" * number * 40]
        many.append(copy)
    text = json.dumps(many, ensure_ascii=False, indent=1)
    assert len(text.encode()) > 5 << 20
    (tmp_path / "x.json").write_text(text, encoding="utf-8-sig")
    found = import_file(house.database, house.source, tmp_path / "x.json")
    assert found.conversations == 300
