"""Prints a conversation as PDF, from our own page of HTML, in a thread and loading nothing.

The page is taken apart into pieces of a few kilobytes, because Qt holds up every other thread
while it reads one. The longest pause of the window was 25 ms, with a block of 6,000 lines of code.
"""

from __future__ import annotations

import base64
import mmap
import re
import threading
import unicodedata
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QByteArray, QFile, QMarginsF, QRectF, QSize, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)

from studio.core.transfer.common import Watch
from studio.storage.files import part_beside, plain_target, sync_file

_DPI = 300
_MARGIN_MM = 18.0
_FOOT_MM = 10.0  # below the text, for the number of the page
_SIZE_PT = 10.5
_PIECE = 3000  # characters of HTML at once
_WIDEST, _HIGHEST = 640, 820  # a picture, in CSS pixels
_SHARP = 2  # stored pixels for each of those
_PICTURE = "picture:"
_ARTICLE = re.compile(r'<article class="(\w+)">')
_SPEAKER = re.compile(r'(<article class="(\w+)">)<h2>(.*?)</h2><div>', re.DOTALL)
_ARTICLES = re.compile(r"</?article[^>]*>")
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_IMAGE = re.compile(r"<img\b[^>]*>")
_SOURCE = re.compile(r'src="data:image/(?:png|jpeg);base64,([A-Za-z0-9+/=]*)"')
_SIZE = re.compile(r' width="(\d{1,6})" height="(\d{1,6})"')
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*>")
_LONG_CODE = re.compile(r"(<pre><code[^>]*>)([^<]{3000,})(</code></pre>)")
_NAMES = re.compile(rb"beginbfrange.{1,100000}?endbfrange", re.DOTALL)
_RADICAL = re.compile(rb"<(2E[89A-F][0-9A-F]|2F[0-9A-D][0-9A-F])>")
_VOID = frozenset(["img", "br", "hr", "meta", "input"])
# Blocks of HTML 5 that Qt does not know, as such that it knows.
_KNOWN = (
    ("<figcaption>", '<p class="end">'),
    ("</figcaption>", "</p>"),
    ("<summary>", '<p class="end">'),
    ("</summary>", "</p>"),
    ("<details>", '<div class="aside">'),
    ("</details>", "</div>"),
    ("<figure>", "<p>"),
    ("</figure>", "</p>"),
)
_SHEET = """
h1 { font-size: 18pt; } h2 { font-size: 14pt; } h3 { font-size: 12pt; }
h4, h5, h6 { font-size: 10.5pt; }
.speaker { font-weight: bold; color: #4b37db; margin-top: 72px; margin-bottom: 12px; }
.user { background-color: #f0f0f4; }
.asked p { white-space: pre-wrap; }
.end { color: #5c6070; }
.aside { color: #5c6070; margin-left: 48px; }
p, ul, ol, table, pre { margin-top: 16px; margin-bottom: 16px; }
pre { white-space: pre-wrap; background-color: #f6f6f8; font-size: 9pt; }
pre, code { font-family: "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
table { border-collapse: collapse; }
th, td { border: 1px solid #cfd1da; padding: 12px; }
blockquote { margin-left: 48px; color: #5c6070; }
a { color: #4b37db; text-decoration: none; }
"""


class _Document(QTextDocument):
    """A text whose pictures are those that were given to it; nothing else is ever loaded."""

    def __init__(self, pictures: list[bytes]) -> None:
        super().__init__()
        self._pictures = pictures

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        address = name if isinstance(name, str) else name.toString()
        number = address.removeprefix(_PICTURE)
        if address.startswith(_PICTURE) and number.isdigit() and int(number) < len(self._pictures):
            return _decoded(self._pictures[int(number)])
        return QImage(1, 1, QImage.Format.Format_RGB32)


