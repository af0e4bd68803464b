"""Conversations as PDF: their words can be copied, nothing is fetched, and it ends when asked."""

from __future__ import annotations

import base64
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl

from studio.app import pdf
from studio.core.errors import StudioError
from studio.core.messages import Conversation, ImagePart, Message, ReasoningPart, Role, TextPart
from studio.core.transfer.common import TransferCancelled, Watch
from studio.core.transfer.html_page import html_of
from studio.core.transfer.page import Page
from tests.window_parts import png

pytestmark = pytest.mark.usefixtures("qapp")


def page(*texts: str, picture: bytes = b"") -> str:
    """A conversation of these answers as our own page."""
    made = Conversation(title="标题 <title>", model="org/model")
    messages = [Message(made.id, Role.USER, (TextPart("第一行\n第二行 of the question"),))]
    for text in texts:
        parts = (ReasoningPart("想一想"), TextPart(text))
        messages.append(Message(made.id, Role.ASSISTANT, parts))
    if picture:
        part = ImagePart("0" * 64, "image/png", name="drawn.png")
        messages.append(Message(made.id, Role.USER, (part,)))
    address = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    return html_of(Page(made, tuple(messages), lambda _: address))


def printed(text: str, target: Path) -> bytes:
    """What is in the file."""
    pdf.write_pdf(text, target, Watch())
    return target.read_bytes()


def letters(content: bytes) -> set[str]:
    """Every character that a reader would copy out of the file."""
    found: set[str] = set()
    for table in re.findall(rb"beginbfrange(.*?)endbfrange", content, re.DOTALL):
        for names in re.findall(rb"\[(.*?)\]", table, re.DOTALL):
            found |= {chr(int(name, 16)) for name in re.findall(rb"<([0-9A-F]{4})>", names)}
    return found


def pages(content: bytes) -> int:
    """How many there are."""
    return len(re.findall(rb"/Type /Page\n", content))


def test_the_words_can_be_copied_also_chinese_ones(tmp_path: Path) -> None:
    answer = (
        "快速排序的文字、一行 `code`，以及 **粗体** and efficient office files.\n\n"
        "| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |"
    )
    content = printed(page(answer), tmp_path / "a.pdf")
    assert content.startswith(b"%PDF-")
    copied = letters(content)
    expected = set("快速排序的文字一行以及粗体甲乙丙丁标题第二想") | set("codeandfilsu")
    assert expected <= copied
    # No radical in the place of a character, and no two letters as one.
    assert not {
        each for each in copied if "\u2e80" <= each <= "\u2fdf" or "\ufb00" <= each <= "\ufb06"
    }


def test_a_long_answer_takes_many_pages_and_none_of_its_lines_is_lost(tmp_path: Path) -> None:
    code = "\n".join(f"line {number}" for number in range(900))
    prose = "\n\n".join(f"Paragraph {number}" for number in range(900))
    lists = "\n".join(f"{number}. point" for number in range(1, 900))
    text = page(f"```\n{code}\n```", prose, lists)
    whole = "".join(pdf._pieces(text))
    for number in (0, 450, 899):
        assert re.search(rf">?line {number}\b", whole)
        assert f"Paragraph {number}<" in whole
    for piece in pdf._pieces(text):
        opened = re.findall(r"<(pre|ol|li|p)\b", piece)
        closed = re.findall(r"</(pre|ol|li|p)>", piece)
        assert sorted(opened) == sorted(closed)
        assert len(piece) < 5 * pdf._PIECE or "<ol>" in piece
    assert pages(printed(text, tmp_path / "a.pdf")) > 40


def test_a_picture_of_the_conversation_is_in_the_file(tmp_path: Path) -> None:
    without = printed(page("words"), tmp_path / "without.pdf")
    picture = page("words", picture=png((300, 200)))
    with_one = printed(picture, tmp_path / "with.pdf")
    assert without.count(b"/Subtype /Image") == 0
    assert with_one.count(b"/Subtype /Image") == 1


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port of this computer, and who came."""
    came: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            came.append("somebody")
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1], came
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_a_hostile_answer_fetches_nothing_and_shows_no_file(
    tmp_path: Path, listener: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, came = listener
    secret = tmp_path / "secret.png"
    secret.write_bytes(png((64, 64), "red"))
    asked: list[str] = []
    load = pdf._Document.loadResource

    def noted(self: pdf._Document, kind: int, name: QUrl | str) -> object:
        asked.append(name if isinstance(name, str) else name.toString())
        return load(self, kind, name)

    monkeypatch.setattr(pdf._Document, "loadResource", noted)
    address = f"http://127.0.0.1:{port}/x.png"
    hostile = (
        f"![a]({address}) ![b](file://{secret}) ![c]({secret})\n\n"
        f'<img src="{address}"><link rel="stylesheet" href="{address}">'
        f'<style>@import url("{address}");</style>\n\n'
        f'```html\n<img src="file://{secret}">\n```\n\n[link]({address})'
    )
    content = printed(page(hostile), tmp_path / "a.pdf")
    # And a page that is not ours at all: whatever it names is left out.
    foreign = f'<body><img src="file://{secret}"><img src="{secret}"><img src="{address}"></body>'
    content += printed(foreign, tmp_path / "b.pdf")
    assert came == []
    assert asked == []
    assert content.count(b"/Subtype /Image") == 0


def _is_over(allowed: Iterator[int]) -> bool:
    return next(allowed, None) is None


def test_it_ends_when_it_is_asked_to_and_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(b"what was there")
    text = page(*(f"answer {number}\n\n" * 30 for number in range(5)))
    seen: list[tuple[int, int]] = []
    pdf.write_pdf(text, tmp_path / "whole.pdf", Watch(lambda *step: seen.append(step)))
    assert seen[-1][0] == seen[-1][1]
    (tmp_path / "whole.pdf").unlink()
    for at in range(len(seen)):
        allowed = iter(range(at))
        ending = Watch(cancelled=partial(_is_over, allowed))
        with pytest.raises(TransferCancelled):
            pdf.write_pdf(text, target, ending)
        assert target.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_refuses(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        pdf.write_pdf(page("words"), tmp_path / "nowhere" / "a.pdf", Watch())


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes among the files")
def test_a_pipe_is_no_place_for_a_page(tmp_path: Path) -> None:
    target = tmp_path / "page.pdf"
    os.mkfifo(target)
    with pytest.raises(StudioError):
        pdf.write_pdf(page("words"), target, Watch())
    assert target.is_fifo()
