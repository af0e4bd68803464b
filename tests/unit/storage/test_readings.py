"""A search finds what is read of a message, and nothing that is not seen."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import apsw
import pytest

from studio.core.markdown.visible import visible_text
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart
from studio.storage.db import readings
from studio.storage.db.backups import list_backups
from studio.storage.db.database import Database
from studio.storage.db.ngrams import index_text
from studio.storage.history import conversations, messages, search
from studio.storage.history.layout import Scope
from studio.storage.history.search_hits import find_conversations

STORED = Path(__file__).parents[2] / "data" / "databases"
ANSWER = (
    "# 标**题**\n\n中**文**和~~删~~除，`co`de，[链接](https://hidden.example/path)。\n\n"
    "- 清**单**\n  - 子`项`\n\n1. 第一\n2. 第二\n\n| 甲 | 乙**丙** |\n|---|---|\n"
    "| 一 | 二<br>三 |\n\n"
    "```python\nprint('**kept**')\n```\n\n> [!NOTE]\n> H<sub>2</sub>O 与 $E=mc^2$ \\\\ 完\n\n"
    "![图](data:image/png;base64,iVBORw0KGgo=)\n"
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty one."""
    return Database.open(tmp_path / "studio.db")


def say(database: Database, *said: tuple[Role, str]) -> list[Message]:
    """A conversation of these messages."""
    conversation = Conversation(title="talk")
    database.call_sync(conversations.save_conversation, conversation)
    made = [Message(conversation.id, role, (TextPart(text),)) for role, text in said]
    for each in made:
        database.call_sync(messages.save_message, each)
    return made


def is_found(database: Database, words: str) -> bool:
    """Whether a search for exactly these words finds anything."""
    return bool(database.call_sync(search.search_messages, f'"{words}"').hits)


@pytest.mark.parametrize(
    "words",
    [
        *("中文和", "标题", "删除", "code", "清单", "子项", "乙丙", "三", "H2O", "E=mc^2", "链接"),
        *("print('**kept**')", "Note", "图 (PNG", "1. 第一", "2. 第二"),
    ],
)
def test_what_is_read_is_found(database: Database, words: str) -> None:
    """Also where marks cut the words."""
    say(database, (Role.ASSISTANT, ANSWER))
    assert is_found(database, words)
    database.close()


@pytest.mark.parametrize(
    "words",
    ["中**文", "|", "hidden.example", "~~", "<sub>", "[!NOTE]", "```", "iVBOR", "<br>", "|---"],
)
def test_what_is_not_seen_is_not_found(database: Database, words: str) -> None:
    """Marks, and the addresses behind links."""
    say(database, (Role.ASSISTANT, ANSWER))
    assert not is_found(database, words)
    database.close()


def test_what_the_user_typed_is_found_as_it_was_typed(database: Database) -> None:
    """A question shows its marks."""
    say(database, (Role.USER, "为什么 **这样** 写 | 和 `x`？\n```\ncode | 1\n```\n> 引用"))
    for words in ("**这样**", "写 |", "`x`", "code | 1", "引用"):
        assert is_found(database, words), words
    assert not is_found(database, "```")
    database.close()


def test_an_excerpt_is_plain_text_of_whole_words(database: Database) -> None:
    """With what was looked for marked."""
    text = (
        "internationalisation of **many** different [programs](https://x.example/) needs"
        " `careful` preparation and 中**文** words everywhere, characteristically so " * 3
    )
    say(database, (Role.ASSISTANT, text))
    hit = database.call_sync(search.search_messages, "careful").hits[0]
    assert [hit.excerpt[start:end] for start, end in hit.marks[:1]] == ["careful"]
    words = set(visible_text(text).split())
    assert set(hit.excerpt.split()) <= words
    assert "`" not in hit.excerpt and "*" not in hit.excerpt and "https" not in hit.excerpt
    assert hit.words == "careful" and hit.before == 0
    database.close()


def test_an_excerpt_cuts_no_letter(database: Database) -> None:
    """An emoji of many characters is one."""
    family = "👩\u200d👩\u200d👧"
    say(database, (Role.ASSISTANT, "**x** " + family * 20 + "秋天" + family * 40))
    hit = database.call_sync(search.search_messages, "秋天").hits[0]
    assert not hit.excerpt.startswith("\u200d") and not hit.excerpt.endswith("\u200d")
    assert hit.excerpt.strip(family) == "秋天" or "秋天" in hit.excerpt
    long = "w" * 400
    say(database, (Role.ASSISTANT, f"**b** {long}needle{long}"))
    hit = database.call_sync(search.search_messages, "needle").hits[0]
    assert len(hit.excerpt) <= search.BEFORE + search.AFTER + 6
    database.close()


