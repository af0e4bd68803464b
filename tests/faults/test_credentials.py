"""The token and the prompt go where the settings say, and nowhere else."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.images import ImageRequest
from studio.providers.registry import build_chat, build_hub, build_images, endpoint_for
from tests.contract.asking import FAST, TOKEN, Asker, outcome_of, question
from tests.contract.wire import WireServer, chunked, whole

SYSTEM = replace(FAST, proxy="system")
# Names of headers that may leave; everything else would tell of the machine or the environment.
ALLOWED = {
    "host", "accept", "accept-encoding", "connection", "content-type", "content-length",
    "user-agent", "authorization", "x-api-key", "anthropic-version",
}  # fmt: skip


def _set_trap(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("OPENAI", "ANTHROPIC"):
        monkeypatch.setenv(f"{name}_BASE_URL", f"{address}/v1")
        monkeypatch.setenv(f"{name}_API_KEY", "sk-trap")
        monkeypatch.setenv(f"{name}_CUSTOM_HEADERS", "X-Trap: 1\nAuthorization: Bearer trap")
        monkeypatch.setenv(f"{name}_LOG", "debug")
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "trap")
    for name in ("OPENAI_WEBHOOK_SECRET", "ANTHROPIC_WEBHOOK_SIGNING_KEY", "ANTHROPIC_PROFILE"):
        monkeypatch.setenv(name, "trap")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, address)


async def test_the_environment_changes_nothing(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asker.network = SYSTEM
    async with (
        WireServer(whole({})) as trap,
        WireServer(chunked(asker.dialect.stream("ok"))) as own,
    ):
        _set_trap(monkeypatch, trap.address)
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login trap password trap\n")
        monkeypatch.setenv("NETRC", str(netrc))
        outcome = await asker.ask(own.address)
        assert (outcome.text, outcome.kind) == ("ok", "")
        assert trap.connections == 0
        sent = own.seen[0].headers
        assert set(sent) <= ALLOWED
        assert "trap" not in own.seen[0].raw_head.decode()
        assert sent["authorization"] == f"Bearer {TOKEN}"
        assert sent["user-agent"].startswith("moda-studio/")
        if asker.protocol.value == "anthropic":
            assert sent["x-api-key"] == TOKEN
            assert sent["anthropic-version"] == "2023-06-01"


async def test_our_own_routes_take_nothing_from_the_environment_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with WireServer(whole({})) as trap, WireServer(whole({"data": []})) as own:
        _set_trap(monkeypatch, trap.address)
        hub = build_hub(endpoint_for("cn", own.address), TOKEN, SYSTEM)
        await hub.models()
        await hub.close()
        own.plays = [whole({"task_id": "t"})]
        images = build_images(endpoint_for("cn", own.address), TOKEN, SYSTEM)
        await images.submit(ImageRequest("a/b", "x"))
        await images.close()
        assert trap.connections == 0
        assert all(set(each.headers) - ALLOWED <= {"x-modelscope-async-mode"} for each in own.seen)


async def test_without_a_token_no_authorization_leaves(asker: Asker) -> None:
    asker.token = ""
    async with WireServer(chunked(asker.dialect.stream("ok"))) as server:
        assert (await asker.ask(server.address)).text == "ok"
        assert not {"authorization", "x-api-key"} & set(server.seen[0].headers)


async def test_a_missing_token_is_told_before_anything_is_sent(asker: Asker) -> None:
    async with WireServer(whole({})) as server:
        endpoint = endpoint_for(asker.row.id, server.address, needs_token=True)
        provider = build_chat(asker.protocol, endpoint, "", FAST)
        assert (await outcome_of(provider, question())).kind == "no_token"
        assert server.connections == 0


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
async def test_a_redirect_to_another_origin_is_refused(asker: Asker, status: str) -> None:
    async with WireServer(whole({})) as thief:
        play = whole("", status, location=f"{thief.address}/v1/chat/completions")
        async with WireServer(play) as server:
            outcome = await asker.ask(server.address)
            assert (outcome.kind, thief.connections, len(server.seen)) == ("redirected", 0, 1)


async def test_a_redirect_within_the_origin_is_followed_once(asker: Asker) -> None:
    moved = whole("", "308 Permanent Redirect", location="/elsewhere?x=1")
    async with WireServer(moved, chunked(asker.dialect.stream("ok"))) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.kind) == ("ok", "")
        assert [each.path for each in server.seen] == [asker.dialect.route, "/elsewhere?x=1"]
        assert server.seen[0].body == server.seen[1].body
        assert server.seen[1].headers["authorization"] == f"Bearer {TOKEN}"
    async with WireServer(moved) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("redirected", 2)


async def test_a_redirect_that_would_change_the_request_is_refused(asker: Asker) -> None:
    async with WireServer(whole("", "302 Found", location="/login")) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("redirected", 1)


async def test_debug_logs_hold_neither_token_nor_prompt(
    asker: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with WireServer(chunked(asker.dialect.stream("a secret answer"))) as server:
        await asker.ask(server.address, question("a secret prompt"))
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert TOKEN not in said
    assert TOKEN[3:] not in said
    assert "secret" not in said


async def test_the_token_never_reaches_the_sdk(asker: Asker) -> None:
    async with (
        WireServer(chunked(asker.dialect.stream("ok"))) as server,
        asker.provider(server.address) as provider,
    ):
        await asker.again(provider)
        sdk = vars(provider)["_client"]
        assert TOKEN not in repr(vars(sdk))
        assert sdk.max_retries == 0
