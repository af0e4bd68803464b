"""What reading an answer costs beside taking its bytes off the wire, and other limits of providers.

The server is a process of its own and sends a burst as fast as it is read, one event a chunk, as
servers of this kind do. The same bytes are read once by bare httpx, which only collects them, and
once through each chat protocol, which gives finished events; both in CPU time of this process.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import threading
import time
import zlib
from contextlib import aclosing
from typing import Any

from _measuring import Measure, at_most, ratio_to, report

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ChatProtocol
from studio.core.stream import StreamEnd, TextDelta
from studio.providers.base import NetworkSettings
from studio.providers.packages import load
from studio.providers.registry import build_chat, build_hub, endpoint_for
from tests.contract.asking import question
from tests.contract.dialects import DIALECTS

CHUNKS = 10_000
RUNS = 5
NETWORK = NetworkSettings(proxy="", connect_seconds=5.0, idle_seconds=30.0)
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n{}\r\n\r\n"


def _burst(protocol: ChatProtocol) -> bytes:
    dialect = DIALECTS[protocol]
    pieces = [*dialect.begin(), *(dialect.text(f"word{at} ") for at in range(CHUNKS))]
    pieces += [*dialect.finish(), dialect.mark()]
    body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"
    return HEAD.format("text/event-stream", "Transfer-Encoding: chunked").encode() + body


def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * 2**20
    body = b"".join([*(packer.compress(block) for _ in range(400)), packer.flush()])
    rest = f"Content-Encoding: gzip\r\nContent-Length: {len(body)}"
    return HEAD.format("application/json", rest).encode() + body


def _serve(ready: Any) -> None:
    """The server's process: what is sent depends on the path."""
    answers = {
        "/v1/chat/completions": _burst(ChatProtocol.OPENAI),
        "/v1/messages": _burst(ChatProtocol.ANTHROPIC),
        "/v1/models": _bomb(),
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = head.partition("content-length: ")[2].partition("\r\n")[0]
                body = await reader.readexactly(int(length or 0))
                path = head.split(" ", 2)[1]
                if b"stall" in body:
                    writer.write(answers[path][:4000])
                    await writer.drain()
                    await reader.read()
                    ready.send(time.monotonic())
                    break
                writer.write(answers[path])
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**24)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def _raw(address: str, protocol: ChatProtocol) -> float:
    """CPU seconds in which bare httpx collects the burst."""
    import httpx

    async with httpx.AsyncClient(trust_env=False) as client:
        url = address + DIALECTS[protocol].route
        async with client.stream("POST", url, json={}) as response:
            async for _ in response.aiter_raw(4096):
                pass
        started = time.process_time()
        async with client.stream("POST", url, json={}) as response:
            size = 0
            async for piece in response.aiter_raw():
                size += len(piece)
        return time.process_time() - started


async def _ours(address: str, protocol: ChatProtocol) -> float:
    """CPU seconds in which a protocol reads the burst into events."""
    provider = build_chat(protocol, endpoint_for("cn", address), "ms-bench-token-0000", NETWORK)
    try:
        async with aclosing(provider.stream(question())) as events:
            async for _ in events:
                pass
        started = time.process_time()
        words, end = 0, None
        async with aclosing(provider.stream(question())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    words += 1
                end = event
        spent = time.process_time() - started
        if words != CHUNKS or not isinstance(end, StreamEnd):
            raise RuntimeError("the burst did not arrive whole")
        return spent
    finally:
        await provider.close()


async def _cancelled(address: str, protocol: ChatProtocol, ready: Any) -> float:
    """Milliseconds from cancelling until the server sees the end of the connection."""
    provider = build_chat(protocol, endpoint_for("cn", address), "ms-bench-token-0000", NETWORK)
    heard = asyncio.Event()

    async def listen() -> None:
        async with aclosing(provider.stream(question("stall"))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    heard.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(listen())
        await heard.wait()
        started = time.monotonic()
        task.cancel()
    await provider.close()
    closed = await asyncio.to_thread(ready.recv)
    return max(0.0, float(closed) - started) * 1000


async def _bombed(address: str) -> float:
    """Megabytes the process grows by while a gzip bomb is refused."""
    import psutil

    process = psutil.Process()
    hub = build_hub(endpoint_for("cn", address), "", NETWORK)
    gc.collect()
    start = peak = process.memory_info().rss
    ended = threading.Event()

    def sample() -> None:
        nonlocal peak
        while not ended.wait(0.002):
            peak = max(peak, process.memory_info().rss)

    sampling = threading.Thread(target=sample)
    sampling.start()
    try:
        await hub.models()
    except StudioError as error:
        if error.kind is not ErrorKind.TOO_LARGE:
            raise
    finally:
        ended.set()
        sampling.join()
        await hub.close()
    return (peak - start) / 2**20


async def measure(address: str, ready: Any) -> list[Measure]:
    """All measures of this benchmark."""
    found = []
    for protocol, bar in ((ChatProtocol.OPENAI, 12.0), (ChatProtocol.ANTHROPIC, 5.0)):
        raw, ours = [], []
        for _ in range(RUNS):
            raw.append(await _raw(address, protocol) / CHUNKS * 1e6)
            ours.append(await _ours(address, protocol) / CHUNKS * 1e6)
        measure_name = f"burst, {protocol.value} protocol, CPU beside raw bytes"
        found.append(ratio_to("providers", measure_name, ours, "us/chunk", raw, bar))
        closing = [await _cancelled(address, protocol, ready) for _ in range(RUNS)]
        name = f"cancel to closed socket, {protocol.value} protocol"
        found.append(at_most("providers", name, closing, "ms", 50.0))
    grown = [await _bombed(address)]
    found.append(at_most("providers", "gzip bomb of 400 MB, growth", grown, "MB", 150.0))
    return found


def main() -> None:
    """Measure and report."""
    for package in ("httpx", "openai", "anthropic"):
        load(package)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    server.start()
    try:
        address = f"http://127.0.0.1:{ours.recv()}"
        measures = asyncio.run(measure(address, ours))
    finally:
        server.kill()
        server.join()
    report(measures)


if __name__ == "__main__":
    main()
