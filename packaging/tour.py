#!/usr/bin/env python3
"""The tour: the real program on a virtual screen, used by real clicks and keys, and its pictures.

It runs with the service in a box: it chats, asks about a picture that it drops from another
window, has a picture made, and says where the screenshots and the saved picture are.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from desktop import Desktop, DesktopError, User, missing_tools
from environment import say

SAMPLES = Path(__file__).resolve().parent.parent / "resources" / "demo" / "samples"
ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class Script:
    """What is asked on the tour."""

    chat: str
    vision: str
    prompt: str


SCRIPTS = {
    "en": Script(
        "Explain quicksort with one example and what it costs",
        "What do you see here, and how large is it?",
        "A sailing boat on a calm violet sea at dusk, birds",
    ),
    "zh_CN": Script(
        "用一个例子讲讲快速排序，代价是多少",
        "这里有什么？图片多大？",
        "黄昏的紫色海面，一艘帆船，几只海鸥",
    ),
}


def play(out: Path, language: str) -> list[Path]:
    """Play the tour; returns the screenshots and, as the last, the picture that was made."""
    script = SCRIPTS[language]
    out.mkdir(parents=True, exist_ok=True)
    shown: list[Path] = []
    with Desktop(language=language if language != "en" else "en_US", patience=40) as desktop:
        data = desktop.home / "studio"
        studio = desktop.start_program("--demo", "--data-dir", str(data))
        user = User(desktop, studio, language)
        user.wait_demo()

        say("Asking a model ...")
        user.ask(script.chat)
        user.wait_answered(ANSWER_SECONDS)
        shown.append(studio.picture(out / "1-chat.png"))

        say("Dropping a picture and asking about it ...")
        user.go("Vision")
        user.drop(SAMPLES / "harbour.jpg")
        studio.find(part="harbour.jpg")
        user.ask(script.vision)
        user.wait_answered(ANSWER_SECONDS)
        shown.append(studio.picture(out / "2-vision.png"))

        say("Having a picture made ...")
        user.go("Images")
        user.order(script.prompt)
        user.wait_picture(script.prompt, ANSWER_SECONDS)
        shown.append(studio.picture(out / "3-images.png"))

        (made,) = (data / "pictures").rglob("*.png")
        shown.append(Path(shutil.copy2(made, out)))
        studio.close()
        if (code := studio.wait_end()) != 0:
            raise DesktopError(f"the program ended with {code}: {studio.said}")
    return shown


def main(arguments: list[str]) -> int:
    """Play the tour and print the paths; 1 and a sentence when something fails."""
    parser = argparse.ArgumentParser(prog="tour.py", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    out: Path = parser.parse_args(arguments).out.resolve()
    lacking = missing_tools()
    if lacking:
        say(f"The tour needs these packages of the system: {' '.join(lacking)}")
        return 1
    chinese = os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("zh")
    try:
        shown = play(out, "zh_CN" if chinese else "en")
    except DesktopError as error:
        say(f"The tour did not come to its end: {error}")
        return 1
    say("That was the tour. The program, at work:")
    for path in shown[:-1]:
        print(path)
    say("The picture that was made, with its settings inside:")
    print(shown[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
