"""Conversations of other programs come in with their branches, thoughts, files and pictures."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from studio.core.messages import ImagePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from studio.core.transfer.clients.markdown import ANSWER, YOU
from studio.core.transfer.clients.table import CLIENTS
from studio.core.transfer.common import NOT_OURS, ConversationFormat
from studio.core.transfer.page import ANSWER as ANSWER_WORD
from studio.core.transfer.page import YOU as YOU_WORD
from studio.storage.transfer.export import export_conversations
from studio.storage.transfer.imports import look_into
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
)
from tests.unit.storage.transfer_parts import House, small_picture

CHATGPT, OTHERS = DATA / "chatgpt", DATA / "others"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    yield made
    made.close()


def data_url(colour: int = 1) -> str:
    """A picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(small_picture(colour)).decode()


# ChatGPT.


def test_citations_become_links_or_go(house: House) -> None:
    take_in(house, CHATGPT / "citations.json")
    expected = "The review notes N. Erb-Satullo says so. ([Review](https://example.org/iron))"
    assert texts(house, "Citations") == ["iron?", expected]


@pytest.mark.parametrize(
    ("said", "metadata", "expected"),
    [
        ("So. \ue200cite\ue202turn0search1\ue201 Yes", {}, "So. Yes"),
        ("A \ue200url\ue202Site\ue202https://a.b/c\ue201.", {}, "A [Site](https://a.b/c)."),
        ("A \ue200url\ue202Site\ue202javascript:x\ue201.", {}, "A Site."),
        ("Half \ue200cite\ue202turn0", {}, "Half citeturn0"),
        ("Old【12†source】 way", {}, "Old way"),
        (
            "Old【12†source】 way",
            {
                "citations": [
                    {"start_ix": 3, "end_ix": 14, "metadata": {"title": "T", "url": "https://a.b"}}
                ]
            },
            "Old ([T](https://a.b)) way",
        ),
        ("Keep 【this】 and \ue300", {}, "Keep 【this】 and \ue300"),
        (
            'By \ue200entity\ue202["people","N. N."]\ue201.',
            {
                "content_references": [
                    {
                        "matched_text": '\ue200entity\ue202["people","N. N."]\ue201',
                        "items": [],
                        "alt": "",
                    }
                ]
            },
            "By N. N..",
        ),
        ("See \ue203this\ue204 part", {}, "See this part"),
        (
            "Two \ue200cite\ue202a\ue202b\ue201",
            {
                "content_references": [
                    {
                        "matched_text": "\ue200cite\ue202a\ue202b\ue201",
                        "items": [
                            {"title": "A [x]", "url": "https://a.b"},
                            {"url": "https://c.d/e"},
                            None,
                        ],
                    }
                ]
            },
            "Two ([A x](https://a.b), [c.d](https://c.d/e))",
        ),
    ],
)
def test_every_mark_of_a_citation(
    house: House, tmp_path: Path, said: str, metadata: object, expected: str
) -> None:
    asked = node("1", None, "user", "q", "2")
    taken(house, tmp_path, [talk(asked, node("2", "1", "assistant", said, metadata=metadata))])
    assert texts(house, "T")[1] == expected


def test_of_a_spoken_conversation_come_the_words(house: House) -> None:
    found = take_in(house, CHATGPT / "voice.json")
    assert texts(house, "Voice") == ["What is the weather like?", "Sunny!"]
    assert (found.messages, found.skipped_pictures) == (2, 0)


def test_pictures_in_the_zip_come_along_whatever_they_are_called(house: House) -> None:
    found = take_in(house, CHATGPT / "pictures.zip")
    assert (found.missing_pictures, found.skipped_pictures) == (0, 0)
    _, (asked, answered) = shown(house, "Pictures")
    (picture,) = asked.images
    assert (picture.name, picture.media_type) == ("holiday.png", "image/png")
    assert picture.width == picture.height > 0
    assert [type(each) for each in answered.parts] == [TextPart, ImagePart, TextPart]
    assert answered.text == "A red square.\n\nHere is another."
    for each in (*asked.images, *answered.images):
        assert house.attachments.read(each.sha256, each.media_type)


