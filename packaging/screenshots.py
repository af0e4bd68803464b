#!/usr/bin/env python3
"""Pictures of the main screens: the real program on a virtual screen, with the service in a box.

Written as SCREEN-THEME-LANGUAGE-SCALE.png, in every combination; `--only dark-zh_CN` limits them
to those with that in their names, and `--readme` writes the ones that the README shows anew.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import psutil
from desktop import Desktop, DesktopError, Program, User, missing_tools, wait_until
from environment import say
from PIL import Image
from tour import SAMPLES, SCRIPTS

README = Path(__file__).resolve().parent / "screenshots"
README_SHOWS = (
    "welcome-light-en-1x",
    "chat-dark-zh_CN-1x",
    "chat-light-en-1x",
    "vision-dark-en-1x",
    "images-light-zh_CN-1x",
)
README_BYTES = 300_000
SCREEN = (1600, 1000)
TOKENS_PER_SECOND = 400
FAULT = "cut_clean:60"


@dataclass(frozen=True)
class Look:
    """One combination of what the pictures show the program in."""

    theme: str
    language: str
    scale: int

    def name(self, screen: str) -> str:
        """The name of a picture, without its ending."""
        return f"{screen}-{self.theme}-{self.language}-{self.scale}x"


LOOKS = [Look(*each) for each in product(("light", "dark"), ("en", "zh_CN"), (1, 2))]
SCREENS = ("welcome", "chat", "vision", "images", "error")


class Photographer:
    """Takes the pictures of one look, in one run of the program."""

    def __init__(self, desktop: Desktop, look: Look, out: Path) -> None:
        self._desktop, self._look, self._out = desktop, look, out
        data = desktop.home / "studio"
        data.mkdir()
        wanted = {"language": look.language, "appearance": look.theme}
        (data / "settings.json").write_text(json.dumps(wanted), encoding="utf-8")
        self._studio = desktop.start_program("--data-dir", str(data), scale=look.scale)
        self._user = User(desktop, self._studio, look.language)

    def take_all(self) -> Iterator[Path]:
        """Go through the screens and take each."""
        user, studio, script = self._user, self._studio, SCRIPTS[self._look.language]
        studio.find("panel", user.word("Welcome to Moda Studio"))
        yield self._take("welcome")

        studio.click("push button", user.word("Try it offline"))
        user.wait_demo()
        box = Box(studio)
        box.tell("settings", {"tokens_per_second": TOKENS_PER_SECOND})
        user.ask(script.chat)
        user.wait_answered()
        yield self._take("chat")

        user.go("Vision")
        user.drop(SAMPLES / "harbour.jpg")
        studio.find(part="harbour.jpg")
        user.ask(script.vision)
        user.wait_answered()
        yield self._take("vision")

        user.go("Images")
        user.order(script.prompt)
        user.wait_picture(script.prompt)
        yield self._take("images")

        user.go("Chat")
        studio.keys("ctrl+n")
        box.tell("scenario", {"name": FAULT, "for": "chat", "times": 1})
        user.ask(script.chat)
        user.wait_answered()
        yield self._take("error")

        studio.close()
        if (code := studio.wait_end()) != 0:
            raise DesktopError(f"the program ended with {code}: {studio.said}")

    def _take(self, screen: str) -> Path:
        """A picture of the window once two looks at it, one after another, are the same."""
        path = self._out / f"{self._look.name(screen)}.png"
        self._desktop.hands.move(1, 1)  # nothing is hovered
        last: list[bytes] = []

        def still() -> bool:
            with Image.open(self._studio.picture(path)) as image:
                now = image.convert("RGB").tobytes()
            same = bool(last) and last[0] == now
            last[:] = [now]
            return same

        wait_until(still, f"a picture of {screen} that keeps still", 20)
        with Image.open(path) as image:
            image.convert("RGB").save(path, optimize=True)
        return path


class Box:
    """The box that a program has started for itself."""

    def __init__(self, studio: Program) -> None:
        def port() -> int | None:
            for child in psutil.Process(studio.pid).children(recursive=True):
                for socket in child.net_connections("inet"):
                    if socket.status == psutil.CONN_LISTEN:
                        return int(socket.laddr.port)
            return None

        self._origin = f"http://127.0.0.1:{wait_until(port, 'the box of the program')}"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def tell(self, what: str, wish: object) -> None:
        """Tell it how to behave from now on."""
        body = json.dumps(wish).encode()
        self._opener.open(f"{self._origin}/_box/{what}", body, timeout=10).close()


def for_readme(path: Path) -> Path:
    """A copy of a picture for the README, in the folder of those; fewer colours if it must be."""
    README.mkdir(exist_ok=True)
    small = path.read_bytes()
    with Image.open(path) as image:
        flat = image.convert("RGB")
    for colours in (256, 128, 64, 32):
        if len(small) < README_BYTES:
            break
        written = io.BytesIO()
        flat.quantize(colours).save(written, "PNG", optimize=True)
        small = written.getvalue()
    target = README / path.name
    target.write_bytes(small)
    return target


def main(arguments: list[str]) -> int:
    """Take the pictures and print their paths; 1 and a sentence when something fails."""
    parser = argparse.ArgumentParser(prog="screenshots.py", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", default="", metavar="PART", help="only looks with this in them")
    parser.add_argument("--readme", action="store_true", help="also those that the README shows")
    given = parser.parse_args(arguments)
    out: Path = given.out.resolve()
    lacking = missing_tools()
    if lacking:
        say(f"The screenshots need these packages of the system: {' '.join(lacking)}")
        return 1
    out.mkdir(parents=True, exist_ok=True)
    for look in LOOKS:
        if given.only not in look.name(""):
            continue
        width, height = SCREEN
        try:
            with Desktop(size=(width * look.scale, height * look.scale), patience=40) as desktop:
                for path in Photographer(desktop, look, out).take_all():
                    print(path, flush=True)
                    if given.readme and path.stem in README_SHOWS:
                        print(for_readme(path), flush=True)
        except DesktopError as error:
            say(f"{look.name('?')} could not be taken: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
