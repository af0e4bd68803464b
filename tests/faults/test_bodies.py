"""Bodies as servers really send them: other charsets, empty errors, sizes of requests."""

from __future__ import annotations

import json

import pytest

from studio.core.messages import Role
from studio.core.stream import ChatMessage, ChatRequest, ImageContent, TextContent
from studio.providers.charsets import text_of
from studio.providers.refusals import error_in
from tests.contract.asking import Asker, question
from tests.contract.dialects import event
from tests.contract.pixels import png
from tests.contract.wire import WireServer, chunked, whole

SAID = "账户欠费，请充值后再试"


@pytest.mark.parametrize(
    ("charset", "content_type"),
    [
        ("gbk", "application/json; charset=GBK"),
        ("gb18030", "text/plain;charset=gb2312"),
        ("gbk", "application/json"),
        ("utf-8", "application/json; charset=iso-8859-1"),
        ("utf-8", "application/json; charset=nonsense"),
        ("utf-8", "application/json; charset=gbk"),
        ("utf-8-sig", "application/json"),
        ("utf-16", "application/json"),
        ("big5", "application/json; charset=big5"),
        ("euc-jp", "text/plain; charset=\"EUC-JP\""),
    ],
)  # fmt: skip
async def test_a_refusal_in_another_charset_is_read(
    one_a_protocol: Asker, charset: str, content_type: str
) -> None:
    said = "請求過多" if charset in ("big5", "euc-jp") else SAID
    body = json.dumps({"error": {"message": said}}, ensure_ascii=False).encode(charset)
    async with WireServer(whole(body, "400 Bad", content_type=content_type)) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert outcome.error is not None
        assert outcome.error.detail == said


async def test_plain_words_in_gbk_are_read_whatever_the_status(one_a_protocol: Asker) -> None:
    for status in ("400 Bad", "503 Down", "200 OK"):
        play = whole("服务器内部错误".encode("gbk"), status, content_type="text/plain")
        async with WireServer(play) as server:
            outcome = await one_a_protocol.ask(server.address)
            assert outcome.error is not None
            assert outcome.error.detail == "服务器内部错误"


async def test_a_whole_answer_in_gbk_is_an_answer(one_a_protocol: Asker) -> None:
    body = json.dumps(one_a_protocol.dialect.answer("你好，世界"), ensure_ascii=False).encode("gbk")
    play = whole(body, content_type="application/json;charset=gbk")
    async with WireServer(play) as server:
        outcome = await one_a_protocol.ask(server.address, question(stream=False))
        assert (outcome.text, outcome.end) == ("你好，世界", "stop")


def test_no_body_is_without_a_text() -> None:
    for body in (b"", b"\xff", bytes(range(256)), b"\xff\xfe\x00", "é".encode("cp1252")):
        text_of(body, "text/plain; charset=utf-8").encode()
    assert text_of("é".encode("cp1252")) == "é"


EMPTY: list[object] = [
    {"message": "", "code": None}, {}, "", None, [], {"code": 0, "message": "success"},
    {"code": "0", "message": None}, {"message": "", "type": "", "param": None, "code": ""},
    [{}], {"code": 200, "message": "OK"}, False,
]  # fmt: skip


@pytest.mark.parametrize("name", ["error", "errors"])
@pytest.mark.parametrize("empty", EMPTY, ids=str)
async def test_an_empty_error_beside_an_answer_is_none(
    one_a_protocol: Asker, name: str, empty: object
) -> None:
    dialect = one_a_protocol.dialect
    assert not error_in({name: empty})
    async with WireServer(whole({**dialect.answer("ok"), name: empty})) as server:
        outcome = await one_a_protocol.ask(server.address, question(stream=False))
        assert (outcome.text, outcome.end, outcome.kind) == ("ok", "stop", "")
    pieces = [
        event({**json.loads(piece.decode().partition("data: ")[2]), name: empty})
        for piece in dialect.stream("ok")[:-1]
    ]
    async with WireServer(chunked([*pieces, dialect.mark()])) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert (outcome.text, outcome.end, outcome.kind) == ("ok", "stop", "")


@pytest.mark.parametrize(
    "told", [{"message": "no"}, {"code": 1008}, "no", ["no"], [{"msg": "no"}], {"code": "E1"}, True]
)
def test_an_error_that_says_anything_is_one(told: object) -> None:
    assert error_in({"error": told})
    assert error_in({"errors": told})


@pytest.mark.parametrize("body", ["", "<html><h1>413 Request Entity Too Large</h1></html>", "{}"])
async def test_413_is_about_what_was_sent(one_a_protocol: Asker, body: str) -> None:
    picture = ChatMessage(
        Role.USER, (ImageContent("image/png", png(8, 8, (1, 2, 3))), TextContent("?"))
    )
    async with WireServer(whole(body, "413 Too Large")) as server:
        assert (await one_a_protocol.ask(server.address)).kind == "context_full"
        outcome = await one_a_protocol.ask(server.address, ChatRequest("org/model", (picture,)))
        assert outcome.kind == "picture_too_large"


@pytest.mark.parametrize(
    "said",
    [
        "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
        "This model's maximum context length is 32768 tokens. However, you requested 40000 tokens",
        "exceed_context_size_error",
        "request (9000 tokens) exceeds the available context size (8192 tokens)",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
        "Input tokens exceed the configured limit of 272000 tokens.",
        "Please reduce the length of the messages.",
        "输入内容过长，超过模型上下文长度",
    ],
)
async def test_a_full_context_is_told_as_such(one_a_protocol: Asker, said: str) -> None:
    async with WireServer(whole({"error": {"message": said}}, "400 Bad")) as server:
        outcome = await one_a_protocol.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("context_full", 1)
        assert outcome.error is not None
        assert outcome.error.action != "retry"


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        ("429 Too", "insufficient balance (1008)", "no_supply"),
        ("500 Oh", "insufficient_balance_error", "no_supply"),
        ("400 Bad", "The upstream account has insufficient balance", "no_supply"),
        ("402 Pay", "Insufficient balance", "no_credits"),
        ("400 Bad", "max_tokens must be less than 8192", "refused"),
        ("429 Too", "Input tokens per minute limit exceeded", "throttled"),
        ("400 Bad", "prompt must be less than 2000 characters", "refused"),
    ],
)
async def test_whose_purse_it_is_and_what_is_only_alike(
    one_a_protocol: Asker, status: str, said: str, kind: str
) -> None:
    async with WireServer(whole({"error": {"message": said}}, status)) as server:
        assert (await one_a_protocol.ask(server.address)).kind == kind
