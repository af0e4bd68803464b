"""Turns a conversation's messages into what a provider is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from studio.core.messages import (
    Conversation,
    ImagePart,
    Message,
    ReasoningPart,
    Role,
)
from studio.core.stream import (
    ChatMessage,
    ChatRequest,
    Content,
    ImageContent,
    TextContent,
    ThinkingContent,
)

if TYPE_CHECKING:
    from studio.sessions.requests.service import Service


class AttachmentReader(Protocol):
    """Reads the pictures of messages."""

    def read(self, sha256: str, media_type: str) -> bytes:
        """The bytes of a stored picture; StudioError where it is missing or changed."""
        ...


async def request_of(
    messages: Sequence[Message],
    conversation: Conversation,
    attachments: AttachmentReader,
    service: Service,
) -> ChatRequest:
    """The next question of a conversation that came so far."""
    return ChatRequest(
        conversation.model,
        await turns_of(messages, conversation, attachments),
        conversation.system_prompt,
        conversation.parameters,
        service.streaming,
    )


async def turns_of(
    messages: Sequence[Message], conversation: Conversation, attachments: AttachmentReader
) -> tuple[ChatMessage, ...]:
    """The turns to send; answers of which nothing came are left out.

    Pictures go along with the last question that has any, so that follow-up questions can be
    answered; earlier ones are not sent again, as they cost time and tokens every turn. Pictures
    in answers, as other programs have them, cannot be sent at all.
    """
    asked = [message for message in messages if message.role is Role.USER]
    with_pictures = [message.id for message in asked if message.images]
    newest = with_pictures[-1] if with_pictures else None
    turns = []
    for message in messages:
        pictures = message.images if message.id == newest else ()
        content = [await _image(part, attachments) for part in pictures]
        content += _thinking(message, conversation)
        if message.text:
            content.append(TextContent(message.text))
        if content:
            turns.append(ChatMessage(message.role, tuple(content)))
    return tuple(turns)


async def _image(part: ImagePart, attachments: AttachmentReader) -> Content:
    if part.url:
        return ImageContent(url=part.url)
    picture = await asyncio.to_thread(attachments.read, part.sha256, part.media_type)
    return ImageContent(part.media_type, picture)


def _thinking(message: Message, conversation: Conversation) -> list[Content]:
    # Only the model that thought may want its thoughts back; the protocol knows whether it does.
    if message.role is not Role.ASSISTANT or message.model != conversation.model:
        return []
    return [
        ThinkingContent(part.text, part.signature, part.redacted)
        for part in message.parts
        if isinstance(part, ReasoningPart)
    ]