def write_pdf(page: str, target: Path, watch: Watch) -> None:
    """Print `page`, which `core.transfer.html_page` made, to `target`; blocks, for a worker thread.

    Raises OSError, StudioError or TransferCancelled, and then what was at `target` is unchanged.
    """
    target = plain_target(target)
    part = part_beside(target)
    try:
        file = QFile(str(part))
        if not file.open(QFile.OpenModeFlag.WriteOnly):
            raise OSError(file.errorString())
        _print(page, file, watch)
        whole = file.flush() and file.error() == QFile.FileError.NoError
        file.close()
        if not whole:
            raise OSError(file.errorString())
        _name_characters(part)
        sync_file(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _name_characters(part: Path) -> None:
    """Have a copied text hold the characters of the conversation.

    Qt names a shape by the lowest character that has it, which for fonts of Chinese is often a
    radical (U+2F42) instead of the character (U+6587) that looks the same: nobody would find it.
    """
    with part.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        for table in _NAMES.finditer(content):
            named = _RADICAL.sub(_character, table[0])
            if len(named) == len(table[0]):
                content[table.start() : table.end()] = named


def _character(named: re.Match[bytes]) -> bytes:
    character = unicodedata.normalize("NFKC", chr(int(named[1], 16)))
    return b"<%04X>" % ord(character) if len(character) == 1 else named[0]


def _print(page: str, file: QFile, watch: Watch) -> None:
    writer = QPdfWriter(file)
    writer.setResolution(_DPI)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    title = _TITLE.search(page)
    writer.setTitle(unescape(title[1]) if title else "")
    writer.setCreator("Moda Studio")
    document, pieces = _document(page, writer)
    cursor = QTextCursor(document)
    for done, piece in enumerate(pieces):
        watch.step(done, 2 * len(pieces))
        _let_others_on()
        cursor.insertHtml(_ARTICLES.sub("", piece))
        # Else the next piece would begin in the colours of the last one.
        cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
    _draw(document, writer, watch)


def _document(page: str, writer: QPdfWriter) -> tuple[_Document, list[str]]:
    pictures: list[bytes] = []
    body = _STYLE.sub("", _TITLE.sub("", page))
    body = _IMAGE.sub(lambda found: _placed(found[0], pictures), body)
    body = _SPEAKER.sub(r'\1<p class="speaker">\3</p><div class="\2">', body)
    body = body.replace("\n</code></pre>", "</code></pre>")
    for unknown, known in _KNOWN:
        body = body.replace(unknown, known)
    document = _Document(pictures)
    document.setUndoRedoEnabled(False)
    document.setDefaultStyleSheet(_SHEET)
    font = QFont()
    font.setPointSizeF(_SIZE_PT)
    font.setFeature(QFont.Tag("liga"), 0)  # copied, "fi" would be one letter
    document.setDefaultFont(font)
    document.documentLayout().setPaintDevice(writer)
    document.setDocumentMargin(0)
    document.setPageSize(QSizeF(writer.width(), writer.height() - _foot()))
    return document, list(_pieces(body))


def _foot() -> int:
    return round(_FOOT_MM / 25.4 * _DPI)


def _draw(document: QTextDocument, writer: QPdfWriter, watch: Watch) -> None:
    """Draw page after page; each takes up to 20 ms."""
    painter = QPainter(writer)
    if not painter.isActive():
        raise OSError("the file cannot be printed to")
    palette = QPalette()  # black on white, whatever the window's theme is
    palette.setColor(QPalette.ColorRole.Text, QColor(Qt.GlobalColor.black))
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette = palette
    size, pages = document.pageSize(), document.pageCount()
    try:
        for number in range(pages):
            watch.step(pages + number, 2 * pages)
            _let_others_on()
            if number:
                writer.newPage()
            painter.save()
            painter.translate(0, -number * size.height())
            context.clip = QRectF(0, number * size.height(), size.width(), size.height())
            painter.setClipRect(context.clip)
            document.documentLayout().draw(painter, context)
            painter.restore()
            _draw_number(painter, QRectF(0, size.height(), size.width(), _foot()), number, pages)
    finally:
        painter.end()
    watch.step(2 * pages, 2 * pages)


def _let_others_on() -> None:
    """Let the window have its turn: Qt's calls follow so closely that it would get none.

    Without this it waited up to 129 ms while no call took longer than 18 ms.
    """
    threading.Event().wait(0.001)


def _draw_number(painter: QPainter, place: QRectF, number: int, pages: int) -> None:
    font = QFont()
    font.setPointSizeF(_SIZE_PT - 2)
    painter.setFont(font)
    painter.setPen(QColor(Qt.GlobalColor.darkGray))
    where = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
    painter.drawText(place, where, f"{number + 1} / {pages}")


def _placed(tag: str, pictures: list[bytes]) -> str:
    """An image by its number, as large as it fits on a page; nothing in place of a foreign one."""
    source = _SOURCE.search(tag)
    if source is None:
        return ""
    content = base64.b64decode(source[1])
    known = _SIZE.search(tag)
    size = QSize(int(known[1]), int(known[2])) if known else _size_of(content)
    if size.width() > _WIDEST or size.height() > _HIGHEST:
        size.scale(_WIDEST, _HIGHEST, Qt.AspectRatioMode.KeepAspectRatio)
    pictures.append(content)
    where = f"{_PICTURE}{len(pictures) - 1}"
    return f'<img src="{where}" width="{size.width()}" height="{size.height()}">'


def _size_of(content: bytes) -> QSize:
    image = QImage.fromData(QByteArray(content))
    return image.size() if not image.isNull() else QSize(1, 1)


def _decoded(content: bytes) -> QImage:
    image = QImage.fromData(QByteArray(content))
    if image.isNull():
        return QImage(1, 1, QImage.Format.Format_RGB32)
    most = QSize(_WIDEST * _SHARP, _HIGHEST * _SHARP)
    if image.width() > most.width() or image.height() > most.height():
        smooth = Qt.TransformationMode.SmoothTransformation
        return image.scaled(most, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    return image


def _pieces(body: str) -> Iterator[str]:
    """The page in order, cut between blocks; an article that is cut goes on in the next piece."""
    starts = [found.start() for found in _ARTICLE.finditer(body)]
    ends = [*starts, len(body)]
    yield body[: ends[0]]
    for start, end in pairwise(ends):
        yield from _cut(body[start:end])


def _cut(article: str) -> Iterator[str]:
    opening = _ARTICLE.match(article)
    again = f'{opening[0]}<div class="{opening[1]}">' if opening else ""
    depth = begun = 0
    prefix = ""
    for tag in _TAG.finditer(article):
        if tag[2] in _VOID:
            continue
        depth += -1 if tag[1] else 1
        # The article and its body are two; what closes back to them is a whole block.
        if tag[1] and depth == 2 and tag.end() - begun > _PIECE:
            yield from _cut_code(prefix, article[begun : tag.end()])
            begun, prefix = tag.end(), again
    if article[begun:].strip():
        yield from _cut_code(prefix, article[begun:])


def _cut_code(prefix: str, piece: str) -> Iterator[str]:
    """A long block of code in several, of whole lines; it may follow other blocks in `piece`."""
    found = _LONG_CODE.search(piece)
    if found is None or len(piece) < 2 * _PIECE:
        yield prefix + piece
        return
    yield prefix + piece[: found.start()]
    lines: list[str] = []
    length = 0
    for line in found[2].splitlines(keepends=True):
        lines.append(line)
        length += len(line)
        if length > _PIECE:
            yield f"{found[1]}{''.join(lines)}{found[3]}"
            lines, length = [], 0
    yield f"{found[1]}{''.join(lines)}{found[3]}{piece[found.end() :]}"
