"""Faults inside a streamed answer: cuts, stalls, foreign frames and broken bytes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from studio.demo.playback import Cut, Frame, FrameKind, Pause, Step
from studio.demo.scenarios.kinds import CHATS, Scenario, Stream, described

if TYPE_CHECKING:
    from studio.demo.dialects import Dialect

    Alter = Callable[[Iterator[Frame], Dialect, str], Iterator[Step]]

TABLE: dict[str, Scenario] = {}
_ENDS = (FrameKind.FINISH, FrameKind.USAGE, FrameKind.DONE)


def scenario(name: str, *, bare: bool = False) -> Callable[[Alter], Alter]:
    """Enter a function in the table under `name`."""

    def enter(function: Alter) -> Alter:
        TABLE[name] = Scenario(name, described(function), CHATS, Stream(function, bare))
        return function

    return enter


def _parted(
    frames: Iterator[Frame], tokens: str, default: int = 5
) -> tuple[list[Frame], Iterator[Frame]]:
    """The frames up to and with the Nth token, and the rest; together they are all."""
    left = int(tokens) if tokens else default
    head: list[Frame] = []
    for frame in frames:
        if frame.kind in _ENDS or (frame.is_token and left == 0):
            return head, itertools.chain([frame], frames)
        left -= frame.is_token
        head.append(frame)
    return head, iter(())


@scenario("cut_clean")
def cut_clean(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) the body ends properly, but the stream in it has no end."""
    head, _ = _parted(frames, argument)
    yield from head
    yield Cut.END


@scenario("cut_chunk")
def cut_chunk(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) the connection closes in the middle of a chunk."""
    head, _ = _parted(frames, argument)
    yield from head
    yield Cut.FIN


@scenario("cut_reset")
def cut_reset(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) the connection is reset."""
    head, _ = _parted(frames, argument)
    yield from head
    # What was sent must arrive before the reset throws away what is still on its way.
    yield Pause(0.2)
    yield Cut.RESET


