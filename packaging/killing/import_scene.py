"""A file is taken in and the program is killed: all of it is there, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zipfile import ZipFile

import apsw

from killing.acks import Acknowledged
from killing.check import Verdict, opened
from killing.rooms import Rooms, small_picture
from killing.scenes import Scene
from studio.core.images import GeneratedImage, ImageRequest
from studio.core.messages import Conversation, ImagePart, Message, Role, TextPart
from studio.core.transfer.json_format import (
    Exported,
    ExportedPicture,
    conversation_to_plain,
    picture_to_plain,
)
from studio.core.transfer.values import line
from studio.storage.db import connection as sqlite


class ImportScene(Scene):
    """A file is taken in while somebody chats: all of it is there, or nothing."""

    phase = "import"
    seconds = (0.2, 0.4)
    CONVERSATIONS, MESSAGES, PICTURES = 50, 10, 4

    def set_up(self, kill: int) -> None:
        folder = self.folder_of(kill)
        folder.mkdir(parents=True, exist_ok=True)
        self._write(folder / "import.zip", kill)

    def look(self, kill: int, acks: Acknowledged, verdict: Verdict, *, thorough: bool) -> int:
        found = super().look(kill, acks, verdict, thorough=thorough)
        rooms = Rooms(self.folder_of(kill))
        try:
            if opened(rooms, verdict) is None:
                return found
            came = rooms.database.call_sync(_count, f"{kill:08d}")
        finally:
            rooms.close()
        whole = (self.CONVERSATIONS, self.CONVERSATIONS * self.MESSAGES, self.PICTURES)
        if came not in (whole, (0, 0, 0)):
            verdict.corrupt.append(f"a part of an import: {came}")
        if acks.imports and came != whole:
            verdict.lost.append("an acknowledged import")
        return found

    def _write(self, path: Path, kill: int) -> None:
        """An export that nobody has imported before, with ids that begin with the kill."""
        talks, pictures = [], {}
        for number in range(self.CONVERSATIONS):
            identity = f"{kill:08d}{number:024x}"
            said: list[Message] = []
            for place in range(self.MESSAGES):
                parts: tuple[TextPart | ImagePart, ...] = (
                    TextPart(f"诗 {place} of {number} " * 9),
                )
                if place == 0 and number < self.PICTURES:
                    content = small_picture(kill * 100 + number)
                    digest = hashlib.sha256(content).hexdigest()
                    pictures[f"pictures/{digest}.png"] = content
                    parts = (ImagePart(digest, "image/png", 40, 30, len(content)), *parts)
                role = Role.ASSISTANT if place % 2 else Role.USER
                parent = said[-1].id if said else None
                message_id = f"{kill:08d}{number:012x}{place:012x}"
                said.append(Message(identity, role, parts, parent, id=message_id))
            talk = Conversation(title=f"taken in {number}", id=identity, head_id=said[-1].id)
            talks.append(line(conversation_to_plain(Exported(talk, tuple(said)))))
        rows = []
        for number in range(self.PICTURES):
            content = small_picture(kill * 100 + 50 + number)
            digest = hashlib.sha256(content).hexdigest()
            pictures[f"library/{digest}.png"] = content
            request = ImageRequest("m", f"猫 {number}")
            identity = f"{kill:08d}{number:024x}"
            image = GeneratedImage(
                request, f"{kill}-{number}.png", digest, 40, 30, len(content), id=identity
            )
            rows.append(line(picture_to_plain(ExportedPicture(image))))
        with ZipFile(path, "w") as archive:
            archive.writestr("moda-studio.json", '{"format":"moda-studio","version":1}')
            archive.writestr("conversations.jsonl", "\n".join(talks))
            archive.writestr("library.jsonl", "\n".join(rows))
            for name, content in pictures.items():
                archive.writestr(name, content)


def _count(connection: apsw.Connection, prefix: str) -> tuple[int, int, int]:
    conversation, message, picture = (
        sqlite.number(connection, f"SELECT count(*) FROM {table} WHERE id GLOB ?", (f"{prefix}*",))
        for table in ("conversations", "messages", "pictures")
    )
    return conversation, message, picture