def test_a_webp_picture_is_made_one_that_can_be_sent(house: House, tmp_path: Path) -> None:
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_00ab"}
    asked = node("1", None, "user", {"content_type": "multimodal_text", "parts": [pointer, "?"]})
    with ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("conversations.json", json.dumps([talk(asked)]))
        made.writestr("user-1/file_00ab-part0.webp", small_picture(3, "WEBP"))
    take_in(house, tmp_path / "x.zip")
    (picture,) = shown(house, "T")[1][0].images
    assert picture.media_type in ("image/png", "image/jpeg")
    assert house.attachments.read(picture.sha256, picture.media_type)


def test_a_damaged_picture_costs_only_itself(house: House, tmp_path: Path) -> None:
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-X1"}
    asked = node("1", None, "user", {"content_type": "multimodal_text", "parts": [pointer, "?"]})
    with ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("conversations.json", json.dumps([talk(asked)]))
        made.writestr("file-X1-a.png", b"\x89PNG\r\n\x1a\nnothing")
    found = take_in(house, tmp_path / "x.zip")
    assert (found.conversations, found.skipped_pictures) == (1, 1)
    assert texts(house, "T") == ["[file-X1]\n\n?"]


def test_what_was_hidden_stays_out(house: House) -> None:
    take_in(house, CHATGPT / "hidden.json")
    conversation, _ = shown(house, "Hidden")
    assert texts(house, "Hidden") == ["Soup?", "Tomato."]
    assert "Be brief" in conversation.system_prompt
    assert "INTERNAL" not in conversation.system_prompt


def test_nothing_empty_shows_as_json(house: House) -> None:
    take_in(house, CHATGPT / "null_contents.json")
    assert texts(house, "Nulls") == ["x\n\nend"]


def test_branches_come_all_and_the_shown_one_is_shown(house: House) -> None:
    take_in(house, CHATGPT / "branches.json")
    assert texts(house, "Branches") == ["first wording", "answer to first"]
    assert len(everything(house)["Branches"]) == 5


def test_tools_are_kept_and_readable(house: House) -> None:
    take_in(house, CHATGPT / "tools.json")
    _, (_, answer) = shown(house, "Thinking")
    assert [type(each) for each in answer.parts] == [
        *(ReasoningPart, ToolCallPart, ToolResultPart, ToolResultPart, ToolResultPart),
        *(ToolResultPart, TextPart),
    ]
    assert answer.text == "4"


def test_a_canvas_is_its_document_and_memory_is_nobodys_business(
    house: House, tmp_path: Path
) -> None:
    document = {"name": "Poem", "type": "document", "content": "Autumn\n\nleaves"}
    code = {"name": "x.py", "type": "code/python", "content": "print(1)"}
    nodes = [
        node("1", None, "user", "write", "2"),
        node("2", "1", "assistant", json.dumps(document), "3", recipient="canmore.create_textdoc"),
        node(
            "3",
            "2",
            "tool",
            "Successfully created.",
            "4",
            author={"role": "tool", "name": "canmore.create_textdoc"},
        ),
        node("4", "3", "assistant", "remembered", "5", recipient="bio"),
        node("5", "4", "assistant", json.dumps(code), "6", recipient="canmore.create_textdoc"),
        node("6", "5", "assistant", "Done."),
    ]
    nodes[2]["message"]["author"] = {"role": "tool", "name": "canmore.create_textdoc"}
    taken(house, tmp_path, [talk(*nodes)])
    expected = "**Poem**\n\nAutumn\n\nleaves\n\n**x.py**\n\n```python\nprint(1)\n```\n\nDone."
    assert texts(house, "T") == ["write", expected]


def test_attached_files_are_named(house: House, tmp_path: Path) -> None:
    attached = {"attachments": [{"id": "file-a", "name": "report.pdf"}, {"name": "b.txt"}, None]}
    taken(house, tmp_path, [talk(node("1", None, "user", "read", metadata=attached))])
    assert texts(house, "T") == ["[report.pdf]\n\n[b.txt]\n\nread"]


def test_a_number_without_end_in_an_unknown_content_is_kept_as_words(
    house: House, tmp_path: Path
) -> None:
    content = {"content_type": "of_tomorrow", "value": "HERE"}
    text = json.dumps([talk(node("1", None, "user", content))]).replace('"HERE"', "1e999")
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    take_in(house, tmp_path / "x.json")
    assert "of_tomorrow" in texts(house, "T")[0]


def test_a_conversation_is_named_by_words_and_not_by_its_files(
    house: House, tmp_path: Path
) -> None:
    attached = {"attachments": [{"id": "a", "name": "report.pdf"}]}
    asked = node("1", None, "user", "Sum it up", metadata=attached)
    taken(house, tmp_path, [talk(asked, title="")])
    assert titles(house) == ["Sum it up"]


