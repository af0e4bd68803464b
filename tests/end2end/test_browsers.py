"""Pictures from real browsers in a real window: dragged and pasted, each attached once.

Runs only where it is asked for with --browsers. What the browsers put on a drag is kept in
tests/data/drags.json for the tests that need no browser.
"""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from desktop import Control, Desktop, DesktopError, User, wait_until
from desktop.browsers import BROWSERS, Browser, place_window
from PIL import Image, ImageChops

from tests.end2end.parts import Use

pytestmark = pytest.mark.browsers

# Each picture is of one colour, by which it is found on the page and known again where it is
# attached.
COLOURS = {
    "plain": (200, 30, 40),
    "link": (30, 160, 60),
    "data": (40, 60, 210),
    "blob": (220, 160, 20),
    "photo": (120, 70, 30),
    "between": (150, 40, 170),
    "selected": (90, 10, 140),
    "canvas": (11, 120, 200),
    "local": (230, 110, 170),
}
BUTTONS = {"select": (90, 90, 1), "write": (1, 100, 90)}
NEAR = 6  # so far may a colour be off after JPEG and a thumbnail
LEAST = 150  # pixels of a colour that are more than an accident
TITLE, LOCAL_TITLE = "A page with pictures", "A page of this computer"
WORDS = "Words before and words after"
PAGE_BOX, STUDIO_BOX = (0, 0, 720, 860), (740, 0, 1140, 960)

PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body{{margin:8px;font:20px sans-serif}}img,canvas{{margin:6px;width:120px;height:80px}}
button{{width:80px;height:40px;border:0}}</style>
<div><img src="/plain.png" alt="A plain one"><a href="/page"><img src="/link.png"></a>
<img src="{data}"><img id="blob"></div>
<div><img src="/photo.jpg"><span id="only"><img src="/selected.png"></span>
<canvas id="canvas" width="240" height="160"></canvas></div>
<p>Words before <img src="/between.png"> and words after</p>
<p><button id="select"></button><button id="write"></button></p>
<script>
const at = id => document.getElementById(id);
fetch("/blob.png").then(a => a.blob()).then(b => at("blob").src = URL.createObjectURL(b));
const pen = at("canvas").getContext("2d");
pen.fillStyle = "rgb{canvas}"; pen.fillRect(0, 0, 240, 160);
at("select").style.background = "rgb{select}"; at("write").style.background = "rgb{write}";
at("select").onclick = () => {{
  const range = document.createRange(), chosen = getSelection();
  range.selectNodeContents(at("only"));
  chosen.removeAllRanges(); chosen.addRange(range);
}};
at("write").onclick = () => at("canvas").toBlob(
  blob => navigator.clipboard.write([new ClipboardItem({{"image/png": blob}})]));
</script>"""


def picture(name: str, kind: str = "PNG") -> bytes:
    """The picture of this name."""
    target = io.BytesIO()
    Image.new("RGB", (240, 160), COLOURS[name]).save(target, kind, quality=95)
    return target.getvalue()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a page with pictures."""
    data = "data:image/png;base64," + base64.b64encode(picture("data")).decode()
    page = PAGE.format(title=TITLE, data=data, canvas=COLOURS["canvas"], **BUTTONS).encode()

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = Path(self.path).stem
            kind, content = "text/html; charset=utf-8", page
            if name in COLOURS:
                kind = "image/jpeg" if self.path.endswith(".jpg") else "image/png"
                content = picture(name, kind.rpartition("/")[2].upper())
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def desktop(_tools: None) -> Iterator[Desktop]:
    """A desktop with room for two windows side by side."""
    with Desktop(size=(1900, 1000)) as made:
        yield made
    assert made.started.left() == []


