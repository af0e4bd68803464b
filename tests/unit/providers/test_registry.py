"""The table of providers, and what becomes of an address typed for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ChatProtocol, Parameters, Role
from studio.core.stream import ChatMessage, ChatRequest, ImageContent, TextContent, ThinkingContent
from studio.providers.base import NetworkSettings
from studio.providers.registry import (
    PROVIDERS,
    build_chat,
    build_hub,
    build_images,
    endpoint_for,
    row_of,
)


def test_every_row_is_whole() -> None:
    assert len({row.id for row in PROVIDERS}) == len(PROVIDERS)
    for row in PROVIDERS:
        assert row.protocols
        if row.endpoint is None:
            with pytest.raises(StudioError) as caught:
                endpoint_for(row.id)
            assert caught.value.kind is ErrorKind.BAD_ADDRESS
            continue
        assert endpoint_for(row.id) is row.endpoint
        for address in (row.endpoint.openai_base, row.endpoint.anthropic_base, row.endpoint.hub):
            assert address.startswith("https://")
            assert not address.endswith("/")
        assert row.endpoint.openai_base == f"{row.endpoint.anthropic_base}/v1"
        assert row.endpoint.origin == row.endpoint.anthropic_base
        assert row.endpoint.token_page.startswith("https://")
    with pytest.raises(KeyError):
        row_of("nowhere")


@pytest.mark.parametrize(
    ("typed", "openai", "anthropic", "hub", "needs_token"),
    [
        ("https://h.example", "https://h.example/v1", "https://h.example", "", True),
        ("https://h.example/v1/", "https://h.example/v1", "https://h.example", "", True),
        ("h.example/api/v3", "https://h.example/api/v3", "https://h.example/api/v3", "", True),
        ("localhost:11434", "http://localhost:11434/v1", "http://localhost:11434",
         "http://localhost:11434", False),
    ],
)  # fmt: skip
def test_another_address(
    typed: str, openai: str, anthropic: str, hub: str, needs_token: bool
) -> None:
    for row in PROVIDERS:
        endpoint = endpoint_for(row.id, typed)
        assert endpoint.openai_base == (openai if ChatProtocol.OPENAI in row.protocols else "")
        assert endpoint.anthropic_base == (
            anthropic if ChatProtocol.ANTHROPIC in row.protocols else ""
        )
        assert (endpoint.hub, endpoint.needs_token) == (hub, needs_token)
        assert endpoint.id == endpoint.origin
        assert endpoint.origin == "/".join(openai.split("/")[:3])


def test_building_touches_nothing() -> None:
    # A certificate file that is not there and a proxy that cannot be one are told when asked.
    network = NetworkSettings(proxy="nonsense://", certificate_file="/nowhere.pem")
    for row in PROVIDERS:
        endpoint = endpoint_for(row.id, "https://h.example")
        for protocol in row.protocols:
            build_chat(protocol, endpoint, "", network)
        build_images(endpoint, "", network)
        build_hub(endpoint, "", network)


PICTURE = ImageContent("image/png", b"abc")
REQUEST = ChatRequest(
    "m",
    (
        ChatMessage(Role.USER, (TextContent("one"), TextContent(" two"))),
        ChatMessage(Role.ASSISTANT, (ThinkingContent("hm", "sig"), TextContent("three"))),
        ChatMessage(
            Role.USER, (PICTURE, ImageContent(url="https://x.example/p.jpg"), TextContent("?"))
        ),
        ChatMessage(Role.ASSISTANT, ()),
    ),
    system="be kind",
    parameters=Parameters(0.5, 0.9, 100, True, ("END",)),
)


def test_what_is_asked_at_the_openai_door() -> None:
    from studio.providers.openai_chat import OpenAIChat

    protocol = OpenAIChat(endpoint_for("cn"), "t", NetworkSettings())
    assert protocol._call(REQUEST).arguments == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "one two"},
            {"role": "assistant", "content": "three"},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}},
                    {"type": "image_url", "image_url": {"url": "https://x.example/p.jpg"}},
                    {"type": "text", "text": "?"},
                ],
            },
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 100,
        "stop": ["END"],
        "extra_body": {"enable_thinking": True},
    }
    bare = replace(REQUEST, parameters=Parameters(), stream=False, system="")
    assert set(protocol._call(bare).arguments) == {"model", "messages", "stream"}


def test_what_is_asked_at_the_anthropic_door() -> None:
    from studio.providers.anthropic_chat import AnthropicChat

    protocol = AnthropicChat(endpoint_for("cn"), "t", NetworkSettings())
    assert protocol._call(REQUEST).arguments == {
        "model": "m",
        "system": "be kind",
        "messages": [
            {"role": "user", "content": "one two"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "sig"},
                    {"type": "text", "text": "three"},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": "YWJj"},
                    },
                    {"type": "image", "source": {"type": "url", "url": "https://x.example/p.jpg"}},
                    {"type": "text", "text": "?"},
                ],
            },
        ],
        "stream": True,
        "extra_body": {"temperature": 0.5, "top_p": 0.9},
        "max_tokens": 1124,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "stop_sequences": ["END"],
    }
    bare = replace(REQUEST, parameters=Parameters(), stream=False, system="")
    assert protocol._call(bare).arguments["max_tokens"] == 4096
    assert set(protocol._call(bare).arguments) == {"model", "messages", "stream", "max_tokens"}
