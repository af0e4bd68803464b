"""Search finds what a look at every text would find, and nothing else."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.images import GeneratedImage, ImageRequest
from studio.core.messages import Conversation, Message, MessageStatus, ReasoningPart, Role, TextPart
from studio.core.models import Capability
from studio.storage.db.database import Database
from studio.storage.history import conversations, messages, search
from studio.storage.history.layout import Scope
from studio.storage.history.search_hits import FoundPage, find_conversations
from studio.storage.pictures import library_rows

ALPHABET = "秋天的诗歌写一首你好aAbB ＡｂéÉßﬁ%_*\"'-（）\n.🎈カｶﾞガ한\u0301\u3000"


def say(database: Database, *texts: str, kind: Capability = Capability.CHAT) -> list[Message]:
    conversation = Conversation(kind=kind, title=texts[0][:20])
    database.call_sync(conversations.save_conversation, conversation)
    said = [Message(conversation.id, Role.USER, (TextPart(text),)) for text in texts]
    for each in said:
        database.call_sync(messages.save_message, each)
    return said


def found(database: Database, text: str, **options: object) -> list[str]:
    """Ids of all hits, page after page."""
    ids: list[str] = []
    before: int | None = None
    while True:
        page = database.call_sync(
            search.search_messages,
            text,
            before=before,
            limit=7,
            **options,  # type: ignore[arg-type]  # by name
        )
        ids += [hit.message_id for hit in page.hits]
        before = page.more
        if before is None:
            return ids


def plain_fold(text: str) -> str:
    """The folding said in another way than the program does it."""
    return unicodedata.normalize("NFKD", text).casefold()


@pytest.fixture(scope="module")
def shared() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "studio.db")
        yield database
        database.close()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(st.text(ALPHABET, max_size=40), min_size=1, max_size=8),
    wanted=st.text(ALPHABET.replace('"', ""), min_size=1, max_size=4),
)
def test_a_phrase_is_found_exactly_where_it_is(
    shared: Database, texts: list[str], wanted: str
) -> None:
    shared.call_sync(lambda connection: connection.execute("DELETE FROM conversations").get)
    shared.call_sync(
        lambda connection: (
            connection.execute("INSERT INTO message_index(message_index) VALUES ('delete-all')").get
        )
    )
    said = say(shared, *texts)
    by_hand = [each.id for each in said if plain_fold(wanted) in plain_fold(each.text)]
    assert found(shared, f'"{wanted}"') == by_hand[::-1]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("秋天", {0, 1}),
        ("诗", {0, 2}),
        ("秋天 诗", {0}),
        ("秋天 AND 诗", {0}),
        ("秋天 OR 诗", {0, 1, 2}),
        ("秋天 -诗", {1}),
        ("-诗", set()),
        ("写 春天 OR 夏天", {2}),
        ('"100% sure"', {3}),
        ("“100% sure”", {3}),
        ("「100% sure」", {3}),
        ('"100% sure', {3}),
        ("100 sure", {3, 4}),
        ("100%", {3}),
        ("a_b", {5}),
        ("a*", {5}),
        ("NEAR(秋天 诗)", set()),
        ("ｈｅｌｌｏ", {6}),
        ("HELLO WORLD", {6}),
        ("cafe\u0301", {7}),
        ("CAFÉ", {7}),
        ("🎈", {8}),
        ("ガ", {9}),
        ("OR", set()),
        ("", set()),
        ("   ", set()),
        ('""', set()),
        ("-", {3, 10}),
        ("well-known", {3}),
        ("x" * 500, set()),
        ("' OR 1=1", {10}),
    ],
)
def test_the_language_of_queries(database: Database, query: str, wanted: set[int]) -> None:
    said = say(
        database,
        "写一首关于秋天的诗",
        "秋天来了",
        "写一首诗，关于夏天",
        "I am 100% sure of this well-known fact",
        "100 times sure",
        "a_b and a*",
        "Hello World, ＷＩＤＥ",
        "Café",
        "a 🎈 flies",
        "ｶﾞﾗｽ",
        "select ' or 1=1 --",
    )
    numbers = {each.id: index for index, each in enumerate(said)}
    assert {numbers[each] for each in found(database, query)} == wanted


def test_an_answer_is_found_once_it_is_final(database: Database) -> None:
    conversation = Conversation()
    database.call_sync(conversations.save_conversation, conversation)
    answer = Message(
        conversation.id,
        Role.ASSISTANT,
        (ReasoningPart("hidden thought"), TextPart("growing")),
        status=MessageStatus.STREAMING,
    )
    database.call_sync(messages.save_message, answer)
    assert found(database, "growing") == []
    grown = replace(answer, parts=(TextPart("grown up"),), status=MessageStatus.COMPLETE)
    database.call_sync(messages.save_message, grown)
    assert found(database, "grown") == [answer.id]
    assert found(database, "growing") == []
    changed = replace(grown, parts=(TextPart("something else"),))
    database.call_sync(messages.save_message, changed)
    assert found(database, "grown") == []
    assert found(database, "else") == [answer.id]


def test_the_trash_is_not_searched(database: Database) -> None:
    said = say(database, "秋天", kind=Capability.VISION)
    database.call_sync(conversations.delete, [said[0].conversation_id])
    assert found(database, "秋天") == []
    assert database.call_sync(search.search_titles, "秋天") == []
    database.call_sync(conversations.restore, [said[0].conversation_id])
    assert found(database, "秋天") == [said[0].id]
    assert found(database, "秋天", kind=Capability.VISION) == [said[0].id]
    assert found(database, "秋天", kind=Capability.CHAT) == []
    database.call_sync(conversations.delete, [said[0].conversation_id])
    database.call_sync(conversations.empty_trash, now=9e9)
    count = "SELECT count(*) FROM message_index"
    assert database.call_sync(lambda connection: connection.execute(count).get) == 0


def test_a_hit_shows_where_it_is(database: Database) -> None:
    text = "前" * 100 + "\nThe ﬁne Autumn 秋天 and AUTUMN" + "后" * 200
    say(database, text)
    hit = database.call_sync(search.search_messages, "autumn").hits[0]
    assert text[hit.at : hit.at + hit.length] == "Autumn"
    assert [hit.excerpt[start:end] for start, end in hit.marks] == ["Autumn", "AUTUMN"]
    assert "\n" not in hit.excerpt
    assert len(hit.excerpt) <= search.BEFORE + search.AFTER + 6
    ligature = database.call_sync(search.search_messages, "fin").hits[0]
    assert text[ligature.at : ligature.at + ligature.length] == "ﬁn"


def test_a_search_that_looks_at_too_much_says_where_to_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_CANDIDATES", 5)
    monkeypatch.setattr(search, "LOOKED_AT_FIRST", 3)
    texts = ["诗歌 歌曲 曲诗" if n % 3 else "诗歌曲诗" for n in range(40)]
    said = say(database, *texts)
    for wanted in ("诗歌曲", "歌", " ", "曲 诗"):
        by_hand = [each.id for each in said if all(one in each.text for one in wanted.split())]
        quoted = f'"{wanted}"' if wanted == " " else wanted
        if wanted == " ":
            by_hand = [each.id for each in said if " " in each.text]
        assert found(database, quoted) == by_hand[::-1]


def test_titles_and_prompts_are_found(database: Database) -> None:
    said = say(database, "关于猫的一切")
    database.call_sync(conversations.rename, said[0].conversation_id, "Everything about cats")
    titles = database.call_sync(search.search_titles, "ABOUT")
    assert [each.id for each in titles] == [said[0].conversation_id]
    assert database.call_sync(search.search_titles, "关于") == []
    for name, prompt in (("1.png", "雨中的猫"), ("2.png", "雨中的狗")):
        image = GeneratedImage(ImageRequest("m", prompt), name, "ab" * 32, 1, 1, 1)
        database.call_sync(library_rows.add_picture, image)
    pictures = database.call_sync(search.search_pictures, "雨中")
    assert [each.image.path for each in pictures] == ["2.png", "1.png"]
    more = database.call_sync(search.search_pictures, "雨中", after=pictures[0].key)
    assert [each.image.path for each in more] == ["1.png"]
    assert database.call_sync(search.search_pictures, "猫", favourites=True) == []


def test_conversations_are_found_by_title_and_by_what_was_said(database: Database) -> None:
    older = say(database, "something else", "秋天 was said")
    database.call_sync(conversations.rename, older[0].conversation_id, "older")
    long = say(database, *(f"秋天 {n}" for n in range(120)))
    titled = say(database, "nothing of it")
    database.call_sync(conversations.rename, titled[0].conversation_id, "in the title: 秋天")
    page = database.call_sync(find_conversations, "秋天", Scope(Capability.CHAT))
    while page.more is not None:
        known = frozenset(each.summary.id for each in page.found)
        after = database.call_sync(
            find_conversations, "秋天", Scope(), before=page.more, known=known
        )
        page = FoundPage((*page.found, *after.found), after.more)
    assert {each.summary.id for each in page.found} == {
        each[0].conversation_id for each in (titled, long, older)
    }
    assert page.found[0].title_marks


def test_an_index_that_was_lost_is_made_again(database: Database) -> None:
    said = say(database, *(f"秋天 {n}" for n in range(12)))
    database.call_sync(
        lambda connection: (
            connection.execute("INSERT INTO message_index(message_index) VALUES ('delete-all')").get
        )
    )
    assert found(database, "秋天") == []
    after: int | None = 0
    while after is not None:
        after = database.call_sync(search.index_again, after=after, limit=5)
    assert found(database, "秋天") == [each.id for each in reversed(said)]
