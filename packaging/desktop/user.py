"""What a person does with the studio, step by step, by what is on the screen."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.waiting import wait_until

if TYPE_CHECKING:
    from desktop.control import Control, Glance
    from desktop.desktop import Desktop
    from desktop.program import Program

CATALOGUES = Path(__file__).resolve().parents[2] / "resources" / "i18n"
EDGE = 6  # so far from the corner of the conversation there is nothing to hit


def words_of(language: str) -> dict[str, str]:
    """The words of the window in another language, by the English ones."""
    path = CATALOGUES / f"studio_{language}.ts"
    if not path.exists():
        return {}
    # Our own file, so that nothing in it is an attack.
    messages = ET.parse(path).iter("message")
    return {
        message.findtext("source", ""): message.findtext("translation", "")
        for message in messages
        if message.findtext("translation", "").strip()
    }


class User:
    """Someone at the desktop, in front of one running studio."""

    def __init__(self, desktop: Desktop, studio: Program, language: str = "en") -> None:
        self.desktop, self.studio = desktop, studio
        self._words = words_of(language)

    def word(self, english: str) -> str:
        """What the window says for `english`."""
        return self._words.get(english, english)

    # Anywhere.

    def go(self, tab: str) -> None:
        """Go to a tab by its English name, with the mouse."""
        name = self.word(tab)
        self.studio.click("check box", name)
        self.studio.wait(
            lambda glance: any("checked" in each.states for each in glance.find("check box", name)),
            f"the tab {name!r}",
        )

    def run(self, command: str) -> None:
        """Find a command in the palette by its English name, and run it."""
        name, studio = self.word(command), self.studio
        studio.wait_front()  # what is typed before goes nowhere
        studio.keys("ctrl+k")
        studio.find("list", self.word("Found"))
        studio.type(name)

        def chosen(glance: Glance) -> bool:
            return any("selected" in each.states for each in glance.find("list item", name))

        studio.wait(chosen, f"{name!r} chosen")
        studio.keys("Return")

    def wait_demo(self) -> None:
        """Return once the service in a box answers."""
        self.studio.find("push button", self.word("Demo"))

    # Conversations.

    def ask(self, question: str) -> None:
        """Write a question and send it with Enter; returns once it has left the field."""
        field = self.word("Message")
        if question.isascii():
            self.studio.write(field, question)
        else:
            self.studio.paste(field, question)
        self.studio.keys("Return")
        self.studio.wait(
            lambda glance: not any(each.text for each in glance.find("text", field)),
            "the question to be taken",
        )

    def wait_answered(self, within: float = 40.0) -> None:
        """Return once the answer has ended."""
        # Shown only while an answer is under way; the field is empty, so nothing can be sent.
        self.studio.wait_gone("push button", self.word("Stop"), within=within)

    def wait_answer(self, within: float = 40.0) -> str:
        """What the conversation says once the answer has ended."""
        self.wait_answered(within)
        return self.read()

    def wait_said(self, part: str, within: float = 20.0) -> str:
        """What the conversation says once `part` is among it."""

        def said() -> str | None:
            text = self.read()
            return text if part in text else None

        return wait_until(said, f"{part!r} in the conversation", within, self.read)

    def wait_streaming(self, length: int = 300, within: float = 20.0) -> str:
        """What the conversation says once it has grown to `length` and the answer still comes."""

        def long_enough() -> str | None:
            text = self.read()
            return text if len(text) >= length else None

        text = wait_until(long_enough, "an answer on its way", within, self.read)
        self.studio.find("push button", self.word("Stop"), within=0)
        return text

    def read(self) -> str:
        """All of the conversation, as it is copied; "" when it is empty."""
        found = self.studio.look().find("list", self.word("Conversation"))
        if not found:
            return ""
        x, y, _, height = found[0].box
        edge = (x + EDGE, y + height - EDGE)
        self.desktop.hands.copy(b"nothing yet")
        self.desktop.hands.click(*edge)
        self.studio.keys("ctrl+a", "ctrl+c")
        copied: list[bytes] = []

        def arrived() -> bool:
            copied[:] = [self.desktop.hands.copied()]
            return copied[0] != b"nothing yet"

        wait_until(arrived, "the conversation on the clipboard")
        self.desktop.hands.click(*edge)  # nothing is selected any more
        self.studio.keys("ctrl+l")
        return copied[0].decode()

    # Pictures.

    def drop(self, path: Path) -> None:
        """Drag a file from the window of another program onto the studio, and let go."""
        source = self.desktop.start_drag_source(path)
        try:
            start = source.settled(name="Drag me")

            def taken() -> bool:
                return source.said.rstrip().endswith("over: CopyAction")

            self.desktop.hands.drag(start.centre, self.target().centre, taken)
            wait_until(
                lambda: "dropped: CopyAction" in source.said,
                "the drop",
                instead=lambda: source.said,
            )
        finally:
            source.end()

    def target(self) -> Control:
        """What a picture is dropped on."""
        glance = self.studio.look()
        for name in ("Conversation", "Drop a picture here"):
            if found := glance.find("filler", self.word(name)):
                return found[0]
        return self.studio.find("text", self.word("Message"))

    def order(self, prompt: str) -> None:
        """Describe a picture and have it made."""
        field = self.word("Prompt")
        if prompt.isascii():
            self.studio.write(field, prompt)
        else:
            self.studio.paste(field, prompt)
        self.studio.click("push button", self.word("Generate"))

    def wait_picture(self, prompt: str, within: float = 30.0) -> None:
        """Return once the picture of this prompt is shown."""
        self.studio.find(
            name=self.word("Picture: {prompt}").replace("{prompt}", prompt), within=within
        )
