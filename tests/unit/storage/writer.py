"""A program that writes without end and says on its output what is on the disk; made to be killed.

Each line is one acknowledgement, written after the store has said that it is kept:

    message <id> <status> <sha256 of its text>      a whole message
    partial <id> <length>                           that much of a streaming answer
    picture <id> <sha256 of its file>               a picture of the library
    attachment <sha256>                             a picture of a message
"""

from __future__ import annotations

import hashlib
import io
import random
import sys
from dataclasses import replace
from pathlib import Path

from studio.core.images import ImageRequest
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart, append_delta
from studio.storage import conversations, messages
from studio.storage.attachments import Attachments
from studio.storage.database import Database
from studio.storage.library import Library

WORDS = ["秋天", "诗", "猫", "fox", "jumps", "over", "🎈", "lazy"]


def say(*words: object) -> None:
    print(*words, flush=True)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def small_picture(colour: int) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (40, 30), (colour % 256, 90, 10)).save(target, "PNG")
    return target.getvalue()


def keep(database: Database, message: Message, *, early: bool) -> None:
    """Save and acknowledge; `early` lies, so that it can be shown that lies are found out."""
    words = ("message", message.id, message.status.value, sha(message.text))
    if early:
        say(*words)
    database.call_sync(messages.save_message, message)
    if not early:
        say(*words)


def chat(database: Database, numbers: random.Random, *, early: bool) -> None:
    """One question and its answer, streamed in pieces."""
    conversation = Conversation(title="kept")
    database.call_sync(conversations.save_conversation, conversation)
    question = Message(
        conversation.id, Role.USER, (TextPart(" ".join(numbers.choices(WORDS, k=9))),)
    )
    database.call_sync(messages.save_message, question)
    say("message", question.id, question.status.value, sha(question.text))
    answer = Message(
        conversation.id, Role.ASSISTANT, (), question.id, status=MessageStatus.STREAMING
    )
    database.call_sync(messages.save_message, answer)
    for _ in range(numbers.randrange(1, 12)):
        piece = " ".join(numbers.choices(WORDS, k=30))
        answer = replace(answer, parts=append_delta(answer.parts, piece, reasoning=False))
        database.call_sync(messages.save_partial, answer)
        say("partial", answer.id, len(answer.text))
    answer = replace(answer, status=MessageStatus.COMPLETE)
    keep(database, answer, early=early)


def main(folder: Path, seed: int, *, early: bool) -> None:
    numbers = random.Random(seed)
    database = Database.open(folder / "studio.db", backup_folder=folder / "backups")
    library = Library(database, folder / "pictures")
    attachments = Attachments(folder / "attachments")
    say("begun")
    while True:
        chat(database, numbers, early=early)
        if numbers.random() < 0.3:
            content = small_picture(numbers.randrange(10**6))
            say("attachment", attachments.keep(content, "image/png"))
            image = library.keep(content, ImageRequest("m", "猫", seed=numbers.randrange(99)))
            say("picture", image.id, image.sha256)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), early="early" in sys.argv)
