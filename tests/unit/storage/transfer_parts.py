"""A house full of conversations and pictures for the tests of exports and imports."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path

import apsw

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.images import ImageRequest
from studio.core.messages import (
    ChatProtocol,
    Conversation,
    ImagePart,
    Message,
    MessageStatus,
    Parameters,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    Timing,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from studio.core.models import Capability
from studio.storage.db.database import Database
from studio.storage.history import conversations, listing, messages
from studio.storage.pictures import library_rows
from studio.storage.pictures.attachments import Attachments
from studio.storage.pictures.library import Library
from studio.storage.transfer.export import Source
from tests.unit.storage.content import content_of

WORDS = [
    *("秋天", "诗", "写", "一首", "关于", "the", "quick", "brown", "fox", "猫", "雨", "🎈", "café"),
    *("<b>&", '"', "'", "\\", "\u2028"),
]


def small_picture(colour: int, file_format: str = "PNG") -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (24, 16), (colour % 256, colour // 256 % 256, 10)).save(target, file_format)
    return target.getvalue()


class House:
    """A data folder in use: its database, its pictures, and the source that exports take."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database.open(folder / "studio.db", backup_folder=folder / "backups")
        self.attachments = Attachments(folder / "attachments")
        self.library = Library(self.database, folder / "pictures")
        self.source = Source(folder / "studio.db", self.attachments, folder / "pictures")

    def close(self) -> None:
        self.database.close()

    def content(self) -> str:
        """All that it holds, as one text."""
        return self.database.call_sync(content_of)

    def files(self) -> dict[str, bytes]:
        """Every picture by its name."""
        found = [*self.folder.glob("attachments/**/*"), *self.folder.glob("pictures/**/*")]
        return {
            each.relative_to(self.folder).as_posix(): each.read_bytes()
            for each in found
            if each.is_file()
        }

    def litter(self) -> list[str]:
        """Files that no program should leave behind."""
        return sorted(each.name for each in self.folder.rglob(".*") if each.is_file())

    def talk(self, title: str, *texts: str, picture: bytes | None = None) -> Conversation:
        """A conversation of questions and answers in turn."""
        conversation = Conversation(title=title, model="Qwen/Qwen3-32B")
        self.database.call_sync(conversations.save_conversation, conversation)
        parent: str | None = None
        for place, text in enumerate(texts):
            parts: tuple[TextPart | ImagePart, ...] = (TextPart(text),)
            if picture is not None and place == 0:
                parts = (self.attached(picture), *parts)
            role = Role.ASSISTANT if place % 2 else Role.USER
            message = Message(conversation.id, role, parts, parent)
            self.database.call_sync(messages.save_message, message)
            parent = message.id
        return replace(conversation, head_id=parent)

    def attached(self, picture: bytes, name: str = "猫.png") -> ImagePart:
        """A picture of a message."""
        kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
        sha256 = self.attachments.keep(picture, kind)
        return ImagePart(sha256, kind, 24, 16, len(picture), name)


def furnish(house: House, count: int = 12, seed: int = 71) -> None:
    """Something of everything that a history can hold."""
    numbers = random.Random(seed)
    house.database.call_sync(_folders)
    for number in range(count):
        _conversation(house, number, numbers)
    (first,) = house.database.call_sync(listing.list_conversations, limit=1)
    house.database.call_sync(conversations.delete, [first.id])
    for number in range(5):
        request = ImageRequest("Qwen/Qwen-Image", f"猫 {number}", "", (512, 512), number, 30, 4.5)
        image = house.library.keep(small_picture(number), request, seconds=2.5, demo=number == 1)
        house.database.call_sync(library_rows.set_favourite, image.id, favourite=number % 2 == 0)
    (last,) = house.database.call_sync(library_rows.list_pictures, limit=1)
    house.database.call_sync(library_rows.delete_pictures, [last.image.id])


def _folders(connection: apsw.Connection) -> None:
    connection.execute(
        "INSERT INTO folders VALUES ('f1', '工作', 2), ('f2', 'Poems', 1), ('f3', 'Empty', 3)"
    )


def _conversation(house: House, number: int, numbers: random.Random) -> None:
    def text(count: int) -> str:
        return " ".join(numbers.choices(WORDS, k=count))

    conversation = Conversation(
        kind=Capability.VISION if number % 3 == 0 else Capability.CHAT,
        title=text(4) if number % 5 else "",
        model="Qwen/Qwen3-32B",
        protocol=ChatProtocol.ANTHROPIC if number % 4 == 0 else ChatProtocol.OPENAI,
        system_prompt="Be brief." if number % 2 else "",
        parameters=Parameters(0.5, 1, 100, True, ("END",)) if number % 2 else Parameters(),
        pinned=number % 6 == 0,
    )
    house.database.call_sync(conversations.save_conversation, conversation)
    known: list[Message] = []
    for place in range(8):
        role = Role.ASSISTANT if place % 2 else Role.USER
        message = Message(
            conversation.id,
            role,
            _parts(house, number, place, text(9)),
            numbers.choice(known[-3:]).id if known else None,
            model="Qwen/Qwen3-32B" if place % 2 else "",
            finish_reason="stop" if place % 2 else "",
            usage=Usage(12, 34) if place % 2 else Usage(),
            timing=Timing(0.5, 2.25) if place % 2 else Timing(),
        )
        if place == 7 and number % 4 == 0:
            error = StoredError(ErrorKind.CUT_SHORT, "detail", "r-1", {"host": "h"})
            message = replace(message, status=MessageStatus.INTERRUPTED, error=error)
        house.database.call_sync(messages.save_message, message)
        known.append(message)
    if number % 2:
        folder = "f1" if number % 4 == 1 else "f2"
        house.database.call_sync(
            lambda connection: (
                connection.execute(
                    "UPDATE conversations SET folder_id = ? WHERE id = ?", (folder, conversation.id)
                ).get
            )
        )


def _parts(house: House, number: int, place: int, text: str) -> tuple[Part, ...]:
    said = TextPart(text)
    if place == 0 and number % 3 == 0:
        kind = "JPEG" if number % 2 else "PNG"
        return (house.attached(small_picture(number, kind)), said)
    if place == 1:
        return (ReasoningPart("hm " + text, 1.5, "sig"), said)
    if place == 3:
        return (ToolCallPart("c1", "search", '{"q": "猫"}'), ToolResultPart("c1", "3"), said)
    if place == 4 and number == 1:
        return (ImagePart(url="https://example.com/a.png"), said)
    return (said,)


def problem_of(error: StudioError) -> str:
    """The English sentence of a refusal, filled in."""
    words = error.values.get("reason", error.kind.value)
    for name, value in error.values.items():
        words = words.replace("{" + name + "}", value)
    return words
