"""Our own form of conversations, pictures and folders: complete, documented, the same every time.

A conversation is one JSON object, on one line, with its keys sorted and no spaces:

    id            32 hexadecimal digits
    kind          "chat" or "vision"; "chat" is not written
    title, model, system_prompt       texts
    door          "openai" (not written) or "anthropic"
    parameters    temperature, top_p, max_tokens, thinking, stop; only what was set
    head_id       the message that ends the branch which is shown
    pinned        true, or not written
    folder        the id of its folder, if it is in one
    deleted_at    when it went to the trash, if it did
    created_at, updated_at            seconds since 1970, UTC
    messages      every message with all its versions, parents before their children

A message has

    id, created_at
    role          "user" or "assistant"
    parent_id     the message that it follows; versions of a message share it
    status        "complete" (not written), "stopped", "interrupted" or "failed"
    model, finish_reason, request_id  texts
    usage         input_tokens, output_tokens
    timing        first_token, total: seconds
    error         kind, detail, values, request_id: why it is not complete
    parts         an array; the `type` of a part says what else it has:
                  text         text (Markdown)
                  reasoning    text, seconds, signature, redacted
                  image        sha256, media_type, width, height, byte_size, name; or url
                  tool_call    call_id, name, arguments
                  tool_result  call_id, text

A picture that was made has id, sha256, path (its file name), width, height, byte_size, seconds,
demo, created_at, favourite, missing, deleted_at, and `request`: id, model, prompt,
negative_prompt, size, seed, steps, guidance. A folder has id and name.

What has its usual value (empty, zero, null, false) is not written. Keys that are not known are
passed over. A file says `"format": "moda-studio"` and `"version": 1`; the version grows when an
older program could not read the file rightly.

A `.json` file holds one object with `conversations`, `folders`, `format`, `pictures` and
`version`. `pictures` has an entry for each picture of a message: its sha256, and in it
`media_type` and `content` in base64. A `.zip` holds

    moda-studio.json      folders, format, version
    conversations.jsonl   a conversation a line
    library.jsonl         a picture that was made a line
    pictures/<sha256>     each picture of a message once, with the ending .png or .jpg
    library/<sha256>.png  each picture that was made
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import GeneratedImage
from studio.core.messages import (
    Conversation,
    ImagePart,
    Message,
    MessageStatus,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from studio.core.transfer.values import Wrong, as_dict, as_list, decode, each_of, encode

FORMAT = "moda-studio"
VERSION = 1
PARTS: dict[str, type[Any]] = {
    "text": TextPart,
    "reasoning": ReasoningPart,
    "image": ImagePart,
    "tool_call": ToolCallPart,
    "tool_result": ToolResultPart,
}
_TYPES = {kind: name for name, kind in PARTS.items()}
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_ERRORS = {each.value for each in ErrorKind}
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """A folder of the history."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A conversation with every message of it."""

    conversation: Conversation
    messages: tuple[Message, ...]
    folder: str | None = None
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True)
class ExportedPicture:
    """A picture that was made, with what its gallery knows of it."""

    image: GeneratedImage
    favourite: bool = False
    missing: bool = False
    deleted_at: float | None = None


def ended(message: Message) -> Message:
    """`message` as it is kept: an answer still on its way becomes an interrupted one."""
    if message.status is not MessageStatus.STREAMING:
        return message
    error = message.error or StoredError(ErrorKind.PROGRAM_ENDED)
    return replace(message, status=MessageStatus.INTERRUPTED, error=error)


def conversation_to_plain(exported: Exported) -> dict[str, Any]:
    """A conversation as JSON."""
    plain = encode(exported.conversation)
    plain["messages"] = [message_to_plain(each) for each in exported.messages]
    for name, value in (("folder", exported.folder), ("deleted_at", exported.deleted_at)):
        if value is not None:
            plain[name] = value
    return plain


def message_to_plain(message: Message) -> dict[str, Any]:
    """A message as JSON, without the conversation it is in."""
    message = ended(message)
    plain = encode(message, "conversation_id", "parts", "error")
    if message.error is not None:
        plain["error"] = _error_to_plain(message.error)
    plain["parts"] = [{"type": _TYPES[type(part)], **encode(part)} for part in message.parts]
    return plain


