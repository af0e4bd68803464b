"""Reads JSON that comes in pieces, bit by bit: one call for all of it would hold every thread."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from studio.core.transfer.values import Wrong

_BLANK = " \t\r\n"
_LONGEST_WORD = 64
_WORD = re.compile(rf"[-+.\w]{{1,{_LONGEST_WORD}}}")
_LOW = re.compile(rb"[\0-\x7f]+")
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_TELLING = 64 * 1024  # bytes of letters after which nothing new is learned
_OUTER = 3  # how many levels are put together here; what is deeper is small
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(start: bytes) -> str:
    """How a text is encoded, by its first bytes: UTF-16 and -32 with a mark or by their zeros."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    zeros = [at for at, byte in enumerate(start[:4]) if not byte]
    wide = "utf-32-le" if zeros == [1, 2, 3] else "utf-32-be" if zeros == [0, 1, 2] else ""
    if wide or (start[:1] and start[1:2] == b"\0"):
        return wide or "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" and start[1:2].strip(b"\0") else "utf-8-sig"


def charset_of(pieces: Iterable[bytes]) -> str:
    """How a text is encoded, by as many of its bytes as tell: what Windows wrote may be GBK."""
    utf8, chinese = (codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030"))
    fits = {utf8: True, chinese: True}
    high = bytearray()
    for number, piece in enumerate(pieces):
        wide = encoding_of(piece)
        if not number and wide != "utf-8-sig":
            return wide
        if not high and piece.isascii():
            continue
        for decoder in [each for each, sound in fits.items() if sound]:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                fits[decoder] = False
        high += _LOW.sub(b"", piece)
        if len(high) > _TELLING:
            break
    if fits[utf8] or not fits[chinese]:
        return "utf-8-sig"
    # A single broken letter makes no UTF-8 into GBK, whose bytes are hardly ever letters of UTF-8.
    foreign = len(_LETTER.sub(b"", bytes(high)))
    return "gb18030" if foreign * 4 > len(high) else "utf-8-sig"


def _mended(error: UnicodeError) -> tuple[str | bytes, int]:
    """Half a pair of surrogates stays, and what is no letter is marked: no reason to refuse all."""
    try:
        return codecs.lookup_error("surrogatepass")(error)
    except UnicodeError:
        return codecs.lookup_error("replace")(error)


codecs.register_error("studio.mended", _mended)


def decoded(content: bytes, charset: str) -> str:
    """A whole text; what is no letter in that charset is marked."""
    return content.decode(charset, "studio.mended")


def array_elements(pieces: Iterator[bytes], most_bytes: int, charset: str = "") -> Iterator[Any]:
    """Each element of an array; raises Wrong for what is none.

    An element of more than about `most_bytes` is refused, so that memory stays bounded.
    """
    buffer = _Buffer(pieces, most_bytes, charset)
    if buffer.next_sign() != "[":
        raise Wrong("start")
    if buffer.next_sign() == "]":
        return
    buffer.at -= 1
    while True:
        yield buffer.element()
        sign = buffer.next_sign()
        if sign == "]":
            return
        if sign != ",":
            raise Wrong("comma")


def whole_value(pieces: Iterator[bytes], most_bytes: int, charset: str = "") -> Any:
    """The one value of a text; raises Wrong for what is none, or has more behind it."""
    buffer = _Buffer(pieces, most_bytes, charset)
    value = buffer.value(0)
    if buffer.ends():
        return value
    raise Wrong("more")


class _Buffer:
    """The text that has come and is not used up, from `at` on."""

    def __init__(self, pieces: Iterator[bytes], most_bytes: int, charset: str) -> None:
        self._pieces, self._charset = pieces, charset
        self._most = most_bytes
        self._decoder: codecs.IncrementalDecoder | None = None
        # What is no number in JSON is none here either, and costs nothing else.
        self._json = json.JSONDecoder(parse_constant=lambda name: None)
        self._text = ""
        self.at = 0
        self._ended = False

    def next_sign(self) -> str:
        """The next character that is no blank; it is used up."""
        while True:
            while self.at < len(self._text):
                sign = self._text[self.at]
                self.at += 1
                if sign not in _BLANK:
                    return sign
            if not self._more(1):
                raise Wrong("end")

    def element(self) -> Any:
        """The next value; it is used up."""
        sign = self.next_sign()
        self.at -= 1
        if sign not in '{["':
            return self._word()
        while True:
            try:
                value, self.at = self._json.raw_decode(self._text, self.at)
            except RecursionError as error:
                raise Wrong("too deep") from error
            except ValueError as error:
                # Most likely cut. Twice as much each time, so that a long one is not read often.
                if not self._more(len(self._text) - self.at):
                    raise Wrong(str(error)[:100]) from error
            else:
                return value

    def value(self, depth: int) -> Any:
        """The next value; that of an outer object or array is put together from its elements."""
        sign = self.next_sign()
        if depth < _OUTER and sign == "{":
            return self._object(depth)
        if depth < _OUTER and sign == "[":
            return self._array(depth)
        self.at -= 1
        return self.element()

    def ends(self) -> bool:
        """Whether nothing but blanks is left."""
        try:
            self.next_sign()
        except Wrong:
            return True
        return False

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        sign = self.next_sign()
        while sign != "]":
            self.at -= 1
            found.append(self.value(depth + 1))
            sign = self._after("]")
        return found

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        sign = self.next_sign()
        while sign != "}":
            if sign != '"':
                raise Wrong("key")
            self.at -= 1
            key = self.element()
            if self.next_sign() != ":":
                raise Wrong("colon")
            found[key] = self.value(depth + 1)
            sign = self._after("}")
        return found

    def _after(self, end: str) -> str:
        """The first sign of what follows an element, which may be the end of all of them."""
        sign = self.next_sign()
        if sign == end:
            return sign
        if sign != ",":
            raise Wrong("comma")
        sign = self.next_sign()
        if sign == end:
            raise Wrong("comma")
        return sign

    def _word(self) -> Any:
        """A number or a word, which could be cut where a piece ends."""
        if len(self._text) - self.at < _LONGEST_WORD:
            self._more(_LONGEST_WORD)
        match = _WORD.match(self._text, self.at)
        if match is None:
            raise Wrong("value")
        self.at = match.end()
        try:
            return self._json.decode(match[0])
        except ValueError as error:
            raise Wrong("value") from error

    def _more(self, wanted: int) -> bool:
        """Take in more of the text; False when there is no more."""
        if self._ended:
            return False
        if len(self._text) - self.at > self._most:
            raise Wrong("too long")
        taken = [self._text[self.at :]]
        self.at = 0
        count = 0
        while count < wanted:
            piece = next(self._pieces, b"")
            if self._decoder is None:
                charset = self._charset or encoding_of(piece)
                self._decoder = codecs.getincrementaldecoder(charset)("studio.mended")
            taken.append(self._decoder.decode(piece, final=not piece))
            count += len(taken[-1])
            if not piece:
                self._ended = True
                break
        self._text = "".join(taken)
        return count > 0
