"""The text of a body, by the charset it declares or the one that its bytes can be."""

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


def text_of(body: bytes, content_type: str = "") -> str:
    """The body as text; what no charset fits is read as UTF-8 with marks for what is broken."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return body.decode(charset, "replace")
    declared = _declared(content_type)
    first = [declared] if declared and declared not in _CARELESS else []
    for charset in (*first, "utf-8", *([declared] if declared else []), *_GUESSES):
        try:
            return body.decode(charset)
        except (UnicodeError, LookupError):
            continue
    return body.decode("utf-8", "replace")


def _declared(content_type: str) -> str:
    found = _DECLARED.search(content_type)
    if found is None:
        return ""
    try:
        name = codecs.lookup(found[1]).name
    except LookupError:
        return ""
    # A superset of both, which is what servers mean by either.
    return "gb18030" if name in ("gb2312", "gbk", "hz") else name
