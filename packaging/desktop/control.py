"""A control as a screen reader finds it, and all that a program shows at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its role, its words, its states and where it is in pixels of the screen."""

    role: str
    name: str
    description: str
    text: str
    value: float | None
    states: frozenset[str]
    box: tuple[int, int, int, int]
    depth: int

    @classmethod
    def of(cls, said: dict[str, Any], scale: float = 1) -> Control:
        """The control that a line of the eyes tells of, by a program drawn at a scale."""
        # The toolkit tells of places in its own pixels, whatever it is scaled by.
        x, y, width, height = (round(each * scale) for each in said["box"])
        return cls(
            said["role"],
            said["name"],
            said["description"],
            said.get("text", ""),
            said.get("value"),
            frozenset(said["states"]),
            (x, y, width, height),
            said["depth"],
        )

    @property
    def centre(self) -> tuple[int, int]:
        """The point to click at."""
        x, y, width, height = self.box
        return x + width // 2, y + height // 2

    @property
    def showing(self) -> bool:
        """Whether it is on the screen and has a size."""
        return "showing" in self.states and self.box[2] > 0 and self.box[3] > 0

    @property
    def enabled(self) -> bool:
        """Whether it can be used now."""
        return "enabled" in self.states or "sensitive" in self.states

    @property
    def takes_keys(self) -> bool:
        """Whether it is on the screen and the keyboard can be on it."""
        return self.showing and self.enabled and "focusable" in self.states

    @property
    def words(self) -> str:
        """All words it holds."""
        return "\n".join(word for word in (self.name, self.text, self.description) if word)

    def __str__(self) -> str:
        mark = "" if self.enabled else " (disabled)"
        text = f" = {self.text!r}" if self.text and self.text != self.name else ""
        return f"{self.role} {self.name!r}{text}{mark} {self.box}"


class Glance:
    """All controls that a program shows at one moment, parents before children."""

    def __init__(self, controls: Iterable[Control]) -> None:
        self.controls = list(controls)

    def find(self, role: str = "", name: str = "", *, part: str = "") -> list[Control]:
        """Showing controls with this role, exactly this name, and `part` among their words."""
        return [
            each
            for each in self.controls
            if each.showing
            and (not role or each.role == role)
            and (not name or each.name == name)
            and (not part or part in each.words)
        ]

    @property
    def words(self) -> str:
        """All words on the screen, one control after another."""
        return "\n".join(each.words for each in self.controls if each.showing and each.words)

    def __str__(self) -> str:
        said = [each for each in self.controls if each.showing and each.words]
        return "\n".join(map(str, said)) or "nothing"