class Page:
    """A page in a real browser, and what a hand does on it."""

    def __init__(self, desktop: Desktop, browser: Browser, site: str) -> None:
        self._desktop, self._hands = desktop, desktop.hands
        self.browser = browser
        browser.open(site)

    def show(self) -> None:
        """Bring it to its place; returns once all of it is there and stands still."""
        self.browser.place(TITLE, PAGE_BOX)
        self._hands.click(PAGE_BOX[2] - 40, PAGE_BOX[3] - 40)  # nothing is selected any more
        wait_until(self._still, "a page that stands still", 30, lambda: self.browser.said)

    def show_local(self) -> None:
        """Show a page of this computer over the other one."""
        self._desktop.home.joinpath("a local one.png").write_bytes(picture("local"))
        page = self._desktop.home / "page.html"
        page.write_text(
            f"<title>{LOCAL_TITLE}</title><img src='a%20local%20one.png'>", encoding="utf-8"
        )
        self.browser.open(page.as_uri())
        self.browser.place(LOCAL_TITLE, PAGE_BOX)
        wait_until(lambda: self._has("local") and self._still(), "the local picture", 30)

    def box(self, name: str) -> tuple[int, int, int, int]:
        """Where a picture or button is on the screen."""
        found = coloured(self._look(), (COLOURS | BUTTONS)[name])
        assert found is not None, name
        return found

    def centre(self, name: str) -> tuple[int, int]:
        """The middle of a picture or button."""
        left, top, right, bottom = self.box(name)
        return (left + right) // 2, (top + bottom) // 2

    def _has(self, name: str) -> bool:
        return coloured(self._look(), COLOURS[name]) is not None

    def _still(self) -> bool:
        if not (self._has("blob") or self._has("local")):
            return False
        before = self._look()
        time.sleep(0.3)
        return self._look() == before

    def copy_image(self, name: str) -> None:
        """Copy a picture by its menu."""
        at = self.centre(name)

        def choose() -> None:
            before = self._look()
            self._hands.click(*at, button=3)
            wait_until(lambda: self._look() != before, "the menu")
            self._hands.keys(self.browser.copy_image_key)

        self._copy(choose)

    def copy_selected_image(self) -> None:
        """Select nothing but a picture, and copy it by the keyboard."""
        self._hands.click(*self.centre("select"))
        self._copy(lambda: self._hands.keys("ctrl+c"), "text/html")

    def write_image(self) -> None:
        """Let the page itself copy a picture."""
        self._copy(lambda: self._hands.click(*self.centre("write")))

    def select_words(self) -> tuple[int, int]:
        """Select the words with a picture between them; returns a point on them."""
        left, _, _, bottom = self.box("between")
        at = left - 60, bottom - 4
        self._hands.click(*at, times=3)
        return at

    def copy_words(self) -> None:
        """Copy what is selected."""
        self._copy(lambda: self._hands.keys("ctrl+c"), "text/plain")

    def _copy(self, choose: Callable[[], None], kind: str = "image/png") -> None:
        self._hands.copy(b"nothing yet")

        def copied() -> bool:
            return self._hands.copied() != b"nothing yet" and bool(self._hands.copied(kind))

        for again in (True, True, False):
            choose()
            try:
                wait_until(copied, f"{kind} on the clipboard", 3)
            except DesktopError:
                # A menu that was not there yet does not hear its key.
                if not again:
                    raise
                self._hands.keys("Escape")
            else:
                return

    def _look(self) -> Image.Image:
        return beside(self._desktop)


def beside(desktop: Desktop) -> Image.Image:
    """What is seen beside the studio."""
    with Image.open(desktop.picture(desktop.folder / "page.bmp")) as screen:
        return screen.convert("RGB").crop((0, 0, PAGE_BOX[2], PAGE_BOX[3]))


def coloured(image: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int, int, int] | None:
    """Where a colour is in an image, if it is there at all."""
    plain = Image.new("RGB", image.size, colour)
    bands = ImageChops.difference(image, plain).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    here = most.point([255 if off <= NEAR else 0 for off in range(256)])
    return here.getbbox() if here.histogram()[255] >= LEAST else None


class Attached:
    """The pictures that the composer shows, by the names of their colours."""

    def __init__(self, user: User) -> None:
        self._user = user

    def any(self) -> bool:
        """Whether there is one."""
        return bool(self._cards())

    def _cards(self) -> list[Control]:
        return self._user.studio.look().find("panel", part="Will be sent")

    def now(self) -> list[str]:
        """All of them, from the first to the last."""
        cards = self._cards()
        with Image.open(
            self._user.studio.screen(self._user.desktop.folder / "studio.bmp")
        ) as screen:
            image = screen.convert("RGB")
        return [self._name(image, card.box) for card in cards]

    def take_away(self, name: str) -> None:
        """Remove the picture `name`, once it is attached and nothing else is."""
        wait_until(
            lambda: self.now() == [name],
            f"attached: {name}",
            instead=lambda: f"attached are {self.now()}\n{self._user.studio.look()}",
        )
        remove = self._user.studio.find("push button", "Remove this picture")
        self._user.desktop.hands.click(*remove.centre)
        self._user.studio.wait_gone("push button", "Remove this picture")

    @staticmethod
    def _name(image: Image.Image, box: tuple[int, int, int, int]) -> str:
        x, y, width, height = box
        card = image.crop((x, y, x + width, y + height))
        return next((name for name in COLOURS if coloured(card, COLOURS[name])), "not seen")