# Claude.


@pytest.mark.parametrize("name", ["claude.json", "claude.zip"])
def test_claude(house: House, name: str) -> None:
    assert take_in(house, OTHERS / name).skipped == ()
    conversation, path = shown(house, "Claude chat")
    assert [each.text for each in path] == ["[a.txt]\n\n```\nabc\n```\n\nHello Claude", "Hi"]
    assert path[0].created_at == 1746093600.0
    assert conversation.updated_at == path[1].created_at


def test_claude_with_thoughts_tools_artifacts_and_branches(house: House, tmp_path: Path) -> None:
    root = "00000000-0000-4000-8000-000000000000"

    def said(name: str, parent: str, sender: str, *content: object, **more: object) -> object:
        return {
            "uuid": name,
            "parent_message_uuid": parent,
            "sender": sender,
            "text": "",
            "content": list(content),
            "created_at": "2025-05-01T10:00:00Z",
            **more,
        }

    artifact = {
        "command": "create",
        "title": "A",
        "type": "text/html",
        "language": "html",
        "content": "<b>x</b>",
    }
    answer = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "tool_use", "id": "t", "name": "web_search", "input": {"query": "x"}},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "found"}]},
        {"type": "tool_use", "name": "artifacts", "input": artifact},
        {"type": "text", "text": "There."},
        {"type": "token_budget", "remaining": 1},
        None,
    ]
    stored = {
        "uuid": "c",
        "name": "Busy",
        "chat_messages": [
            said(
                "1",
                root,
                "human",
                {"type": "text", "text": "first"},
                files=[{"file_uuid": "f", "file_name": "cat.png"}],
            ),
            said("2", "1", "assistant", *answer),
            said("3", root, "human", {"type": "text", "text": "edited"}),
            said("4", "3", "assistant", {"type": "text", "text": "again"}),
        ],
        "current_leaf_message_uuid": "2",
    }
    with ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("conversations.json", json.dumps([stored]))
        made.writestr("files/f/cat.png", small_picture(1))
    take_in(house, tmp_path / "x.zip")
    _, (asked, answered) = shown(house, "Busy")
    assert asked.images[0].name == "cat.png"
    assert asked.text == "first"
    assert answered.parts == (
        ReasoningPart("hm"),
        ToolCallPart("t", "web_search", '{"query":"x"}'),
        ToolResultPart("t", "found"),
        TextPart("**A**\n\n```html\n<b>x</b>\n```\n\nThere."),
    )
    assert len(everything(house)["Busy"]) == 4


# DeepSeek.


def test_deepseek(house: House) -> None:
    take_in(house, OTHERS / "deepseek.json")
    _, (asked, answered) = shown(house, "DeepSeek chat")
    assert (asked.text, asked.model, asked.created_at) == ("你好", "", 1746064800.0)
    assert answered.parts == (ReasoningPart("hm"), TextPart("你好！"))
    assert answered.model == "deepseek-reasoner"


def test_deepseek_that_searched_and_its_first_form(house: House, tmp_path: Path) -> None:
    results = [{"url": "https://a.b/c", "title": "Found", "cite_index": 3}]
    fragments = [
        {"type": "SEARCH", "results": results},
        {"type": "RESPONSE", "content": "So it is[citation:3]. And[citation:9]."},
    ]
    old = {"content": "old answer", "reasoning_content": "hm", "model": "deepseek-chat"}
    mapping = {
        "root": {"id": "root", "parent": None, "children": ["1"], "message": None},
        "1": {"parent": "root", "message": {"fragments": [{"type": "REQUEST", "content": "q"}]}},
        "2": {"parent": "1", "message": {"fragments": fragments}},
        "3": {"parent": "2", "message": {"content": "old question"}},
        "4": {"parent": "3", "message": old},
    }
    stored = {
        "id": "d",
        "title": "D",
        "inserted_at": "2025-05-01T10:00:00+08:00",
        "mapping": mapping,
    }
    taken(house, tmp_path, [stored])
    _, path = shown(house, "D")
    assert [each.role.value for each in path] == ["user", "assistant", "user", "assistant"]
    assert path[1].parts == (
        ToolResultPart("search", "Found https://a.b/c"),
        TextPart("So it is ([3](https://a.b/c)). And."),
    )
    assert path[3].parts == (ReasoningPart("hm"), TextPart("old answer"))


