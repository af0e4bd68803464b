"""What browsers, file managers and office programs put on a drag, read as it is meant."""

from __future__ import annotations

import base64
import io
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QImage

from studio.ui.chat.picture_tray import PictureCard, Refusals
from studio.ui.widgets.picture_sources import means_pictures, sources_of
from tests.scripted import until
from tests.window_parts import Run, links, visible

PIXELS = QImage(40, 30, QImage.Format.Format_RGB32)
PIXELS.fill(QColor("teal"))


def png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(target, "PNG")
    return target.getvalue()


DATA = "data:image/png;base64," + base64.b64encode(png()).decode()


def mime(
    *, uris: str | bytes = "", html: str = "", text: str = "", pixels: bool = False
) -> QMimeData:
    data = QMimeData()
    if uris:
        data.setData("text/uri-list", uris if isinstance(uris, bytes) else uris.encode())
    if html:
        data.setHtml(html)
    if text:
        data.setText(text)
    if pixels:
        data.setImageData(PIXELS)
    return data


PAGE, PICTURE = "https://site.example/page", "https://site.example/a%20b.png?size=large"


def test_an_image_copied_in_a_browser_is_its_pixels() -> None:
    data = mime(uris=PICTURE, html=f'<img src="{PICTURE}" alt="A cat">', pixels=True)
    assert means_pictures(data)
    assert sources_of(data).pixels is not None
    assert sources_of(data).addresses == ()


def test_an_image_copied_with_its_address_as_text_is_its_pixels() -> None:
    data = mime(text=PICTURE, html=f'<img src="{PICTURE}">', pixels=True)
    assert means_pictures(data)


def test_words_of_an_office_program_with_their_picture_beside_them_are_words() -> None:
    for html in ("<p>Total</p>", "<table><tr><td>Total<img src='x.png'></td></tr></table>"):
        assert not means_pictures(mime(text="Total", html=html, pixels=True))


def test_a_link_that_was_copied_is_words() -> None:
    assert not means_pictures(mime(uris=PAGE, text=PAGE, html=f'<a href="{PAGE}">Page</a>'))


@pytest.mark.parametrize("blank", [" ", "\n", " \u00a0\u3000", "\t\r\n"])
def test_blank_text_beside_a_picture_is_no_text(blank: str) -> None:
    assert means_pictures(mime(text=blank, pixels=True))


def test_a_picture_dragged_within_a_link_is_the_picture_and_not_the_page() -> None:
    html = f'<a href="{PAGE}"><img class="x" src="{PICTURE}"></a>'
    assert sources_of(mime(uris=PAGE, html=html)).addresses == (PICTURE,)
    assert sources_of(mime(uris=PAGE, html=html, pixels=True)).pixels is not None


@pytest.mark.parametrize(
    "tag", ["<img src={}>", "<IMG SRC='{}'>", '<p><img\n data-x="1"\n src = "{}" /></p>']
)
def test_the_picture_in_html_is_found_however_it_is_written(tag: str) -> None:
    assert sources_of(mime(html=tag.replace("{}", "https://a.example/b.png"))).addresses == (
        "https://a.example/b.png",
    )


def test_a_picture_within_an_address_is_taken_from_there() -> None:
    assert sources_of(mime(uris=DATA)).addresses == (DATA,)
    assert sources_of(mime(uris=PAGE, html=f'<a href="/x"><img src="{DATA}"></a>')).addresses == (
        DATA,
    )


def test_what_only_the_browser_has_cannot_be_taken_without_its_pixels() -> None:
    blob = "blob:https://site.example/1234"
    assert not sources_of(mime(uris=blob, html=f'<img src="{blob}">')).any
    assert sources_of(mime(uris=blob, html=f'<img src="{blob}">', pixels=True)).pixels is not None


