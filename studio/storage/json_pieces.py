"""Reads the elements of a JSON array one after another from a text that comes in pieces."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, NoReturn

from studio.core.transfer_values import Wrong

_BLANK = " \t\r\n"


def _refuse(name: str) -> NoReturn:
    raise Wrong(name)


def array_elements(pieces: Iterator[bytes], most_bytes: int) -> Iterator[Any]:
    """Each element of an array in UTF-8; raises Wrong for what is none.

    An element of more than about `most_bytes` is refused, so that memory stays bounded.
    """
    buffer = _Buffer(pieces, most_bytes)
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


class _Buffer:
    """The text that has come and is not used up, from `at` on."""

    def __init__(self, pieces: Iterator[bytes], most_bytes: int) -> None:
        self._pieces = pieces
        self._most = most_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder(parse_constant=_refuse)
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
            raise Wrong("value")  # a number or word could be cut where a piece ends
        while True:
            try:
                value, self.at = self._json.raw_decode(self._text, self.at)
            except RecursionError as error:
                raise Wrong("too deep") from error
            except Wrong:
                raise
            except ValueError as error:
                # Most likely cut. Twice as much each time, so that a long one is not read often.
                if not self._more(len(self._text) - self.at):
                    raise Wrong(str(error)[:100]) from error
            else:
                return value

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
            try:
                taken.append(self._decoder.decode(piece, final=not piece))
            except UnicodeDecodeError as error:
                raise Wrong("not UTF-8") from error
            count += len(taken[-1])
            if not piece:
                self._ended = True
                break
        self._text = "".join(taken)
        return count > 0
