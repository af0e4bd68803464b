"""PROVIDERS: one row a provider, and how its parts are made.

To add a provider: a module with its classes and one row here; the contract tests run over every
row. The table is read before the first paint, so what a provider needs is imported when one is
built.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.core.messages import ChatProtocol
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.providers.base import Endpoint

if TYPE_CHECKING:
    from studio.providers.base import (
        ChatProvider,
        ExchangeRecorder,
        Hub,
        ImageProvider,
        NetworkSettings,
        RateLimitListener,
    )


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One kind of service: where it is (None: the user says where) and which protocols it has."""

    id: str
    title: str
    protocols: tuple[ChatProtocol, ...]
    endpoint: Endpoint | None = None
    pictures: bool = True


# Pages of the sites: the service's own refusal of an unbound account names /my/settings/account,
# where the real name is verified too; its documentation names the pages of token and credits.
_CHINA = Endpoint(
    id="cn",
    title="modelscope.cn",
    openai_base="https://api-inference.modelscope.cn/v1",
    anthropic_base="https://api-inference.modelscope.cn",
    hub="https://modelscope.cn",
    token_page="https://modelscope.cn/my/myaccesstoken",
    binding_page="https://modelscope.cn/my/settings/account",
    account_page="https://modelscope.cn/my/settings/account",
    credits_page="https://modelscope.cn/magicube/usage?tab=consume",
)
_INTERNATIONAL = Endpoint(
    id="ai",
    title="modelscope.ai",
    openai_base="https://api-inference.modelscope.ai/v1",
    anthropic_base="https://api-inference.modelscope.ai",
    hub="https://www.modelscope.ai",
    token_page="https://www.modelscope.ai/my/myaccesstoken",
    binding_page="https://www.modelscope.ai/my/settings/account",
    account_page="https://www.modelscope.ai/my/settings/account",
    credits_page="https://www.modelscope.ai/magicube/usage?tab=consume",
)
_BOTH = (ChatProtocol.OPENAI, ChatProtocol.ANTHROPIC)

PROVIDERS: tuple[ProviderRow, ...] = (
    ProviderRow("cn", QT_TRANSLATE_NOOP("providers", "ModelScope (China)"), _BOTH, _CHINA),
    ProviderRow(
        "ai", QT_TRANSLATE_NOOP("providers", "ModelScope (international)"), _BOTH, _INTERNATIONAL
    ),
    ProviderRow(
        "openai", QT_TRANSLATE_NOOP("providers", "OpenAI-compatible host"), (ChatProtocol.OPENAI,)
    ),
    ProviderRow(
        "anthropic",
        QT_TRANSLATE_NOOP("providers", "Anthropic-compatible host"),
        (ChatProtocol.ANTHROPIC,),
        pictures=False,
    ),
)


_PARTS = {
    ChatProtocol.OPENAI: ("studio.providers.openai_chat", "openai"),
    ChatProtocol.ANTHROPIC: ("studio.providers.anthropic_chat", "anthropic"),
}


def row_of(provider_id: str) -> ProviderRow:
    """The row of an id; KeyError for none."""
    found = next((row for row in PROVIDERS if row.id == provider_id), None)
    if found is None:
        raise KeyError(provider_id)
    return found


def endpoint_for(
    site: str,
    base_url: str = "",
    *,
    allow_plain_http: bool = False,
    needs_token: bool | None = None,
) -> Endpoint:
    """Where a row's service is: `site` is a row's id, `base_url` another address for it.

    An address is taken as typed, with or without `/v1`. A host on this computer needs no token and
    is asked for the hub's routes too (the service in a box has them); no other host is.
    Raises StudioError (BAD_ADDRESS, NOT_ENCRYPTED).
    """
    row = row_of(site)
    if row.endpoint is not None and not base_url:
        return row.endpoint
    from urllib.parse import urlsplit

    from studio.providers.addresses import clean_address, is_loopback, origin_of

    base = clean_address(base_url, allow_plain_http=allow_plain_http)
    root = base.removesuffix("/v1")
    origin = origin_of(base)
    local = is_loopback(urlsplit(origin).hostname or "")
    # Some hosts have their interface under another path than /v1: what is typed is believed.
    openai_base = base if base != origin else f"{root}/v1"
    made = Endpoint(
        id=origin,
        title=origin.partition("://")[2],
        openai_base=openai_base if ChatProtocol.OPENAI in row.protocols else "",
        anthropic_base=root if ChatProtocol.ANTHROPIC in row.protocols else "",
        hub=origin if local else "",
        needs_token=not local if needs_token is None else needs_token,
    )
    if row.endpoint is None:
        return made
    pages = ("token_page", "binding_page", "account_page", "credits_page")
    return replace(made, **{name: getattr(row.endpoint, name) for name in pages})


def build_chat(
    protocol: ChatProtocol,
    endpoint: Endpoint,
    token: str,
    network: NetworkSettings,
    listener: RateLimitListener | None = None,
    recorder: ExchangeRecorder | None = None,
) -> ChatProvider:
    """A provider for one protocol. Touches neither network nor SDKs before the first request."""
    if protocol is ChatProtocol.ANTHROPIC:
        from studio.providers.anthropic_chat import AnthropicChat

        return AnthropicChat(endpoint, token, network, listener, recorder)
    from studio.providers.openai_chat import OpenAIChat

    return OpenAIChat(endpoint, token, network, listener, recorder)


def build_images(
    endpoint: Endpoint,
    token: str,
    network: NetworkSettings,
    listener: RateLimitListener | None = None,
    recorder: ExchangeRecorder | None = None,
) -> ImageProvider:
    """A provider of pictures."""
    from studio.providers.image_tasks import ImageTasks

    return ImageTasks(endpoint, token, network, listener, recorder)


def build_hub(
    endpoint: Endpoint,
    token: str,
    network: NetworkSettings,
    listener: RateLimitListener | None = None,
    recorder: ExchangeRecorder | None = None,
) -> Hub:
    """The routes beside inference."""
    from studio.providers.hub import ServiceHub

    return ServiceHub(endpoint, token, network, listener, recorder)


def preload(protocol: ChatProtocol) -> None:
    """Import what a protocol needs, read trusted certificates: a second of CPU, for a thread.

    Of the SDKs only the protocol's own: openai takes 23 MB, anthropic 38 MB.
    """
    from importlib import import_module

    from studio.providers import hub, image_tasks  # noqa: F401 - warm
    from studio.providers.network import trust
    from studio.providers.packages import load

    module, sdk = _PARTS[protocol]
    import_module(module)
    load("httpx")
    load(sdk)
    trust()
