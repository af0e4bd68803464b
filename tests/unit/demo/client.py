"""A plain HTTP client of a box, and what the tests here say to it again and again."""

from __future__ import annotations

import base64
import io
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from studio.demo.launch import DemoProcess

if TYPE_CHECKING:
    from PIL import Image

CHAT = "Qwen/Qwen2.5-7B-Instruct"


@dataclass(frozen=True, slots=True)
class Client:
    """A plain HTTP client of the box with a fresh token."""

    process: DemoProcess
    token: str = field(default_factory=lambda: f"ms-{secrets.token_hex(8)}")

    @property
    def origin(self) -> str:
        return self.process.hub_url

    def http(self, **options: Any) -> httpx.Client:
        bearer = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers = {**bearer, **options.pop("headers", {})}
        # No certificates for plain http: loading them takes longer than all the rest.
        return httpx.Client(
            base_url=self.origin,
            headers=headers,
            timeout=20,
            trust_env=False,
            verify=False,
            **options,
        )

    def get(self, path: str, **options: Any) -> httpx.Response:
        with self.http() as client:
            return client.get(path, **options)

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.http() as client:
            return client.post(path, json=body, headers=named)

    def chat(self, text: str, *, scenario: str = "", **body: Any) -> httpx.Response:
        body = {"model": CHAT, "messages": [{"role": "user", "content": text}], **body}
        headers = {"x_studio_scenario": scenario} if scenario else {}
        return self.post("/v1/chat/completions", body, **headers)

    def message(self, text: str, *, scenario: str = "", **body: Any) -> httpx.Response:
        messages = [{"role": "user", "content": text}]
        body = {"model": CHAT, "max_tokens": 1000, "messages": messages, **body}
        headers = {"x_studio_scenario": scenario} if scenario else {}
        return self.post("/v1/messages", body, **headers)

    def journal(self, door: str = "") -> dict[str, Any]:
        answer: dict[str, Any] = self.get("/_box/requests", params={"door": door}).json()
        return answer

    def wait(self, **query: str | int) -> httpx.Response:
        return self.get("/_box/wait", params=query)


def fetch(url: str) -> httpx.Response:
    """What lies at an address, asked for without a token."""
    return httpx.get(url, trust_env=False, verify=False)


def data_url(picture: Image.Image, kind: str = "PNG", **options: Any) -> str:
    """A picture as the `data:` URL that a client sends."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(stream.getvalue()).decode()}"
