"""Access tokens as typed or pasted by people: cleaned, or refused with a plain reason."""

from __future__ import annotations

import unicodedata

from studio.core.errors import ErrorKind, StudioError

LONGEST_TOKEN = 4096  # characters; known forms have 36 to some hundred

# What surrounds a token when it is copied out of a sample, a shell or a chat.
_QUOTES = "\"'`“”‘’«»「」"
_PREFIXES = ("authorization:", "bearer")


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp")


def clean_token(text: str) -> str:
    """Return the token within `text`: without `Bearer`, quotes, spaces, line ends, invisible signs.

    Raises StudioError: NO_TOKEN when nothing is left, BAD_TOKEN_TEXT for anything but visible
    ASCII or for more than 4 kB. No message ever holds the text. The form is not checked: the
    service may change it.
    """
    if len(text) > 2 * LONGEST_TOKEN:
        raise StudioError(ErrorKind.BAD_TOKEN_TEXT)
    token = text
    before = None
    while token != before:
        before = token
        token = token.strip(_QUOTES + " \t\r\n;,")
        while token and (_is_invisible(token[0]) or _is_invisible(token[-1])):
            token = token[1:] if _is_invisible(token[0]) else token[:-1]
        for prefix in _PREFIXES:
            rest = token[len(prefix) :]
            # "bearer" alone is a lost token; "bearerabc" may be one.
            if token.lower().startswith(prefix) and (
                not rest or prefix[-1] == ":" or rest[0] in " \t\r\n:"
            ):
                token = rest.lstrip(": ")
    token = "".join(character for character in token if not _is_invisible(character))
    if not token:
        raise StudioError(ErrorKind.NO_TOKEN)
    if len(token) > LONGEST_TOKEN or not (token.isascii() and token.isprintable()):
        raise StudioError(ErrorKind.BAD_TOKEN_TEXT)
    return token