# Programs that write one object for everything.


def cherry(*topics: object, **tables: object) -> dict[str, Any]:
    """A backup of Cherry Studio."""
    assistant = {
        "id": "a",
        "name": "Poet",
        "prompt": "Rhyme.",
        "model": {"id": "Qwen/Qwen3-8B"},
        "topics": [{"id": "t", "name": "诗", "createdAt": "2025-05-01T10:00:00.000Z"}],
    }
    store = {"assistants": json.dumps({"assistants": [assistant]}), "_persist": "{}"}
    return {
        "time": 1,
        "version": 5,
        "localStorage": {"persist:cherry-studio": json.dumps(store)},
        "indexedDB": {"topics": list(topics), **tables},
    }


def test_a_backup_of_cherry_studio(house: House, tmp_path: Path) -> None:
    def said(name: str, role: str, *blocks: str, **more: object) -> object:
        return {
            "id": name,
            "role": role,
            "blocks": list(blocks),
            "topicId": "t",
            "createdAt": "2025-05-01T10:00:01.000Z",
            **more,
        }

    blocks = [
        {"id": "b1", "type": "main_text", "content": "写诗"},
        {
            "id": "b2",
            "type": "image",
            "file": {"id": "pic", "ext": ".png", "origin_name": "a.png", "type": "image"},
        },
        {"id": "b3", "type": "thinking", "content": "想", "thinking_millsec": 1500},
        {"id": "b4", "type": "main_text", "content": "秋风"},
        {"id": "b5", "type": "main_text", "content": "春风"},
        {
            "id": "b6",
            "type": "tool",
            "toolId": "x",
            "toolName": "search",
            "arguments": {"q": 1},
            "content": "found",
        },
        {"id": "b7", "type": "main_text", "content": "谢谢"},
    ]
    messages = [
        said("1", "user", "b2", "b1"),
        said("2", "assistant", "b3", "b4", askId="1", model={"id": "m1"}),
        said("3", "assistant", "b5", "b6", askId="1", modelId="m2", foldSelected=True),
        said("4", "user", "b7", "nowhere"),
        None,
    ]
    stored = cherry({"id": "t", "messages": messages}, message_blocks=blocks)
    with ZipFile(tmp_path / "x.bak", "w") as made:
        made.writestr("data.json", json.dumps(stored))
        made.writestr("Data/Files/pic.png", small_picture(2))
    found = take_in(house, tmp_path / "x.bak")
    assert (found.conversations, found.messages, found.skipped_pictures) == (1, 4, 0)
    conversation, path = shown(house, "诗")
    assert conversation.system_prompt == "Rhyme."
    assert path[0].images[0].name == "a.png"
    assert [each.text for each in path] == ["写诗", "春风", "谢谢"]
    assert path[1].model == "m2"
    other = next(m for m in everything(house)["诗"] if m.text == "秋风")
    assert (other.parent_id, other.reasoning) == (path[0].id, "想")
    assert other.parts[0] == ReasoningPart("想", 1.5)


def test_cherry_studio_before_there_were_blocks(house: House, tmp_path: Path) -> None:
    messages = [
        {"id": "1", "role": "user", "content": "hi", "createdAt": "2024-05-01T10:00:00Z"},
        {"id": "2", "role": "assistant", "content": "ho", "reasoning_content": "hm"},
    ]
    taken(house, tmp_path, cherry({"id": "t", "name": "Old", "messages": messages}))
    _, path = shown(house, "Old")
    assert [each.text for each in path] == ["hi", "ho"]
    assert path[1].reasoning == "hm"


def test_an_empty_backup_of_cherry_studio_is_named(house: House) -> None:
    assert "Cherry Studio" in refused(house, OTHERS / "cherry_empty.zip")