@scenario("cut_line", bare=True)
def cut_line(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """A body without length or chunks ends in the middle of the line after N tokens (5)."""
    head, rest = _parted(frames, argument)
    yield from head
    payload = next(rest, Frame(FrameKind.WORD, b"data: {")).payload
    yield Frame(FrameKind.FOREIGN, payload[: len(payload) // 2])
    yield Cut.END


@scenario("bare", bare=True)
def bare(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """A whole answer in a body without length or chunks."""
    yield from frames


@scenario("stall")
def stall(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """Nothing more after N tokens (2); the connection stays open."""
    head, _ = _parted(frames, argument, 2)
    yield from head
    yield Pause(None)


@scenario("pause")
def pause(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """N seconds (2) of silence after the second token, then the rest."""
    tokens = 0
    for frame in frames:
        tokens += frame.is_token
        yield frame
        if tokens == 2 and frame.is_token:
            yield Pause(float(argument or 2))


@scenario("slow_drip")
def slow_drip(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """One byte every N seconds (0.5)."""
    for frame in frames:
        for byte in frame.payload:
            yield Frame(FrameKind.FOREIGN, bytes([byte]))
            yield Pause(float(argument or 0.5))


@scenario("split_bytes")
def split_bytes(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """Every byte in a packet of its own, without delay."""
    for frame in frames:
        for byte in frame.payload:
            yield Frame(FrameKind.FOREIGN, bytes([byte]))
            yield Pause(0.0)


@scenario("keepalive")
def keepalive(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """A comment before every token."""
    for frame in frames:
        if frame.is_token:
            yield Frame(FrameKind.FOREIGN, b": keep-alive\n\n")
        yield frame


@scenario("keepalive_forever")
def keepalive_forever(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """Two tokens, then only comments, one every N seconds (0.5)."""
    head, _ = _parted(frames, "", 2)
    yield from head
    while True:
        yield Frame(FrameKind.FOREIGN, b": keep-alive\n\n")
        yield Pause(float(argument or 0.5))


@scenario("no_done")
def no_done(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """A finish reason, but no [DONE] (or message_stop)."""
    return (frame for frame in frames if frame.kind is not FrameKind.DONE)


@scenario("no_finish")
def no_finish(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """[DONE] (or message_stop), but no finish reason."""
    return (frame for frame in frames if frame.kind is not FrameKind.FINISH)


@scenario("length")
def length(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """Cut off at a length limit after N tokens (20), and says so."""
    head, rest = _parted(frames, argument, 20)
    yield from head
    yield from _finished(rest, b'"length"', b'"max_tokens"')


@scenario("content_filter")
def content_filter(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """Stopped by a filter after N tokens (5), and says so."""
    head, rest = _parted(frames, argument)
    yield from head
    yield from _finished(rest, b'"content_filter"', b'"refusal"')


def _finished(frames: Iterator[Frame], openai: bytes, anthropic: bytes) -> Iterator[Step]:
    for frame in frames:
        if frame.kind is FrameKind.FINISH:
            payload = frame.payload.replace(
                b'"finish_reason": "stop"', b'"finish_reason": ' + openai
            )
            payload = payload.replace(b'"stop_reason": "end_turn"', b'"stop_reason": ' + anthropic)
            yield Frame(FrameKind.FINISH, payload)
        elif not frame.is_token:
            # Blocks that are open have to be closed, also without their words.
            yield frame


@scenario("error_in_stream")
def error_in_stream(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) a frame {"error": …}, then the end."""
    head, _ = _parted(frames, argument)
    yield from head
    error = {"message": "The model crashed", "type": "server_error", "code": 500}
    yield dialect.foreign({"error": error, "request_id": "demo-in-stream"})


@scenario("errors_in_stream")
def errors_in_stream(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) a frame {"errors": …}, then the end."""
    head, _ = _parted(frames, argument)
    yield from head
    errors = {"message": "The model crashed", "request_id": "demo-in-stream"}
    yield dialect.foreign({"errors": errors})


@scenario("error_event")
def error_event(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) an event named error with JSON, then the end."""
    head, _ = _parted(frames, argument)
    yield from head
    error = {"type": "overloaded_error", "message": "Overloaded"}
    yield dialect.foreign({"type": "error", "error": error}, "error")


@scenario("error_event_text")
def error_event_text(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) an event named error with plain text, then the end."""
    head, _ = _parted(frames, argument)
    yield from head
    yield Frame(FrameKind.FOREIGN, b"event: error\ndata: the model crashed\n\n")


@scenario("not_json")
def not_json(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) a data line that is not JSON, then the rest."""
    head, rest = _parted(frames, argument)
    yield from head
    yield Frame(FrameKind.FOREIGN, b"data: not json\n\n")
    yield from rest


@scenario("empty_data")
def empty_data(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After N tokens (5) an empty data line, then the rest."""
    head, rest = _parted(frames, argument)
    yield from head
    yield Frame(FrameKind.FOREIGN, b"data:\n\n")
    yield from rest


@scenario("odd_payloads")
def odd_payloads(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """Between the tokens: lists, numbers, null, choices and deltas that are null or missing."""
    odd: tuple[object, ...] = (
        [], 7, None, {}, {"choices": None}, {"choices": []}, {"choices": [{}]},
        {"choices": [{"index": 0, "delta": None, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": None, "tool_calls": None}}]},
    )  # fmt: skip
    queue = list(odd)
    for frame in frames:
        yield frame
        if frame.is_token and queue:
            yield dialect.foreign(queue.pop(0))


@scenario("deep_json")
def deep_json(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After two tokens a frame nested N deep (100,000), then the rest."""
    head, rest = _parted(frames, "", 2)
    yield from head
    depth = int(argument or 100_000)
    yield Frame(FrameKind.FOREIGN, b"data: " + b"[" * depth + b"]" * depth + b"\n\n")
    yield from rest


@scenario("long_line")
def long_line(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """After two tokens one line of N MiB (64) without an end."""
    head, rest = _parted(frames, "", 2)
    yield from head
    yield Frame(FrameKind.FOREIGN, b'data: {"padding": "')
    for _ in range(int(argument or 64) * 16):
        yield Frame(FrameKind.FOREIGN, b"x" * 65_536)
    yield Frame(FrameKind.FOREIGN, b'"}\n\n')
    yield from rest


@scenario("after_done")
def after_done(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """More text after the end of the stream, and the connection stays open."""
    yield from frames
    yield dialect.text(" after the end")
    yield Pause(None)


@scenario("lone_surrogate")
def lone_surrogate(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """The fifth token holds half of a surrogate pair."""
    return _inserted(frames, dialect, b"\\ud83d")


@scenario("nul_bytes")
def nul_bytes(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """The fifth token holds U+0000."""
    return _inserted(frames, dialect, b"\\u0000")


@scenario("control_characters")
def control_characters(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """The fifth token holds a right-to-left override and a terminal's escape sequence."""
    return _inserted(frames, dialect, b"\\u202e\\u001b[31m")


@scenario("bad_utf8")
def bad_utf8(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """The fifth token holds bytes that are not UTF-8."""
    return _inserted(frames, dialect, b"\xff\xfe\xc3")


@scenario("markup")
def markup(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """The fifth token holds HTML and a remote picture (its address is the argument)."""
    link = argument or "http://127.0.0.1:9/seen.png"
    text = f'<img src="{link}"><script>alert(1)</script> ![a]({link}) [b](javascript:alert(1))'
    return _inserted(frames, dialect, json.dumps(text)[1:-1].encode())


def _inserted(frames: Iterator[Frame], dialect: Dialect, raw: bytes) -> Iterator[Step]:
    marked = dialect.text("a\x01b").payload.replace(b"\\u0001", raw)
    words = 0
    for frame in frames:
        words += frame.kind is FrameKind.WORD
        yield frame
        if words == 4 and frame.kind is FrameKind.WORD:
            yield Frame(FrameKind.WORD, marked)


@scenario("bom")
def bom(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """A byte order mark before the first frame."""
    yield Frame(FrameKind.FOREIGN, b"\xef\xbb\xbf")
    yield from frames


@scenario("no_space_data")
def no_space_data(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """`data:` without a space behind it, and fields that nobody needs."""
    for frame in frames:
        payload = frame.payload.replace(b"data: ", b"data:", 1)
        yield Frame(frame.kind, b"id: 1\nretry: 10\nunknown\n" + payload)


@scenario("line_ends")
def line_ends(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """Lines end in CR LF; with the argument cr in CR."""
    end = b"\r" if argument == "cr" else b"\r\n"
    return (Frame(frame.kind, frame.payload.replace(b"\n", end)) for frame in frames)


@scenario("no_last_blank")
def no_last_blank(frames: Iterator[Frame], dialect: Dialect, argument: str) -> Iterator[Step]:
    """The body ends with the finish reason, without the blank line after it."""
    for frame in frames:
        if frame.kind is FrameKind.FINISH:
            yield Frame(FrameKind.FOREIGN, frame.payload.rstrip(b"\n"))
            return
        yield frame


@scenario("reasoning_never_closed")
def reasoning_never_closed(
    frames: Iterator[Frame], dialect: Dialect, argument: str
) -> Iterator[Step]:
    """Reasoning that goes straight to the end, without an answer (use a thinking model)."""
    for frame in frames:
        closing = frame.kind is FrameKind.TURN and b"</think>" in frame.payload
        if frame.kind is not FrameKind.WORD and not closing:
            yield frame