def conversation_from_plain(stored: Any) -> Exported:
    """Read what `conversation_to_plain` made; raises Wrong with the place that is not right."""
    stored = as_dict(stored)
    conversation = decode(Conversation, stored)
    _demand_id(conversation.id, "id")
    try:
        read_one = partial(_message, conversation_id=conversation.id)
        messages = tuple(each_of(read_one, as_list(stored.get("messages"))))
        _demand_tree(messages)
    except Wrong as wrong:
        raise wrong.within("messages") from None
    if conversation.head_id is not None and conversation.head_id not in {m.id for m in messages}:
        raise Wrong("head_id")
    rest = decode(_Place, stored)
    return Exported(conversation, messages, rest.folder, rest.deleted_at)


@dataclass(frozen=True, slots=True)
class _Place:
    folder: str | None = None
    deleted_at: float | None = None


def _demand_tree(messages: tuple[Message, ...]) -> None:
    seen: set[str] = set()
    for index, message in enumerate(messages):
        if message.id in seen:
            raise Wrong(f"[{index}].id")
        if message.parent_id is not None and message.parent_id not in seen:
            raise Wrong(f"[{index}].parent_id")
        seen.add(message.id)


def _message(stored: Any, conversation_id: str) -> Message:
    stored = as_dict(stored)
    try:
        parts = tuple(each_of(_part, as_list(stored.get("parts"))))
    except Wrong as wrong:
        raise wrong.within("parts") from None
    error = _error(stored.get("error"))
    given = {"conversation_id": conversation_id, "error": error, "parts": parts}
    message = decode(Message, stored, **given)
    _demand_id(message.id, "id")
    return ended(message)


def _part(stored: Any) -> Part:
    kind = PARTS.get(str(as_dict(stored).get("type")))
    if kind is None:
        raise Wrong("type")
    part: Part = decode(kind, stored)
    if isinstance(part, ImagePart) and part.sha256 and not _SHA256.fullmatch(part.sha256):
        raise Wrong("sha256")
    return part


def _error_to_plain(error: StoredError) -> dict[str, Any]:
    said = {
        "kind": error.kind.value,
        "detail": error.detail,
        "request_id": error.request_id,
        "values": dict(error.values),
    }
    return {name: value for name, value in said.items() if value}


def _error(stored: Any) -> StoredError | None:
    if stored is None:
        return None
    try:
        read = decode(_Error, stored)
    except Wrong as wrong:
        raise wrong.within("error") from None
    # A kind of a newer program is a refusal here, as it is in the database.
    kind = ErrorKind(read.kind) if read.kind in _ERRORS else ErrorKind.REFUSED
    return StoredError(kind, read.detail, read.request_id, read.values or {})


@dataclass(frozen=True, slots=True)
class _Error:
    """An error as it stands in a file."""

    kind: str
    detail: str = ""
    request_id: str = ""
    values: dict[str, str] | None = None


def picture_to_plain(picture: ExportedPicture) -> dict[str, Any]:
    """A made picture as JSON."""
    return {**encode(picture.image), **encode(picture, "image")}


def picture_from_plain(stored: Any) -> ExportedPicture:
    """Read what `picture_to_plain` made; raises Wrong with the place that is not right."""
    image = decode(GeneratedImage, stored)
    _demand_id(image.id, "id")
    _demand_id(image.request.id, "request.id")
    if not _SHA256.fullmatch(image.sha256):
        raise Wrong("sha256")
    if min(image.width, image.height, image.byte_size) < 0:
        raise Wrong("width")
    return decode(ExportedPicture, stored, image=image)


def folder_from_plain(stored: Any) -> StoredFolder:
    """Read a folder; raises Wrong with the place that is not right."""
    folder = decode(StoredFolder, stored)
    _demand_id(folder.id, "id")
    return folder


def _demand_id(identity: str, where: str) -> None:
    if not _ID.fullmatch(identity):
        raise Wrong(where)