def test_chatbox(house: House, tmp_path: Path) -> None:
    take_in(house, OTHERS / "chatbox.json")
    assert texts(house, "Chatbox session") == ["hi"]
    parts = [
        {"type": "reasoning", "text": "hm"},
        {"type": "text", "text": "ho"},
        {"type": "image", "storageKey": "picture:1"},
        {
            "type": "tool-call",
            "toolCallId": "c",
            "toolName": "web",
            "args": {"q": 1},
            "result": {"a": 2},
        },
    ]
    messages = [
        {"id": "s", "role": "system", "content": "Be brief."},
        {"id": "1", "role": "user", "content": "hi", "timestamp": 1700000000000},
        {"id": "2", "role": "assistant", "contentParts": parts, "model": "gpt-4o"},
    ]
    thread = {"id": "th", "name": "Earlier", "messages": [{"role": "user", "content": "before"}]}
    session = {"id": "s2", "name": "Full", "messages": messages, "threads": [thread, None]}
    taken(house, tmp_path, {"session:s2": session, "picture:1": data_url(), "settings": None})
    conversation, (asked, answered) = shown(house, "Full")
    assert (conversation.system_prompt, asked.created_at) == ("Be brief.", 1.7e9)
    assert [type(each) for each in answered.parts] == [
        *(ReasoningPart, TextPart, ImagePart, ToolCallPart, ToolResultPart)
    ]
    assert texts(house, "Earlier") == ["before"]


def test_nextchat(house: House, tmp_path: Path) -> None:
    take_in(house, OTHERS / "nextchat.json")
    assert texts(house, "T") == ["hi"]
    assert shown(house, "T")[1][0].created_at > 1.7e9
    content = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": data_url()}},
    ]
    session = {
        "id": "n",
        "topic": "Next",
        "lastUpdate": 1700000000000,
        "messages": [
            {"id": "1", "role": "user", "content": content, "date": "1/31/2024, 1:05:00 PM"},
            {"id": "2", "role": "assistant", "content": "seen", "model": "gpt-4o", "date": ""},
        ],
        "mask": {
            "context": [{"role": "system", "content": "Be kind."}],
            "modelConfig": {"model": "gpt-4"},
        },
    }
    taken(house, tmp_path, {"chat-next-web-store": {"sessions": [session, None, 3]}})
    conversation, (asked, answered) = shown(house, "Next")
    assert conversation.system_prompt == "Be kind."
    assert (asked.text, len(asked.images), answered.model) == ("look", 1, "gpt-4o")


def test_open_webui(house: House, tmp_path: Path) -> None:
    thought = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought</summary>\n'
        "&gt; a &lt; b\n&gt; so\n</details>\nDone"
    )
    files = [{"type": "image", "url": data_url()}, {"type": "file", "name": "a.pdf"}]
    messages = {
        "1": {
            "id": "1",
            "parentId": None,
            "role": "user",
            "content": "q",
            "timestamp": 1700000000,
            "files": files,
        },
        "2": {"id": "2", "parentId": "1", "role": "assistant", "content": thought, "model": "m"},
        "3": {"id": "3", "parentId": "1", "role": "assistant", "content": "other"},
        "4": None,
    }
    chat = {"title": "Web", "models": ["m"], "history": {"messages": messages, "currentId": "2"}}
    stored = [{"id": "c", "user_id": "u", "title": "Web", "chat": chat, "created_at": 1700000000}]
    taken(house, tmp_path, stored)
    _, (asked, answered) = shown(house, "Web")
    assert asked.text == "[a.pdf]\n\nq"
    assert len(asked.images) == 1
    assert answered.parts == (ReasoningPart("a < b\nso"), TextPart("Done"))
    assert len(everything(house)["Web"]) == 3


@pytest.mark.parametrize("form", ["early", "late"])
def test_lobechat(house: House, tmp_path: Path, form: str) -> None:
    early = form == "early"

    def named(name: str) -> str:
        return name if early else "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

    messages = [
        {
            "id": "2",
            "role": "assistant",
            "content": "ho",
            named("topicId"): "t",
            named("sessionId"): "s",
            named("createdAt"): 1700000001000,
            "model": "gpt-4o",
            "reasoning": {"content": "hm"},
        },
        {
            "id": "1",
            "role": "user",
            "content": "hi",
            named("topicId"): "t",
            named("sessionId"): "s",
            named("createdAt"): 1700000000000,
        },
        {"id": "3", "role": "user", "content": "alone", named("sessionId"): "s"},
    ]
    state = {
        "messages": messages,
        "topics": [{"id": "t", "title": "Topic", named("sessionId"): "s"}],
        "sessions": [{"id": "s", "meta": {"title": "Session"}, "config": {"systemRole": "Role"}}],
    }
    whole = {"exportType": "all", "state": state, "version": 7}
    taken(house, tmp_path, whole if early else {"data": state, "mode": "pglite", "schemaHash": "x"})
    assert sorted(titles(house)) == ["Session", "Topic"]
    conversation, (asked, answered) = shown(house, "Topic")
    assert conversation.system_prompt == "Role"
    assert (asked.text, answered.text, answered.reasoning) == ("hi", "ho", "hm")


