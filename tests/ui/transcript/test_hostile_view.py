"""Text of a model does nothing: no request, no file, no markup, and it is all there."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint

from studio.core.errors import ErrorKind, StoredError
from studio.core.markdown.leaves import leaf_text
from studio.core.messages import MessageStatus
from studio.ui.transcript.input.selection import read_box
from studio.ui.transcript.layout.message import ANSWER
from studio.ui.transcript.view import TranscriptView
from tests.transcript_parts import (
    answer,
    clipboard,
    mouse,
    on_screen,
    paint,
    painted_anew,
    question,
    same_pixels,
    settle,
    started,
    stream,
)

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><circle r=9></svg>",
    "<iframe src=//evil.example></iframe>",
    "<style>*{display:none}</style>",
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    '<a href="javascript:alert(1)">click</a>',
    "<table><tr><td>cell</td></tr></table>",
    '![x](x"onerror="alert(1))',
    "<details open ontoggle=alert(1)>more</details>",
    'Use the `<div class="a">`tag`</div>` and <b>bold</b>',
    "a \u202e b \x1b[31m c \x07 d \ufffd e",
    "{{7*7}} ${7*7} <%= 7*7 %> %s %n",
]

_opened: list[str] = []
_watching = threading.Event()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching.is_set() and event == "open":
        _opened.append(str(arguments[0]))


sys.addaudithook(_audit)


@pytest.fixture
def visits() -> Iterator[list[str]]:
    """A server on loopback that counts who comes; its address is the first entry."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.1)
        seen = [f"127.0.0.1:{server.getsockname()[1]}"]
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                seen.append("visit")
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield seen
        done.set()
        thread.join()


@pytest.mark.parametrize("way", ["at once", "streamed"])
def test_pictures_in_a_reply_are_never_loaded(
    view: TranscriptView, visits: list[str], way: str, tmp_path: Any
) -> None:
    """Whatever address they have; their words and the host are shown instead."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    server = visits[0]
    text = "\n\n".join(
        [
            f"![one](http://{server}/a.png?chat=everything)",
            f"![two](https://{server}/b.png)",
            f"![three](file://{secret})",
            f"![four]({secret})",
            f"![five](//{server}/share/a.png)",
            "![six](data:image/png;base64,iVBORw0KGgo=)",
            f"![seven][r]\n\n[r]: http://{server}/c.png",
            f'<img src="http://{server}/d.png">',
            f"[![eight](http://{server}/e.png)](http://{server}/f)",
            "![nine](\\\\host\\share\\a.png)",
            f"![ten](qrc:/x.png) ![]({secret.as_uri()})",
        ]
    )
    message = answer(text)
    _opened.clear()
    _watching.set()
    if way == "streamed":
        view.set_messages([question("Go"), started(message)])
        stream(view, message, range(0, len(text), 9))
    else:
        view.set_messages([question("Go"), message])
    for y in range(0, 700, 20):
        mouse(view, QEvent.Type.MouseMove, QPoint(view.column_x + 40, y))
    paint(view)
    painted_anew(view)
    settle()
    _watching.clear()
    assert len(visits) == 1
    assert not any("secret" in path for path in _opened)
    shown = read_box(view.stage, 1).plain_text()
    for words in ("one (127.0.0.1", "two (127.0.0.1", "three", "seven (127.0.0.1", "eight"):
        assert words in shown


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("way", ["at once", "streamed", "asked", "thought", "error"])
def test_markup_is_text(view: TranscriptView, payload: str, way: str) -> None:
    """In answers, questions, reasoning and cards, from the stream and from the history."""
    message = answer(payload)
    if way == "streamed":
        view.set_messages([question("Go"), started(message)])
        stream(view, message, range(1, len(payload)))
    elif way == "asked":
        view.set_messages([question(payload)])
    elif way == "thought":
        view.set_messages([answer("So.", payload)])
        view.toggle_reasoning(view.stage.messages[0].id)
    elif way == "error":
        error = StoredError(ErrorKind.REFUSED, payload, payload)
        view.set_messages([answer("", status=MessageStatus.FAILED, error=error)])
    else:
        view.set_messages([message])
    paint(view)
    painted_anew(view)
    if way == "error":
        card = view.stage.box(0).card
        assert card is not None and payload.strip() in card.copied()
        return
    box = view.stage.box(len(view.stage.messages) - 1)
    flow = box.flows[0 if way == "thought" else ANSWER]
    shown = "\n".join(
        leaf_text(leaf, flow.outline.environment)
        for index in range(len(flow.heights))
        for leaf in flow.leaves(index)
    )
    if "![x]" not in payload:
        missing = set(payload) - set(shown)
        assert missing <= set("`"), missing
    view.select_all()
    view.copy(markdown=True)
    if way != "thought":
        assert payload in clipboard()


def test_nothing_of_the_view_can_show_markup_or_open_anything() -> None:
    """No rich text and no way to the desktop in any of its modules."""
    import ast
    from pathlib import Path

    import studio.ui.transcript

    forbidden = {
        *("QTextDocument", "QTextBrowser", "QTextEdit", "QLabel", "QDesktopServices"),
        *("QStaticText", "setHtml", "setMarkdown", "toHtml", "QNetworkAccessManager", "openUrl"),
    }
    folder = Path(studio.ui.transcript.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "id", None) or getattr(node, "attr", None)
            assert name not in forbidden, (path.name, name)
            if isinstance(node, ast.ImportFrom):
                assert not {alias.name for alias in node.names} & forbidden, path.name


def test_a_flood_is_shown_and_scrolled(view: TranscriptView) -> None:
    """A megabyte in one line: shown in pieces, moved through, selected, copied whole."""
    text = "word " * 200_000
    view.set_messages([question("Go"), answer(text)])
    settle(lambda: view.stage.box(1).is_read)
    bar = view.verticalScrollBar()
    for position in (0.0, 0.3, 0.7, 1.0):
        bar.setValue(int(bar.maximum() * position))
        assert same_pixels(on_screen(view), painted_anew(view))
    flow = view.stage.box(1).flows[ANSWER]
    assert sum(1 for _ in flow.laid()) < 100
    view.select_all()
    view.copy()
    assert clipboard() == f"Go\n\n{text}"


def test_a_table_of_thousands_of_rows_is_laid_out_where_it_is_seen(view: TranscriptView) -> None:
    """All of its rows are there."""
    rows = "".join(f"| {n} | row |\n" for n in range(2_000))
    view.set_messages([answer("| a | b |\n|---|---|\n" + rows)])
    settle(lambda: view.stage.box(0).is_read)
    assert sum(1 for _ in view.stage.box(0).flows[ANSWER].laid()) < 20
    shown = read_box(view.stage, 0).plain_text()
    assert all(f"{n}\trow" in shown for n in (0, 1_000, 1_999))


def test_tooltips_show_hosts_only(view: TranscriptView) -> None:
    """The true one, in letters that cannot lie."""
    from PySide6.QtWidgets import QToolTip

    view.set_messages([answer("[apple](https://аррӏе.com/login)")])
    paint(view)
    mouse(view, QEvent.Type.MouseMove, QPoint(view.column_x + 8, 24 + 32 + 12))
    assert QToolTip.text() == "xn--80ak6aa92e.com"
