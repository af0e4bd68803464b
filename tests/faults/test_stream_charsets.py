"""Streams in other charsets than UTF-8: what is read is what was written, however it is cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.providers.stream_guard import EventSplitter
from tests.contract.asking import Asker
from tests.contract.dialects import AnthropicDialect, Dialect, OpenAIDialect
from tests.contract.wire import CLOSE, HANG, RESET, Ending, Pause, WireServer, chunked

SAID = ("好", "的，", "不", "是", "“中文”", " ok ", "通", "·", "联通", "。")
GBK = "text/event-stream; charset=gbk"
PLAIN = "text/event-stream"


def stream_in(charset: str, words: tuple[str, ...], dialect: Dialect) -> bytes:
    """A whole stream as a server writes it that speaks this charset."""
    return b"".join(dialect.stream(*words)).decode().encode(charset)


def words_of(pieces: list[bytes], content_type: str) -> str:
    """The data of all events, as one text."""
    splitter = EventSplitter(content_type)
    events = [each for piece in pieces for each in splitter.feed(piece)]
    return "\n".join(each.data for each in [*events, *splitter.finish()])


KINDS = [
    ("gbk", GBK), ("gb18030", "text/event-stream;charset=GB2312"), ("gbk", PLAIN),
    ("gbk", "text/event-stream; charset=utf-8"), ("gbk", "text/event-stream; charset=iso-8859-1"),
    ("utf-8", PLAIN), ("utf-8-sig", PLAIN), ("utf-8", GBK), ("utf-8-sig", GBK),
    ("utf-8", "text/event-stream; charset=latin1"), ("utf-8", "text/event-stream; charset=base64"),
    ("utf-16", PLAIN), ("utf-16-le", PLAIN), ("utf-16-be", PLAIN), ("utf-32", PLAIN),
    ("utf-16", "text/event-stream; charset=utf-16"),
]  # fmt: skip
LETTERS = [
    ("big5", "text/event-stream; charset=Big5", ("請求", "太多，", "功")),
    ("shift_jis", 'text/event-stream; charset="Shift_JIS"', ("表示", "ソ", "する")),
    ("euc-jp", "text/event-stream; charset=EUC-JP", ("表", "示")),
    ("euc-kr", "text/event-stream; charset=euc-kr", ("안녕", "하세요")),
    ("iso2022-jp", "text/event-stream; charset=ISO-2022-JP", ("表示", "する")),
    ("cp1251", "text/event-stream; charset=windows-1251", ("Привет", ", мир")),
    ("cp1252", "text/event-stream; charset=iso-8859-1", ("caf", "é", " “à”")),
    ("utf-8", PLAIN, ("é", "à", "ç", "ñ", "ü", "Привет", "мир", "·", "×", "ß", "é")),
    ("cp1252", "text/event-stream; charset=us-ascii", ("français", " Straße")),
    ("utf-8", PLAIN, ("🐉", "你")),
]


@pytest.mark.parametrize(("charset", "content_type"), KINDS)
async def test_an_answer_is_read_in_whatever_charset_it_comes(
    one_a_protocol: Asker, charset: str, content_type: str
) -> None:
    body = stream_in(charset, SAID, one_a_protocol.dialect)
    for size in (len(body), 1 if charset in ("gbk", "utf-16") else 7):
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        async with WireServer(chunked(pieces, content_type=content_type)) as server:
            outcome = await one_a_protocol.ask(server.address)
            assert (outcome.text, outcome.end, outcome.kind) == ("".join(SAID), "stop", "")


@pytest.mark.parametrize(("charset", "content_type", "words"), LETTERS)
async def test_the_letters_of_other_countries_are_read_as_they_are_declared(
    one_a_protocol: Asker, charset: str, content_type: str, words: tuple[str, ...]
) -> None:
    body = stream_in(charset, words, one_a_protocol.dialect)
    async with WireServer(chunked([body], content_type=content_type)) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert (outcome.text, outcome.end) == ("".join(words), "stop")


@pytest.mark.parametrize(
    ("charset", "content_type", "words"), [*((c, t, SAID) for c, t in KINDS), *LETTERS]
)
@pytest.mark.parametrize("dialect", [OpenAIDialect(), AnthropicDialect()], ids=["openai", "other"])
def test_no_cut_changes_a_letter(
    charset: str, content_type: str, words: tuple[str, ...], dialect: Dialect
) -> None:
    body = stream_in(charset, words, dialect)
    right = words_of([b"".join(dialect.stream(*words))], "")
    assert words_of([body[at : at + 1] for at in range(len(body))], content_type) == right
    for cut in range(len(body)):
        assert words_of([body[:cut], body[cut:]], content_type) == right


@pytest.mark.parametrize("word", ["好", "不", "的", "通", "联通", "天地"])
def test_a_short_answer_in_gbk_is_read_where_its_first_word_could_be_anything(word: str) -> None:
    body = stream_in("gbk", (word, "是", "的"), OpenAIDialect())
    right = words_of([b"".join(OpenAIDialect().stream(word, "是", "的"))], "")
    assert words_of([body], PLAIN) == right


def test_letters_of_utf8_cut_between_events_are_no_other_charset() -> None:
    said = b'{"content":"'
    for letter, cut in (("你", 1), ("你", 2), ("🐉", 2), ("🐉", 3), ("é", 1)):
        data = letter.encode()
        lines = [b"data: " + said + part + b'"}\n\n' for part in (data[:cut], data[cut:])]
        for more in ([], [b"data: \xe4\xbd\xa0\n\n"]):
            text = words_of([*lines, *more], PLAIN)
            assert "\ufffd" in text
            assert not set(text) - set(f'{{"content":"\ufffd你}}\n{letter}')


def test_an_event_waits_for_its_charset_no_longer_than_some_others() -> None:
    splitter = EventSplitter(PLAIN)
    events = [each for _ in range(8) for each in splitter.feed("data: é\n\n".encode())]
    assert events == []
    assert [each.data for each in splitter.feed("data: é\n\n".encode())] == ["é"] * 9
    splitter = EventSplitter(PLAIN)
    assert splitter.feed("data: é\n\n".encode()) == []
    assert [each.data for each in splitter.feed(b"data: [DONE]\n\n")] == ["é", "[DONE]"]


@pytest.mark.parametrize("ending", [CLOSE, RESET, HANG], ids=["fin", "rst", "open"])
async def test_a_letter_that_could_be_anything_is_shown_however_the_stream_ends(
    one_a_protocol: Asker, ending: Ending
) -> None:
    one_a_protocol.network = replace(one_a_protocol.network, idle_seconds=0.3)
    dialect = one_a_protocol.dialect
    pieces: list[bytes | Pause] = [*dialect.begin(), dialect.text("é"), Pause(0.05)]
    async with WireServer(chunked(pieces, finished=False, ending=ending)) as server:
        assert (await one_a_protocol.ask(server.address)).text == "é"
    async with WireServer(chunked(dialect.stream("é"), finished=False, ending=HANG)) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert (outcome.text, outcome.end) == ("é", "stop")


def test_letters_of_the_west_that_nobody_declared_are_marked_and_never_taken_for_chinese() -> None:
    data = '{"content":"français, Straße"}'.encode("cp1252")
    assert (
        words_of([b"data: " + data + b"\n\n"], PLAIN) == '{"content":"fran\ufffdais, Stra\ufffde"}'
    )