def test_messages_in_the_form_of_openai(house: House, tmp_path: Path) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "q"}]},
        {"role": "assistant", "content": "<think>hm</think>\na"},
    ]
    taken(house, tmp_path, [{"title": "Plain", "messages": messages}, {"messages": "none"}])
    conversation, path = shown(house, "Plain")
    assert conversation.system_prompt == "Be brief."
    assert path[1].parts == (ReasoningPart("hm"), TextPart("a"))


@pytest.mark.parametrize(
    ("name", "client"), [("grok.json", "Grok"), ("sillytavern.jsonl", "SillyTavern")]
)
def test_what_is_not_read_is_told_apart_by_name_with_what_to_do(
    house: House, name: str, client: str
) -> None:
    sentence = refused(house, OTHERS / name)
    assert client in sentence
    assert "Convert it" in sentence


def test_a_raw_backup_of_cherry_studio_says_which_one_to_make(house: House, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("IndexedDB/file__0.indexeddb.leveldb/000003.log", b"x")
        made.writestr("metadata.json.txt", b"{}")
    assert "data.json" in refused(house, tmp_path / "x.zip")


# Our own Markdown.


def test_markdown_of_ours_comes_back(house: House, tmp_path: Path) -> None:
    said = "First.\n\n---\n\n## Not a speaker\n\nLast."
    house.talk("诗 *and* more", "写一首 `x`", said, picture=small_picture(4))
    (before,) = everything(house).values()
    target = tmp_path / "out" / "talk.md"
    target.parent.mkdir()
    ids = [before[0].conversation_id]
    export_conversations(house.source, ids, target, ConversationFormat.MARKDOWN)
    other = House(tmp_path / "other")
    try:
        found = take_in(other, target.parent)
        assert (found.conversations, found.messages, found.skipped_pictures) == (1, 2, 0)
        conversation, (asked, answered) = shown(other, "诗 *and* more")
        assert (asked.text, len(asked.images), answered.text) == ("写一首 `x`", 1, said)
        assert answered.model == conversation.model == "Qwen/Qwen3-32B"
        assert take_in(other, target.parent).unchanged == 1
    finally:
        other.close()


def test_the_words_for_speakers_are_those_of_the_catalogue() -> None:
    catalogue = (Path(__file__).parents[3] / "resources/i18n/studio_zh_CN.ts").read_text("utf-8")
    for word, known in ((YOU_WORD, YOU), (ANSWER_WORD, ANSWER)):
        assert word in known
        place = catalogue.index("<name>transfer</name>")
        found = catalogue.index(f"<source>{word}</source>", place)
        translation = catalogue[found:].partition("<translation>")[2].partition("<")[0]
        assert translation in known


def test_the_readme_and_the_refusal_name_every_program_that_is_read() -> None:
    readme = " ".join((Path(__file__).parents[3] / "README.md").read_text("utf-8").split())
    names = [each.name for each in CLIENTS if each.name != "JSON"]
    assert len(names) == 8
    for name in names:
        assert name in readme
        assert name in NOT_OURS


def test_other_markdown_says_what_to_export_instead(house: House, tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("# Notes\n\nof mine\n", encoding="utf-8")
    assert "as JSON or zip" in refused(house, tmp_path / "x.md")


# Whatever is in them.


SAMPLES = sorted(each.name for each in OTHERS.glob("*.json"))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("value", [None, 1e300, "1", [None], {"": None}], ids=repr)
def test_any_value_in_any_place_is_read_left_out_or_refused(
    house: House, tmp_path: Path, name: str, value: object
) -> None:
    from studio.core.errors import ErrorKind, StudioError
    from tests.unit.storage.test_hostile_files import walk

    stored = json.loads((OTHERS / name).read_bytes())
    for holder, key in list(walk(stored)):
        before, holder[key] = holder[key], value
        (tmp_path / "x.json").write_text(json.dumps(stored), encoding="utf-8")
        holder[key] = before
        try:
            preview = look_into(house.source, tmp_path / "x.json")
            assert all(each.messages for each in preview.conversations)
        except StudioError as error:
            assert error.kind is ErrorKind.NOT_IMPORTED