@pytest.fixture(scope="module", params=BROWSERS, ids=lambda browser: browser.program)
def page(desktop: Desktop, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page in each browser."""
    if request.param.missing():
        pytest.fail(f"This package is missing: {request.param.program}")
    browser = request.param(desktop)
    try:
        yield Page(desktop, browser, site)
    finally:
        browser.end()


@pytest.fixture
def user(use: Use, data: Path, desktop: Desktop) -> User:
    """Someone at the Vision tab, with the window beside the browser's."""
    made = use(data)
    place = ",".join(map(str, (0, *STUDIO_BOX)))
    desktop.started.run("wmctrl", "-i", "-r", made.studio.window(), "-e", place)
    made.go("Vision")
    return made


def drag(
    user: User, start: tuple[int, int], end: tuple[int, int], came: Callable[[], bool]
) -> None:
    """Drag from the page and let go over the studio until it `came`.

    A browser says nothing of what the one below the pointer answers: letting go before the answer
    has come is no drop, and is done again.
    """
    for again in (True, True, False):
        user.desktop.hands.drag(start, end)
        try:
            wait_until(came, "what was dropped", 5)
        except DesktopError:
            if not again:
                raise
        else:
            return


def text_of(user: User) -> str:
    """The words in the message, whatever is between them."""
    return " ".join(user.studio.find("text", "Message").text.split())


def test_what_is_copied_in_a_browser_is_pasted_as_what_it_is(page: Page, user: User) -> None:
    page.show()
    attached = Attached(user)

    def paste() -> None:
        user.studio.focus("Message")
        user.studio.keys("ctrl+v")

    page.copy_image("plain")
    for tab in ("Chat", "Vision"):
        user.go(tab)
        paste()
        attached.take_away("plain")
    ways: dict[str, Callable[[], None]] = {
        "blob": lambda: page.copy_image("blob"),
        "selected": page.copy_selected_image,
        "canvas": page.write_image,
    }
    for name, copy in ways.items():
        copy()
        paste()
        attached.take_away(name)
    assert text_of(user) == ""
    # Words with a picture between them are words.
    page.select_words()
    page.copy_words()
    paste()
    wait_until(lambda: text_of(user) == WORDS, "the words that were copied")
    assert attached.now() == []


def test_what_is_dragged_from_a_browser_is_attached_once(page: Page, user: User) -> None:
    page.show()
    attached = Attached(user)
    at = page.select_words()
    drag(user, at, user.target().centre, lambda: text_of(user) == WORDS)
    user.studio.focus("Message")
    user.studio.keys("ctrl+a", "Delete")
    for number, name in enumerate(("plain", "link", "data", "blob", "photo", "local")):
        if name == "local":
            page.show_local()
        # Over the conversation, and over the field for words.
        field = user.studio.find("text", "Message")
        end = field.centre if number % 2 else user.target().centre
        drag(user, page.centre(name), end, attached.any)
        attached.take_away(name)
    assert attached.now() == []
    assert text_of(user) == ""


def test_files_of_a_file_manager_are_attached_by_paste_and_by_drag(
    desktop: Desktop, user: User
) -> None:
    folder = desktop.home / "Files to take"
    (folder / "a folder").mkdir(parents=True)
    (folder / "一 张.png").write_bytes(picture("plain"))
    (folder / "two.png").write_bytes(picture("link"))
    manager = desktop.started.start(["pcmanfm", "--no-desktop", str(folder)])
    place_window(desktop, "Files to take", PAGE_BOX)

    def thumbnail() -> tuple[int, int, int, int] | None:
        return coloured(beside(desktop), COLOURS["plain"])

    left, top, right, bottom = wait_until(thumbnail, "a thumbnail")
    at = (left + right) // 2, (top + bottom) // 2
    desktop.hands.click(*at)

    def copied() -> bool:
        # A key that comes too soon is lost.
        desktop.hands.keys("ctrl+a")
        desktop.hands.keys("ctrl+c")
        return desktop.hands.copied("text/uri-list").count(b"file://") == 3

    wait_until(copied, "three files on the clipboard")
    user.studio.focus("Message")
    user.studio.keys("ctrl+v")
    attached = Attached(user)
    user.studio.find("panel", part="a folder: This is a folder.")

    def both() -> bool:
        return sorted(attached.now()) == ["link", "plain"]

    wait_until(both, "both pictures by paste", instead=lambda: str(user.studio.look()))
    for _ in range(2):
        before = len(user.studio.look().find("push button", "Remove this picture"))
        user.studio.click("push button", "Remove this picture")
        user.studio.wait(
            lambda glance, left=before - 1: (  # type: ignore[misc]  # bound at once
                len(glance.find("push button", "Remove this picture")) == left
            ),
            "one picture less",
        )
    drag(user, at, user.target().centre, attached.any)
    wait_until(both, "both pictures by drag", instead=lambda: str(user.studio.look()))
    assert text_of(user) == ""
    desktop.started.end(manager)