def test_files_win_over_everything_else_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    data = mime(uris=path.as_uri(), text=str(path), html="<img src='x'>", pixels=True)
    assert sources_of(data).files == (path,)
    assert means_pictures(data)


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_a_name_that_is_not_utf8_and_one_with_signs_of_addresses_is_found(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\xfe caf\xe9.png"
    uris = b"file://" + os.fsencode(tmp_path) + b"/%FF%FE%20caf%E9.png\r\n"
    assert [os.fsencode(path) for path in sources_of(mime(uris=uris)).files] == [raw]
    odd = tmp_path / "50% #1?.png"
    assert sources_of(mime(uris=odd.as_uri())).files == (odd,)


def test_comments_in_lists_and_other_ways_to_say_this_computer_are_understood() -> None:
    listed = "# a comment\r\nfile://localhost/tmp/a.png\r\n\r\nfile:/tmp/b.png\nFILE:///tmp/c.png"
    files = sources_of(mime(uris=listed)).files
    assert [path.name for path in files] == ["a.png", "b.png", "c.png"]
    assert not sources_of(mime(uris="file://elsewhere.example/share/a.png")).files


def test_a_picture_that_is_coded_already_is_not_coded_again() -> None:
    data = QMimeData()
    data.setData("image/png", png())
    assert sources_of(data).encoded == png()


# In the window.


@pytest.fixture
async def vision(run: Run) -> Run:
    """The window at the Vision tab."""
    run.ctrl(Qt.Key.Key_2)
    return run


@pytest.fixture
def near() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A program on this computer that shows a picture, as image makers do, and who asked it."""
    asked: list[tuple[str, str]] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(200 if "view" in self.path else 404)
            self.send_header("Content-Length", str(len(png())))
            self.end_headers()
            self.wfile.write(png())

        def log_message(self, format: str, *args: object) -> None:
            """Quietly."""

    server = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_picture_that_only_this_computer_reaches_is_fetched_here(
    vision: Run, near: tuple[str, list[tuple[str, str]]]
) -> None:
    address, asked = near
    vision.drop_data(mime(uris=f"{address}/view?filename=a.png"))
    attachments = vision.tab.presenter.attachments
    await until(lambda: bool(attachments.parts))
    (part,) = attachments.parts
    assert part.sha256 and not part.url
    assert asked == [("/view?filename=a.png", "")]


async def test_a_picture_near_that_is_gone_is_named(
    vision: Run, near: tuple[str, list[tuple[str, str]]]
) -> None:
    vision.drop_data(mime(uris=f"{near[0]}/gone.png"))
    await until(lambda: bool(visible(vision.tab, Refusals)))
    (refusals,) = visible(vision.tab, Refusals)
    assert "gone.png" in refusals.accessibleName()


async def test_a_picture_within_an_address_is_shown_and_sent(vision: Run) -> None:
    vision.drop_data(mime(uris=PAGE, html=f'<a href="{PAGE}"><img src="{DATA}"></a>'))
    attachments = vision.tab.presenter.attachments
    await until(lambda: bool(attachments.parts))
    assert attachments.parts[0].width == 80  # enlarged: models take no smaller ones


async def test_several_bad_files_are_each_named_and_the_good_one_is_taken(
    vision: Run, tmp_path: Path
) -> None:
    names = ("letter.pdf", "手机.heic", "<b>film<|b>.mp4", "good.png")
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "手机.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (tmp_path / "<b>film<|b>.mp4").write_bytes(b"\0\0\0\x20ftypisom\0\0\2\0isom")
    (tmp_path / "good.png").write_bytes(png())
    vision.drop_data(links(*(tmp_path / name for name in names)))
    await until(lambda: not vision.tab.presenter.attachments.busy)
    (refusals,) = visible(vision.tab, Refusals)
    lines = refusals.accessibleName().splitlines()
    assert len(lines) == 3
    assert any(line.startswith("letter.pdf") and "PDF" in line for line in lines)
    assert any(line.startswith("手机.heic") and "HEIC" in line for line in lines)
    assert any(line.startswith("<b>film<|b>.mp4") and "video" in line for line in lines)
    assert [part.name for part in vision.tab.presenter.attachments.parts] == ["good.png"]
    # It covers nothing that one needs next.
    field = vision.field.mapToGlobal(vision.field.rect().topLeft())
    assert refusals.mapToGlobal(refusals.rect().bottomLeft()).y() <= field.y()


async def test_a_long_picture_is_sent_in_pieces_when_that_is_wanted(
    vision: Run, tmp_path: Path
) -> None:
    path = tmp_path / "page.png"
    Image.linear_gradient("L").resize((1080, 12000)).convert("RGB").save(path)
    vision.drop(path)
    attachments = vision.tab.presenter.attachments
    await until(lambda: bool(attachments.parts))
    (card,) = visible(vision.tab, PictureCard)
    assert card._offer.isVisible() and "6" in card._offer.text()
    card._offer.click()
    await until(lambda: not attachments.busy)
    assert [part.name for part in attachments.parts] == [f"page.png {n}/6" for n in range(1, 7)]
    assert all(part.width == 1080 for part in attachments.parts)
