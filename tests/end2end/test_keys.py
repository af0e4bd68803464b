"""From the first start to an answer, a picture asked about and a picture made, by keys alone."""

from __future__ import annotations

from pathlib import Path

from desktop import Desktop, Glance, NotSeenError, Program, User, wait_until
from PIL import Image

from tests.end2end.parts import Start

Stop = tuple[str, str]

WELCOME: list[Stop] = [
    ("text", "Access token"),
    ("check box", "Show the token"),
    ("push button", "Check"),
    ("button menu", "Change where the token is kept"),
    ("push button", "Try it offline"),
    ("button menu", "Language"),
    ("radio button", "modelscope.cn"),
    ("push button", "Open my token page"),
]
CHAT: list[Stop] = [
    ("text", "Message"),
    ("push button", "Write a letter"),
    ("push button", "Explain something"),
    ("push button", "Change some code"),
    ("push button", "Sort my notes"),
    ("push button", "Import from ChatGPT and others"),
    ("push button", "New conversation"),
    ("text", "Search all conversations"),
    ("check box", "Filter, folders and trash"),
    ("push button", "Model"),
    ("push button", "Interface"),
    ("check box", "Parameters"),
    ("push button", "More"),
    ("text", "System prompt"),
]
VISION: list[Stop] = [
    ("text", "Message"),
    ("push button", "Browse files…"),
    ("push button", "Paste"),
    ("push button", "Picture address"),
    ("push button", "New question"),
    ("text", "Search all questions"),
    ("check box", "Filter, folders and trash"),
]
IMAGES: list[Stop] = [
    ("text", "Prompt"),
    ("check box", "Negative prompt"),
    ("check box", "1"),
    ("text", "Width in pixels"),
    ("push button", "Swap width and height"),
    ("text", "Height in pixels"),
    ("text", "Seed"),
    ("push button", "Draw a new seed"),
    ("check box", "Keep this seed for the next picture"),
    ("text", "Steps"),
    ("slider", "Steps"),
    ("text", "Guidance"),
    ("slider", "Guidance"),
    ("push button", "Generate"),
]
ROLES = {"text", "push button", "check box", "button menu", "radio button", "slider", "list"}


def focus_of(glance: Glance) -> Stop | None:
    """Where the keyboard is, by role and the beginning of the name."""
    found = [each for each in glance.controls if "focused" in each.states and each.role in ROLES]
    return (found[0].role, found[0].name.partition(":")[0]) if found else None


def at(studio: Program, wanted: Stop) -> None:
    """Return once the keyboard is there."""
    seen: list[Stop | None] = [None]

    def there(glance: Glance) -> bool:
        seen[0] = focus_of(glance)
        return seen[0] == wanted

    try:
        studio.wait(there, f"the keyboard at {wanted}")
    except NotSeenError as error:
        raise AssertionError(f"the keyboard is at {seen[0]} and not at {wanted}") from error


def walk(studio: Program, stops: list[Stop]) -> None:
    """Tab goes through the stops in order, and Shift+Tab the same way back."""
    at(studio, stops[0])
    for stop in stops[1:]:
        studio.keys("Tab")
        at(studio, stop)
    for stop in reversed(stops[:-1]):
        studio.keys("shift+Tab")
        at(studio, stop)


def test_an_answer_a_picture_asked_about_and_a_picture_made_by_keys_alone(
    desktop: Desktop, start: Start, data: Path
) -> None:
    desktop.home.joinpath("cats").mkdir()
    photo = desktop.home / "cats" / "cat.png"
    Image.new("RGB", (320, 200), (180, 40, 30)).save(photo)
    studio = start("--data-dir", str(data))
    user = User(desktop, studio)
    studio.find("panel", "Welcome to Moda Studio")
    walk(studio, WELCOME)
    for _ in range(4):
        studio.keys("Tab")
    at(studio, ("push button", "Try it offline"))
    studio.keys("space")
    user.wait_demo()

    # An answer, and its messages.
    walk(studio, CHAT)
    studio.type("What is 12*34?")
    studio.keys("Return")
    studio.find("list item", part="408", within=40)
    user.wait_answered()
    at(studio, ("text", "Message"))
    studio.keys("Tab")
    at(studio, ("list", "Conversation"))
    studio.keys("k")
    studio.wait(
        lambda glance: any(
            "focused" in each.states for each in glance.find("list item", part="You: What is")
        ),
        "the question to have the keyboard",
    )
    studio.keys("ctrl+l")
    at(studio, ("text", "Message"))

    # A picture, chosen in the dialog of files.
    studio.keys("ctrl+2")
    walk(studio, VISION)
    studio.keys("ctrl+o")
    studio.wait(lambda glance: bool(glance.find("dialog") or glance.find("file chooser")), "files")
    studio.type(str(photo))
    studio.keys("Return")
    studio.find("panel", part="Will be sent")
    at(studio, ("text", "Message"))
    studio.type("How large is it?")
    studio.keys("Return")
    studio.find("list item", part="320 × 200", within=40)
    user.wait_answered()

    # A picture made.
    studio.keys("ctrl+3")
    walk(studio, IMAGES)
    studio.type("A lighthouse")
    studio.keys("ctrl+Return")
    user.wait_picture("A lighthouse")
    wait_until(lambda: list((data / "pictures").rglob("*.png")), "the picture on disk", 20)
