"""What can go wrong, and the words for each: title, hint and the one step that helps."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from studio.core.texts import QT_TRANSLATE_NOOP


class ErrorKind(StrEnum):
    """What went wrong, as far as the user's next step depends on it."""

    NO_TOKEN = "no_token"
    WRONG_TOKEN = "wrong_token"
    BAD_TOKEN_TEXT = "bad_token_text"
    NO_MODEL = "no_model"
    NOT_BOUND = "not_bound"
    NOT_VERIFIED = "not_verified"
    NO_CREDITS = "no_credits"
    DONE_FOR_TODAY = "done_for_today"
    THROTTLED = "throttled"
    MODEL_GONE = "model_gone"
    NO_SUPPLY = "no_supply"
    CONTEXT_FULL = "context_full"
    ONLY_REASONING = "only_reasoning"
    PICTURE_TOO_LARGE = "picture_too_large"
    REFUSED = "refused"
    BUSY = "busy"
    CUT_SHORT = "cut_short"
    UNANSWERED = "unanswered"
    EMPTY_ANSWER = "empty_answer"
    IDLE = "idle"
    WEB_PAGE = "web_page"
    BAD_REPLY = "bad_reply"
    REDIRECTED = "redirected"
    TOO_LARGE = "too_large"
    NO_NETWORK = "no_network"
    UNKNOWN_HOST = "unknown_host"
    NOTHING_THERE = "nothing_there"
    PROXY = "proxy"
    TLS = "tls"
    TLS_OTHER_HOST = "tls_other_host"
    NO_TLS = "no_tls"
    CERTIFICATE_FILE = "certificate_file"
    NOT_ENCRYPTED = "not_encrypted"
    TIMED_OUT = "timed_out"
    BAD_ADDRESS = "bad_address"
    TASK_FAILED = "task_failed"
    TASK_UNKNOWN = "task_unknown"
    TASK_OVERDUE = "task_overdue"
    MAYBE_SUBMITTED = "maybe_submitted"
    RESULT_GONE = "result_gone"
    NOT_A_PICTURE = "not_a_picture"
    UNREADABLE_PICTURE = "unreadable_picture"
    STORAGE = "storage"
    NOT_IMPORTED = "not_imported"
    PROGRAM_ENDED = "program_ended"
    BUG = "bug"


class ErrorAction(StrEnum):
    """The one step that helps; the window knows how to do each."""

    NONE = ""
    RETRY = "retry"
    CONTINUE = "continue"
    TOKEN_SETTINGS = "token_settings"
    BIND_ACCOUNT = "bind_account"
    VERIFY_ACCOUNT = "verify_account"
    CREDITS_PAGE = "credits_page"
    OTHER_MODEL = "other_model"
    SHORTEN = "shorten"  # ask again without the oldest turns
    NETWORK_SETTINGS = "network_settings"
    CHECK_ACCOUNT = "check_account"  # beside the step that helps: the token doctor
    TRY_OFFLINE = "try_offline"  # beside the token settings: the service in a box
    COPY_DETAILS = "copy_details"


class ErrorText(NamedTuple):
    """Title and hint in English, with {host} and {model} left open, and the step that helps."""

    title: str
    hint: str
    action: ErrorAction = ErrorAction.RETRY
    retryable: bool = True


def _text(
    title: str, hint: str, action: ErrorAction = ErrorAction.RETRY, retryable: bool = True
) -> ErrorText:
    return ErrorText(title, hint, action, retryable)


_A = ErrorAction

