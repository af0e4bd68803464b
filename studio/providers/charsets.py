"""The text of a body or a stream, by the charset it declares or the one that its bytes can be."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a body is that is no UTF-8: servers of this field speak Chinese, then the West's letters.
_GUESSES = ("gb18030", "cp1252")
# Charsets that take any bytes: said without thought by many servers, so UTF-8 is tried before.
_CARELESS = frozenset({"iso8859-1", "cp1252", "ascii", "latin-1"})


# Bytes that come out as UTF-8 by chance hardly ever hold letters of three bytes.
_LONG_LETTER = re.compile(rb"[\xe0-\xff]")
# UTF-8 whose letters may be cut at both ends of a run, as some servers cut them between events.
_LETTERS = rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*"
_CUT_LETTERS = re.compile(
    rb"(?:[\0-\x7f]|(?<![\x80-\xff])[\x80-\xbf]{0,3}"
    + _LETTERS
    + rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})?(?![\x80-\xff]))*"
)
# Charsets in which a line does not end in the byte that ends it everywhere else.
_NO_LINES = ("utf-16", "utf-32", "utf-7", "iso2022")
_MOST_UNTOLD = 8  # events that may wait for one that tells their charset
_WIDEST_MARK = 4  # bytes of the longest byte order mark


def text_of(body: bytes, content_type: str = "") -> str:
    """The body as text; what no charset fits is read as UTF-8 with marks for what is broken."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return body.decode(charset, "replace")
    declared = _declared(content_type)
    careless = declared in _CARELESS or (_is_utf8(body) and _LONG_LETTER.search(body) is not None)
    first = [declared] if declared and not careless else []
    for charset in (*first, "utf-8", *([declared] if declared else []), *_GUESSES):
        if _fits(body, charset):
            return body.decode(charset)
    return body.decode("utf-8", "replace")


def _declared(content_type: str) -> str:
    found = _DECLARED.search(content_type)
    if found is None:
        return ""
    try:
        name = codecs.lookup(found[1]).name
        b"a".decode(name, "replace")  # Python counts base64 and the like as charsets too
    except (LookupError, UnicodeError):
        return ""
    # A superset of both, which is what servers mean by either.
    return "gb18030" if name in ("gb2312", "gbk", "hz") else name


def _is_utf8(data: bytes) -> bool:
    return _fits(data, "utf-8")


def _fits(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset)
    except UnicodeError:
        return False
    return True


class Narrowed:
    """The bytes of a stream as its lines can be told in them: UTF-16 and its kin become UTF-8."""

    def __init__(self, content_type: str = "") -> None:
        declared = _declared(content_type)
        known = declared.startswith(_NO_LINES)
        self._head: bytes | None = None if known else b""  # until it is long enough to tell
        self._decoder = _decoder(declared) if known else None

    def feed(self, piece: bytes, *, last: bool = False) -> bytes:
        """What can be told of the bytes so far; `last`: no more come."""
        if self._head is not None:
            self._head += piece
            if len(self._head) < _WIDEST_MARK and not last:
                return b""
            piece, self._head = self._head, None
            charset = _wide_charset(piece)
            self._decoder = _decoder(charset) if charset else None
        if self._decoder is None:
            return piece
        return self._decoder.decode(piece, last).removeprefix("\ufeff").encode("utf-8", "replace")


def _decoder(charset: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(charset)("replace")


def _wide_charset(head: bytes) -> str:
    """The charset of a stream that begins so, if its letters are of two bytes or four."""
    for mark, charset in _BOMS[1:]:
        if head.startswith(mark):
            return charset
    zeros = [at for at, byte in enumerate(head[:_WIDEST_MARK]) if not byte]
    known = {(1, 3): "utf-16-le", (0, 2): "utf-16-be", (1, 2, 3): "utf-32-le"}
    return known.get(tuple(zeros), "utf-32-be" if zeros == [0, 1, 2] else "")


class EventTexts:
    """The texts of a stream's events; their charset is told once, by the first that can tell.

    A single letter of GBK may pass for one of UTF-8, or for half of one: such an event waits for
    the next, which mostly tells, and for no more than a few.
    """

    def __init__(self, content_type: str = "") -> None:
        declared = _declared(content_type)
        self._charset = ""  # until it is told
        self._declared = "" if declared == "utf-8" else declared
        self._waiting: list[tuple[str, bytes]] = []

    def read(self, name: str, data: bytes) -> list[tuple[str, str]]:
        """Names and texts of the events that can be read now, in their order."""
        if self._charset:
            return [(name, data.decode(self._charset, "replace"))]
        if not self._waiting and data.isascii():
            return [(name, data.decode("ascii"))]
        self._waiting.append((name, data))
        self._charset = self._told_by(data)
        # The answer may end with an event that is plain ASCII, and nothing would come behind it.
        told = self._charset or data.isascii() or len(self._waiting) > _MOST_UNTOLD
        return self.rest() if told else []

    def rest(self) -> list[tuple[str, str]]:
        """What still waits, by the best guess."""
        waiting, self._waiting = self._waiting, []
        if waiting and not self._charset:
            chinese = any(_is_chinese(data) for _, data in waiting)
            self._charset = _GUESSES[0] if chinese else self._otherwise([d for _, d in waiting])
        return [(name, data.decode(self._charset, "replace")) for name, data in waiting]

    def _told_by(self, data: bytes) -> str:
        if data.isascii():
            return ""
        sound = _is_utf8(data)
        if sound and _LONG_LETTER.search(data):
            return "utf-8"
        if self._declared and self._declared not in _CARELESS:
            return self._declared if _fits(data, self._declared) or not sound else "utf-8"
        if not _fits(data, _GUESSES[0]):
            return self._otherwise([data])
        return _GUESSES[0] if _is_chinese(data) and not _CUT_LETTERS.fullmatch(data) else ""

    def _otherwise(self, events: list[bytes]) -> str:
        """What it is that is no Chinese: broken UTF-8, unless the West's letters are declared."""
        western = bool(self._declared) and not all(map(_is_utf8, events))
        return _GUESSES[1] if western else "utf-8"


def _is_chinese(data: bytes) -> bool:
    """Whether the letters are the common ones of GBK, and whole; the West's hardly ever are."""
    return not _is_utf8(data) and data[-1] < 0x80 and _fits(data, "gb2312")
