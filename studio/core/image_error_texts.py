"""What errors are called where a picture was ordered: the general words speak of answers."""

from __future__ import annotations

from studio.core.error_texts import TEXTS, ErrorKind, ErrorText
from studio.core.texts import QT_TRANSLATE_NOOP

_K = ErrorKind

_HINTS: dict[ErrorKind, str] = {
    _K.NO_TOKEN: QT_TRANSLATE_NOOP(
        "errors", "Pictures are made only with a token. Enter yours; your order is kept."
    ),
    _K.WRONG_TOKEN: QT_TRANSLATE_NOOP("errors", "It was revoked or mistyped. Your order is kept."),
    _K.NO_MODEL: QT_TRANSLATE_NOOP(
        "errors", "Choose a model, then generate again. Your order is kept."
    ),
    _K.NOT_BOUND: QT_TRANSLATE_NOOP(
        "errors",
        "Pictures are made only for accounts bound to Alibaba Cloud. "
        "It takes about a minute, in the site's account settings.",
    ),
    _K.NO_CREDITS: QT_TRANSLATE_NOOP(
        "errors", "New credits come with the daily login. Your order is kept."
    ),
    _K.THROTTLED: QT_TRANSLATE_NOOP("errors", "Too many requests at once. Your order is kept."),
    _K.REFUSED: QT_TRANSLATE_NOOP(
        "errors", "See what it said below, change the form and generate again."
    ),
    _K.CUT_SHORT: QT_TRANSLATE_NOOP(
        "errors", "The connection ended before it was whole. A retry costs nothing."
    ),
    _K.IDLE: QT_TRANSLATE_NOOP(
        "errors", "The service fell silent, so the wait was ended. A retry costs nothing."
    ),
    _K.NO_NETWORK: QT_TRANSLATE_NOOP(
        "errors", "Check the network and the address. Your order is kept."
    ),
    _K.UNKNOWN_HOST: QT_TRANSLATE_NOOP(
        "errors", "The address is misspelt, or this computer is offline. Your order is kept."
    ),
    _K.NOTHING_THERE: QT_TRANSLATE_NOOP(
        "errors", "The connection was refused. Is the server running? Your order is kept."
    ),
    _K.TIMED_OUT: QT_TRANSLATE_NOOP("errors", "No answer came in time. Your order is kept."),
    _K.UNANSWERED: TEXTS[_K.MAYBE_SUBMITTED].hint,
    _K.STORAGE: QT_TRANSLATE_NOOP(
        "errors",
        "Check the free space and the permissions of the picture folder. "
        "What was made is kept: retry.",
    ),
}
_TITLES: dict[ErrorKind, str] = {
    _K.CUT_SHORT: QT_TRANSLATE_NOOP("errors", "The picture came only in part"),
    _K.IDLE: QT_TRANSLATE_NOOP("errors", "The picture stopped coming"),
    _K.TOO_LARGE: QT_TRANSLATE_NOOP("errors", "The picture is far too large"),
}

IMAGE_TEXTS: dict[ErrorKind, ErrorText] = {
    kind: text._replace(title=_TITLES.get(kind, text.title), hint=_HINTS.get(kind, text.hint))
    for kind, text in TEXTS.items()
}