def test_the_beginning_of_a_conversation_is_plain_text(database: Database) -> None:
    """It stands below a title that was found."""
    conversation = Conversation(title="秋天")
    database.call_sync(conversations.save_conversation, conversation)
    made = Message(conversation.id, Role.ASSISTANT, (TextPart("**粗** [词](https://x.example)"),))
    database.call_sync(messages.save_message, made)
    page = database.call_sync(find_conversations, "秋天", Scope())
    assert [each.excerpt for each in page.found] == ["粗 词"]
    database.close()


def test_an_answer_that_changes_is_found_by_what_it_is_now(database: Database) -> None:
    """And one that is deleted for good leaves nothing behind."""
    (said,) = say(database, (Role.ASSISTANT, "旧**的**话"))
    changed = Message(said.conversation_id, Role.ASSISTANT, (TextPart("新的话"),), id=said.id)
    database.call_sync(messages.save_message, changed)
    assert is_found(database, "新的话") and not is_found(database, "旧的话")
    streaming = Message(
        said.conversation_id,
        Role.ASSISTANT,
        (TextPart("流**动**"),),
        status=MessageStatus.STREAMING,
    )
    database.call_sync(messages.save_message, streaming)
    assert not is_found(database, "流动")
    database.call_sync(readings.end_streaming)
    assert is_found(database, "流动")
    database.call_sync(conversations.delete, [said.conversation_id])
    database.call_sync(conversations.empty_trash, now=9e9)
    assert database.call_sync(lambda c: c.execute("SELECT count(*) FROM readings").get) == 0
    database.close()


def _old(folder: Path, texts: list[str]) -> Path:
    """A database as the first version wrote it, with these answers."""
    path = folder / "studio.db"
    shutil.copy(STORED / "v1.db", path)
    old = apsw.Connection(str(path))
    conversation = old.execute("SELECT max(key) FROM conversations").get
    for number, text in enumerate(texts):
        old.execute(
            "INSERT INTO messages VALUES (NULL, ?, ?, NULL, 'assistant', 'complete', '', '', NULL,"
            " NULL, NULL, NULL, NULL, '', 0)",
            (f"old-{number}", conversation),
        )
        key = old.last_insert_rowid()
        old.execute("INSERT INTO parts VALUES (?, 0, 'text', ?, '')", (key, text))
        index_text(old, "message_index", key, text)
    old.close()
    return path


def test_an_old_history_is_found_by_what_is_read_of_it(tmp_path: Path) -> None:
    """At once, after a backup."""
    path = _old(tmp_path, ["老**文**章 | 完", "无标记"])
    database = Database.open(path, backup_folder=tmp_path / "backups")
    assert is_found(database, "老文章") and is_found(database, "无标记")
    assert not is_found(database, "**")
    assert not database.call_sync(readings.read_on)
    database.close()
    backup = list_backups(tmp_path / "backups")[0]
    kept = sqlite3.connect(backup.path)
    assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    kept.close()


def test_a_long_old_history_is_read_little_by_little(tmp_path: Path) -> None:
    """The newest first; what is not read yet is found by its source."""
    path = _old(tmp_path, [f"第{number}篇**文**章" for number in range(30)])
    database = Database.open(path)
    database.call_sync(readings.mark_all_unread)

    def as_it_was(connection: apsw.Connection) -> None:
        connection.execute("DELETE FROM readings")
        rows = connection.execute("SELECT message, text FROM parts WHERE text LIKE '第%'")
        for key, text in rows.fetchall():
            index_text(connection, "message_index", int(str(key)), str(text))

    database.call_sync(as_it_was)
    assert database.call_sync(readings.read_on, 40)
    assert is_found(database, "第29篇文章") and not is_found(database, "第0篇文章")
    assert is_found(database, "第0篇**文")
    steps = 0
    while database.call_sync(readings.read_on, 40):
        steps += 1
    assert steps > 3
    assert is_found(database, "第0篇文章") and not is_found(database, "**")
    database.close()


@pytest.mark.parametrize("text", ["plain words, a_b and 5 < 6 & more", "一行\n两行\n\n三 - 四", ""])
def test_text_without_marks_is_read_as_it_is(text: str) -> None:
    """Nothing is stored twice."""
    assert visible_text(text) is text


def test_a_text_of_megabytes_is_read_in_bounded_time() -> None:
    """Its marks go, however it is."""
    text = "**粗**体 | `x`\n" * 60_000
    assert visible_text(text).startswith("粗体  x\n粗体")
