"""What a program says that it has kept: one line of JSON for each, after the store has said so."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

STANDARD_OUTPUT = 1


def say(kind: str, **what: Any) -> None:
    """Acknowledge something; the line is out when this returns, whole or not at all."""
    line = json.dumps({"kind": kind, **what}, ensure_ascii=True) + "\n"
    os.write(STANDARD_OUTPUT, line.encode("ascii"))


def sha(text: str) -> str:
    """The hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Acknowledged:
    """Everything that was acknowledged, the newest word on each thing."""

    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, bool] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    backups: list[dict[str, Any]] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    def take(self, lines: list[str]) -> None:
        """Take in what a program said; its last line may be cut."""
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            self.add(said)

    def add(self, said: dict[str, Any]) -> None:
        """Take in one acknowledgement."""
        self.count += 1
        match said["kind"]:
            case "message" | "partial":
                self.messages[said["id"]] = said
            case "title":
                self.titles[said["id"]] = said["title"]
            case "deleted":
                self.deleted[said["id"]] = said["deleted"]
            case "picture":
                self.pictures[said["id"]] = said["sha"]
            case "backup":
                self.backups.append(said)
            case "import":
                self.imports.append(said["number"])
            case _:
                self.others.append(said)

    def merge(self, later: Acknowledged) -> None:
        """Add what was said later."""
        self.messages.update(later.messages)
        self.titles.update(later.titles)
        self.deleted.update(later.deleted)
        self.pictures.update(later.pictures)
        self.backups += later.backups
        self.imports += later.imports
        self.others += later.others
        self.count += later.count