TEXTS: dict[ErrorKind, ErrorText] = {
    ErrorKind.NO_TOKEN: _text(
        QT_TRANSLATE_NOOP("errors", "No access token yet"),
        QT_TRANSLATE_NOOP(
            "errors", "Models answer only with a token. Enter yours; your message is kept."
        ),
        _A.TOKEN_SETTINGS,
        False,
    ),
    ErrorKind.WRONG_TOKEN: _text(
        QT_TRANSLATE_NOOP("errors", "{host} does not accept the token"),
        QT_TRANSLATE_NOOP("errors", "It was revoked or mistyped. Your message is kept."),
        _A.TOKEN_SETTINGS,
        False,
    ),
    ErrorKind.BAD_TOKEN_TEXT: _text(
        QT_TRANSLATE_NOOP("errors", "This is not a token"),
        QT_TRANSLATE_NOOP(
            "errors", "A token is one word of Latin letters, digits and symbols. Copy it again."
        ),
        _A.TOKEN_SETTINGS,
        False,
    ),
    ErrorKind.NO_MODEL: _text(
        QT_TRANSLATE_NOOP("errors", "No model is chosen"),
        QT_TRANSLATE_NOOP("errors", "Choose a model, then ask again. Your message is kept."),
        _A.OTHER_MODEL,
        False,
    ),
    ErrorKind.NOT_BOUND: _text(
        QT_TRANSLATE_NOOP("errors", "No Alibaba Cloud account is bound"),
        QT_TRANSLATE_NOOP(
            "errors",
            "Models answer only accounts bound to Alibaba Cloud. "
            "It takes about a minute, in the site's account settings.",
        ),
        _A.BIND_ACCOUNT,
        False,
    ),
    ErrorKind.NOT_VERIFIED: _text(
        QT_TRANSLATE_NOOP("errors", "The account is not verified"),
        QT_TRANSLATE_NOOP(
            "errors",
            "The service asks for real-name verification first, in the site's account settings.",
        ),
        _A.VERIFY_ACCOUNT,
        False,
    ),
    ErrorKind.NO_CREDITS: _text(
        QT_TRANSLATE_NOOP("errors", "Credits or quota are used up"),
        QT_TRANSLATE_NOOP("errors", "New credits come with the daily login. Your message is kept."),
        _A.CREDITS_PAGE,
        False,
    ),
    ErrorKind.DONE_FOR_TODAY: _text(
        QT_TRANSLATE_NOOP("errors", "{model} is done for today"),
        QT_TRANSLATE_NOOP(
            "errors",
            "Its quota for today is used up. Go on with another model, or come back later.",
        ),
        _A.OTHER_MODEL,
        False,
    ),
    ErrorKind.THROTTLED: _text(
        QT_TRANSLATE_NOOP("errors", "The service asks to slow down"),
        QT_TRANSLATE_NOOP("errors", "Too many requests at once. Your message is kept."),
    ),
    ErrorKind.MODEL_GONE: _text(
        QT_TRANSLATE_NOOP("errors", "{model} is not served"),
        QT_TRANSLATE_NOOP(
            "errors",
            "It was retired, misspelt, or is off now. Nothing is lost: choose another model.",
        ),
        _A.OTHER_MODEL,
        False,
    ),
    ErrorKind.NO_SUPPLY: _text(
        QT_TRANSLATE_NOOP("errors", "The service cannot serve {model} now"),
        QT_TRANSLATE_NOOP(
            "errors",
            "Its own account with the model's maker is empty; yours is not the reason. "
            "Go on with another model.",
        ),
        _A.OTHER_MODEL,
        False,
    ),
    ErrorKind.CONTEXT_FULL: _text(
        QT_TRANSLATE_NOOP("errors", "This is too long for {model}"),
        QT_TRANSLATE_NOOP(
            "errors",
            "Send it without the oldest messages, which stay on the page, or go on with another "
            "model.",
        ),
        _A.SHORTEN,
        False,
    ),
    ErrorKind.ONLY_REASONING: _text(
        QT_TRANSLATE_NOOP("errors", "{model} only thought"),
        QT_TRANSLATE_NOOP(
            "errors", "Its thoughts are above, but no answer followed them. A retry may help."
        ),
    ),
    ErrorKind.PICTURE_TOO_LARGE: _text(
        QT_TRANSLATE_NOOP("errors", "The picture is too large for {model}"),
        QT_TRANSLATE_NOOP("errors", "Send it smaller, or ask about a part of it."),
        _A.NONE,
        False,
    ),
    ErrorKind.REFUSED: _text(
        QT_TRANSLATE_NOOP("errors", "The service refused the request"),
        QT_TRANSLATE_NOOP("errors", "See what it said below, change the request and send again."),
    ),
    ErrorKind.BUSY: _text(
        QT_TRANSLATE_NOOP("errors", "The service is busy"),
        QT_TRANSLATE_NOOP("errors", "This is on their side. Retry in a moment."),
    ),
    ErrorKind.CUT_SHORT: _text(
        QT_TRANSLATE_NOOP("errors", "The answer ended early"),
        QT_TRANSLATE_NOOP(
            "errors", "The connection ended before the answer was whole. What came is kept."
        ),
    ),
    ErrorKind.UNANSWERED: _text(
        QT_TRANSLATE_NOOP("errors", "The connection broke before an answer came"),
        QT_TRANSLATE_NOOP(
            "errors",
            "The service may have worked on it, so it was not sent again by itself. "
            "Your message is kept.",
        ),
    ),
    ErrorKind.EMPTY_ANSWER: _text(
        QT_TRANSLATE_NOOP("errors", "The service returned an empty answer"),
        QT_TRANSLATE_NOOP("errors", "This happens now and then. A retry usually helps."),
    ),
    ErrorKind.IDLE: _text(
        QT_TRANSLATE_NOOP("errors", "The answer stopped coming"),
        QT_TRANSLATE_NOOP(
            "errors", "The service fell silent, so the wait was ended. What came is kept."
        ),
    ),
    ErrorKind.WEB_PAGE: _text(
        QT_TRANSLATE_NOOP("errors", "The server answered with a web page"),
        QT_TRANSLATE_NOOP(
            "errors",
            "A login page or a proxy may stand in between. Check the network and the address.",
        ),
        _A.NETWORK_SETTINGS,
    ),
    ErrorKind.BAD_REPLY: _text(
        QT_TRANSLATE_NOOP("errors", "The answer could not be understood"),
        QT_TRANSLATE_NOOP("errors", "The server sent something that this program does not know."),
    ),
    ErrorKind.REDIRECTED: _text(
        QT_TRANSLATE_NOOP("errors", "{host} sent us to another address"),
        QT_TRANSLATE_NOOP(
            "errors", "It was not followed, so that nothing you wrote goes to strangers."
        ),
        _A.NETWORK_SETTINGS,
        False,
    ),
    ErrorKind.TOO_LARGE: _text(
        QT_TRANSLATE_NOOP("errors", "The answer is far too large"),
        QT_TRANSLATE_NOOP("errors", "Reading it was stopped to protect this computer."),
    ),
    ErrorKind.NO_NETWORK: _text(
        QT_TRANSLATE_NOOP("errors", "{host} cannot be reached"),
        QT_TRANSLATE_NOOP("errors", "Check the network and the address. Your message is kept."),
        _A.RETRY,
    ),
    ErrorKind.UNKNOWN_HOST: _text(
        QT_TRANSLATE_NOOP("errors", "The name {host} is not known"),
        QT_TRANSLATE_NOOP(
            "errors", "The address is misspelt, or this computer is offline. Your message is kept."
        ),
        _A.NETWORK_SETTINGS,
    ),
    ErrorKind.NOTHING_THERE: _text(
        QT_TRANSLATE_NOOP("errors", "Nothing answers at {host}"),
        QT_TRANSLATE_NOOP(
            "errors", "The connection was refused. Is the server running? Your message is kept."
        ),
    ),
    ErrorKind.PROXY: _text(
        QT_TRANSLATE_NOOP("errors", "The proxy does not let us through"),
        QT_TRANSLATE_NOOP(
            "errors", "Check its address, name and password in the network settings."
        ),
        _A.NETWORK_SETTINGS,
    ),
    ErrorKind.TLS: _text(
        QT_TRANSLATE_NOOP("errors", "The connection to {host} is not safe"),
        QT_TRANSLATE_NOOP(
            "errors",
            "Its certificate is not trusted. Something may be listening in. Nothing was sent.",
        ),
        _A.NETWORK_SETTINGS,
    ),
    ErrorKind.TLS_OTHER_HOST: _text(
        QT_TRANSLATE_NOOP("errors", "The certificate does not belong to {host}"),
        QT_TRANSLATE_NOOP(
            "errors", "Another server answered, perhaps a login page. Nothing was sent."
        ),
        _A.NETWORK_SETTINGS,
    ),
    ErrorKind.NO_TLS: _text(
        QT_TRANSLATE_NOOP("errors", "{host} does not speak TLS"),
        QT_TRANSLATE_NOOP(
            "errors", "A server on this computer may want http:// instead of https://."
        ),
        _A.NETWORK_SETTINGS,
    ),
    ErrorKind.CERTIFICATE_FILE: _text(
        QT_TRANSLATE_NOOP("errors", "The extra certificate file cannot be used"),
        QT_TRANSLATE_NOOP("errors", "It is missing or not in PEM form. Nothing was sent."),
        _A.NETWORK_SETTINGS,
        False,
    ),
    ErrorKind.NOT_ENCRYPTED: _text(
        QT_TRANSLATE_NOOP("errors", "The way to {host} is not encrypted"),
        QT_TRANSLATE_NOOP(
            "errors",
            "Over http:// anyone on the way could read your token and words. Use https://.",
        ),
        _A.NETWORK_SETTINGS,
        False,
    ),
    ErrorKind.TIMED_OUT: _text(
        QT_TRANSLATE_NOOP("errors", "{host} took too long"),
        QT_TRANSLATE_NOOP("errors", "No answer came in time. Your message is kept."),
    ),
    ErrorKind.BAD_ADDRESS: _text(
        QT_TRANSLATE_NOOP("errors", "This is not an address"),
        QT_TRANSLATE_NOOP("errors", "An address looks like https://host/v1, without spaces."),
        _A.NETWORK_SETTINGS,
        False,
    ),
    ErrorKind.TASK_FAILED: _text(
        QT_TRANSLATE_NOOP("errors", "The service could not make the picture"),
        QT_TRANSLATE_NOOP("errors", "Change the words or the size, or retry."),
    ),
    ErrorKind.TASK_UNKNOWN: _text(
        QT_TRANSLATE_NOOP("errors", "The service does not know the picture"),
        QT_TRANSLATE_NOOP(
            "errors",
            "It was ordered, and the service says it has no such task. Look again in a while.",
        ),
    ),
    ErrorKind.TASK_OVERDUE: _text(
        QT_TRANSLATE_NOOP("errors", "The picture did not come in time"),
        QT_TRANSLATE_NOOP(
            "errors", "The service may still be working on it. Look again in a while."
        ),
    ),
    ErrorKind.MAYBE_SUBMITTED: _text(
        QT_TRANSLATE_NOOP("errors", "It is not known whether the order arrived"),
        QT_TRANSLATE_NOOP(
            "errors",
            "No clear answer came. It is not sent again by itself: it might cost twice.",
        ),
    ),
    ErrorKind.RESULT_GONE: _text(
        QT_TRANSLATE_NOOP("errors", "The finished picture could not be fetched"),
        QT_TRANSLATE_NOOP("errors", "Its address did not answer. Prompt and seed are kept: retry."),
    ),
    ErrorKind.NOT_A_PICTURE: _text(
        QT_TRANSLATE_NOOP("errors", "What came is not a picture"),
        QT_TRANSLATE_NOOP("errors", "It was not saved. Prompt and seed are kept: retry."),
    ),
    ErrorKind.UNREADABLE_PICTURE: _text(
        QT_TRANSLATE_NOOP("errors", "This picture cannot be read"),
        QT_TRANSLATE_NOOP("errors", "Choose a PNG, JPEG, WebP, GIF, BMP or AVIF file."),
        _A.NONE,
        False,
    ),
    ErrorKind.STORAGE: _text(
        QT_TRANSLATE_NOOP("errors", "It could not be saved"),
        QT_TRANSLATE_NOOP(
            "errors",
            "Check the free space and the permissions of the data folder. "
            "Your text is kept here meanwhile.",
        ),
    ),
    ErrorKind.NOT_IMPORTED: _text(
        QT_TRANSLATE_NOOP("errors", "Nothing was imported"),
        QT_TRANSLATE_NOOP("errors", "The file could not be used. Your history is as it was."),
        _A.NONE,
        False,
    ),
    ErrorKind.PROGRAM_ENDED: _text(
        QT_TRANSLATE_NOOP("errors", "The program ended while this was written"),
        QT_TRANSLATE_NOOP("errors", "What had come until then is kept."),
    ),
    ErrorKind.BUG: _text(
        QT_TRANSLATE_NOOP("errors", "The program made a mistake"),
        QT_TRANSLATE_NOOP(
            "errors", "This is our fault and not the service's. Copy the details to report it."
        ),
        _A.COPY_DETAILS,
    ),
}
