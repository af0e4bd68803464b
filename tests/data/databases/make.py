"""Writes a database of the newest schema and what it holds, to be stored for good.

Run once when a migration is added, from the root of the project:

    .venv/bin/python tests/data/databases/make.py

It writes `v<schema>.db` and `v<schema>.json` beside itself, and leaves stored ones alone.
"""

from __future__ import annotations

import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from studio.core import messages as core  # noqa: E402
from studio.core.errors import ErrorKind, StoredError  # noqa: E402
from studio.core.images import GeneratedImage, ImageJob, ImageRequest, JobStatus  # noqa: E402
from studio.core.models import Capability  # noqa: E402
from studio.storage import conversations, jobs, usage_log, library_rows, messages, remembered  # noqa: E402
from studio.storage.database import Database  # noqa: E402
from studio.storage.migrations import NEWEST  # noqa: E402
from tests.unit.storage.content import content_of  # noqa: E402

WORDS = "秋天 诗 写 一首 关于 the quick brown fox 猫 雨 🎈 café".split()
NUMBERS = random.Random(20261124)
START = 1_790_000_000.0


def fresh_id() -> str:
    return f"{NUMBERS.getrandbits(128):032x}"


def text(count: int) -> str:
    return " ".join(NUMBERS.choices(WORDS, k=count))


def talk(database: Database, number: int) -> None:
    conversation = core.Conversation(
        id=fresh_id(),
        kind=Capability.VISION if number % 5 == 0 else Capability.CHAT,
        title=text(4),
        model="Qwen/Qwen3-32B",
        protocol=core.ChatProtocol.ANTHROPIC if number % 7 == 0 else core.ChatProtocol.OPENAI,
        system_prompt="Be brief." if number % 3 else "",
        parameters=core.Parameters(0.5, None, 100, True, ("END",)) if number % 2 else core.Parameters(),
        pinned=number % 11 == 0,
        created_at=START + number,
        updated_at=START + number,
    )
    database.call_sync(conversations.save_conversation, conversation)
    known: list[core.Message] = []
    for place in range(10):
        parent = NUMBERS.choice(known[-3:]) if known else None
        parts: tuple[core.Part, ...] = (core.TextPart(text(20)),)
        if place % 2:
            parts = (core.ReasoningPart(text(10), 1.5, "sig"), *parts)
        elif number % 5 == 0 and place == 0:
            parts = (core.ImagePart("ab" * 32, "image/png", 64, 48, 999, "猫.png"), *parts)
        message = core.Message(
            conversation_id=conversation.id,
            role=core.Role.ASSISTANT if place % 2 else core.Role.USER,
            parts=parts,
            parent_id=parent.id if parent else None,
            model="Qwen/Qwen3-32B" if place % 2 else "",
            finish_reason="stop" if place % 2 else "",
            usage=core.Usage(12, 34) if place % 2 else core.Usage(),
            timing=core.Timing(0.5, 2.25) if place % 2 else core.Timing(),
            created_at=START + number + place / 10,
            id=fresh_id(),
        )
        if place == 9 and number % 4 == 0:
            error = StoredError(ErrorKind.CUT_SHORT, "detail", "r-1", {"host": "h"})
            message = replace(message, status=core.MessageStatus.INTERRUPTED, error=error)
        database.call_sync(messages.save_message, message)
        known.append(message)


def everything_else(database: Database) -> None:
    for number in range(20):
        request = ImageRequest(
            "Qwen/Qwen-Image", text(8), "", (512, 512), number, 30, 4.5, id=fresh_id()
        )
        image = GeneratedImage(
            request, f"{number}.png", "cd" * 32, 512, 512, 1000, 3.5, number % 2 == 0, START, fresh_id()
        )
        database.call_sync(library_rows.add_picture, image)
        if number % 6 == 0:
            database.call_sync(library_rows.set_favourite, image.id, favourite=True)
        job = ImageJob(request, "https://h", JobStatus.PENDING, f"t-{number}", created_at=START)
        database.call_sync(jobs.save_job, job)
    database.call_sync(usage_log.record, "https://h", "m", usage_log.Used(1, 2, 3, 4, 5), now=START)
    database.call_sync(remembered.save_draft, "chat", {"text": "half a 句"})
    database.call_sync(remembered.save_catalogue, "models", [{"id": "m"}], now=START)


def main() -> None:
    target = Path(__file__).with_name(f"v{NEWEST}.db")
    if target.exists():
        sys.exit(f"{target.name} is stored already")
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "studio.db")
        for number in range(100):
            talk(database, number)
        everything_else(database)
        content = database.call_sync(content_of)
        database.call_sync(lambda connection: connection.execute("VACUUM").get)
        database.close()
        target.write_bytes((Path(folder) / "studio.db").read_bytes())
    target.with_suffix(".json").write_text(content + "\n", encoding="ascii")
    print(target)


if __name__ == "__main__":
    main()
