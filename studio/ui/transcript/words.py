"""The words around a message: its model, times, statistics, states and the steps that help."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from studio.core.errors import TEXTS, ErrorAction, ErrorKind, StoredError
from studio.core.messages import Message, MessageStatus, Role, ToolCallPart, ToolResultPart
from studio.sessions.chat.answer import NO_ROOM, NOTHING_CAME
from studio.ui.look import text

# Actions of cards beside those of ErrorAction; the second is followed by a model's id.
ASK_ANYWAY = "ask_anyway"
CONTINUE_WITH = "continue_with:"
SEND_ALL = "send_all"
MEND = "mend"  # a value that the service refused


def short_model(model: str) -> str:
    """The model's name without its owner and provider."""
    return model.rpartition("/")[2].partition(":")[0]


def author(message: Message) -> str:
    """Who speaks, for the head of a message and for screen readers."""
    if message.role is Role.USER:
        return QCoreApplication.translate("transcript", "You")
    return short_model(message.model) or QCoreApplication.translate("transcript", "Answer")


def thought(seconds: float | None, *, thinking: bool) -> str:
    """The folded line of the reasoning."""
    if thinking:
        return QCoreApplication.translate("transcript", "Thinking…")
    if seconds is None:
        return QCoreApplication.translate("transcript", "Thought")
    words = QCoreApplication.translate("transcript", "Thought for {time}")
    return words.replace("{time}", text.seconds(seconds))


def statistics(message: Message) -> str:
    """Time to the first token, speed and tokens, as far as they are known."""
    parts = []
    first, total = message.timing.first_token, message.timing.total
    given, taken = message.usage.output_tokens, message.usage.input_tokens
    if first is not None:
        words = QCoreApplication.translate("transcript", "{time} to first token")
        parts.append(words.replace("{time}", _exact_seconds(first)))
    if given and total is not None and first is not None and total - first > 0.05:
        words = QCoreApplication.translate("transcript", "{n} tokens/s")
        parts.append(words.replace("{n}", text.number(round(given / (total - first)))))
    if taken is not None and given is not None:
        words = QCoreApplication.translate("transcript", "{in} in, {out} out")
        parts.append(words.replace("{in}", text.number(taken)).replace("{out}", text.number(given)))
    return " · ".join(parts)


def _exact_seconds(value: float) -> str:
    if value >= 10:
        return text.seconds(value)
    return QCoreApplication.translate("units", "{n} s").replace("{n}", f"{value:.2f}")


@dataclass(frozen=True, slots=True)
class Step:
    """A button of a card: what it does, its icon and its words; a `main` one is the way on."""

    action: str
    icon: str
    words: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What a card in the transcript says; `detail` is foreign text."""

    icon: str
    tone: str  # warn, bad or muted
    title: str
    hint: str
    detail: str = ""
    request_id: str = ""
    steps: tuple[Step, ...] = ()  # the last one is the one that helps most


def _step(action: ErrorAction) -> Step | None:
    translate = QCoreApplication.translate
    table = {
        ErrorAction.RETRY: ("arrow-clockwise", translate("transcript", "Retry")),
        ErrorAction.CONTINUE: ("play", translate("transcript", "Continue")),
        ErrorAction.TOKEN_SETTINGS: ("gear", translate("transcript", "Open token settings")),
        ErrorAction.TRY_OFFLINE: ("flask", translate("transcript", "Try it offline")),
        ErrorAction.BIND_ACCOUNT: ("link", translate("transcript", "Bind the account")),
        ErrorAction.VERIFY_ACCOUNT: ("identification-card", translate("transcript", "Verify")),
        ErrorAction.CREDITS_PAGE: ("coin", translate("transcript", "See credits")),
        ErrorAction.OTHER_MODEL: ("swap", translate("transcript", "Choose another model")),
        ErrorAction.NETWORK_SETTINGS: ("gear", translate("transcript", "Open network settings")),
        ErrorAction.CHECK_ACCOUNT: ("heartbeat", translate("transcript", "Check")),
        ErrorAction.COPY_DETAILS: ("copy", translate("transcript", "Copy details")),
    }
    found = table.get(action)
    return Step(action.value, *found) if found else None


_ICONS = {
    ErrorKind.NO_TOKEN: ("key", "bad"),
    ErrorKind.WRONG_TOKEN: ("key", "bad"),
    ErrorKind.BAD_TOKEN_TEXT: ("key", "bad"),
    ErrorKind.NOT_BOUND: ("link", "warn"),
    ErrorKind.NOT_VERIFIED: ("identification-card", "warn"),
    ErrorKind.NO_CREDITS: ("coin", "warn"),
    ErrorKind.DONE_FOR_TODAY: ("moon", "muted"),
    ErrorKind.THROTTLED: ("hourglass", "warn"),
    ErrorKind.NO_MODEL: ("cube", "muted"),
    ErrorKind.MODEL_GONE: ("archive", "muted"),
    ErrorKind.NO_SUPPLY: ("archive", "muted"),
    ErrorKind.CONTEXT_FULL: ("ruler", "warn"),
    ErrorKind.ONLY_REASONING: ("brain", "muted"),
    ErrorKind.CUT_SHORT: ("link-break", "warn"),
    ErrorKind.IDLE: ("link-break", "warn"),
    ErrorKind.UNANSWERED: ("link-break", "warn"),
    ErrorKind.PROGRAM_ENDED: ("power", "muted"),
    ErrorKind.NO_NETWORK: ("wifi-slash", "warn"),
    ErrorKind.TIMED_OUT: ("clock", "warn"),
    ErrorKind.BUSY: ("hourglass", "warn"),
    ErrorKind.STORAGE: ("hard-drives", "bad"),
    ErrorKind.TLS: ("shield-warning", "bad"),
}

# Their words promise that what came is kept, which is for answers of which something came.
_KEEPS = frozenset({ErrorKind.CUT_SHORT, ErrorKind.IDLE, ErrorKind.PROGRAM_ENDED})
# What the token doctor can tell more about; the others lead to it by their own step.
_EXAMINED = frozenset(
    {
        ErrorKind.NOT_BOUND,
        ErrorKind.NOT_VERIFIED,
        ErrorKind.NO_CREDITS,
        ErrorKind.NO_NETWORK,
        ErrorKind.UNKNOWN_HOST,
        ErrorKind.NOTHING_THERE,
        ErrorKind.TIMED_OUT,
        ErrorKind.PROXY,
        ErrorKind.TLS,
        ErrorKind.TLS_OTHER_HOST,
        ErrorKind.NO_TLS,
        ErrorKind.CERTIFICATE_FILE,
        ErrorKind.WEB_PAGE,
        ErrorKind.REDIRECTED,
    }
)


def card(message: Message, successor: str = "", *, shortens: bool = True) -> Card | None:
    """The card below a message that did not end well, or that ended at a limit.

    `successor` is the model to go on with where this one does not answer; "" offers none.
    `shortens`: the oldest turns could be left out.
    """
    status = message.status
    if message.role is Role.USER or status is MessageStatus.STREAMING:
        return None
    if message.error is not None:
        return _error_card(message, successor, shortens)
    translate = QCoreApplication.translate
    if status is MessageStatus.STOPPED:
        title = translate("transcript", "You stopped the answer")
        return _card(message, "stop-circle", title, _kept(message))
    if status is MessageStatus.INTERRUPTED:
        title = translate("transcript", "The answer ended early")
        return replace(_card(message, "link-break", title, _kept(message)), tone="warn")
    if status is MessageStatus.FAILED:
        title = translate("transcript", "There is no answer")
        hint = translate("transcript", "A retry usually helps.")
        return replace(_card(message, "warning-circle", title, hint), tone="bad")
    return _limit_card(message)


def _kept(message: Message) -> str:
    if message.blank:
        return text.translated("network", NOTHING_CAME)
    return QCoreApplication.translate("transcript", "What came until then is kept.")


def _card(message: Message, icon: str, title: str, hint: str) -> Card:
    steps = (
        _step(ErrorAction.RETRY),
        _step(ErrorAction.CONTINUE) if message.text.strip() else None,
    )
    shown = tuple(step for step in steps if step is not None)
    return Card(icon, "muted", title, hint, request_id=message.request_id, steps=shown)


def _limit_card(message: Message) -> Card | None:
    translate = QCoreApplication.translate
    if message.finish_reason in ("length", "max_tokens"):
        title = translate("transcript", "The answer reached its length limit")
        hint = translate("transcript", "Continue it, or raise the limit in the parameters.")
        if not message.text.strip():
            hint = text.translated("errors", NO_ROOM)
        # Without a word of an answer there is nothing to go on from.
        step = _step(ErrorAction.CONTINUE if message.text.strip() else ErrorAction.RETRY)
        return Card("ruler", "muted", title, hint, steps=(step,) if step else ())
    if message.finish_reason in ("content_filter", "refusal"):
        title = translate("transcript", "The service held back the rest")
        if message.blank:
            title = translate("transcript", "The service held back the answer")
        hint = translate(
            "transcript", "Its content filter ended the answer. Try asking in other words."
        )
        return Card("shield", "muted", title, hint)
    return None


def _other_model_steps(message: Message, successor: str) -> list[Step]:
    """The ways on where the model does not answer; the last one is the one that helps most."""
    translate = QCoreApplication.translate
    steps = []
    if message.error is not None and message.error.values.get("reason"):
        # Nobody asked this time: the user may know better.
        words = translate("transcript", "Ask anyway")
        steps.append(Step(ASK_ANYWAY, "arrow-clockwise", words))
    choose = _step(ErrorAction.OTHER_MODEL)
    if choose is not None:
        words = translate("transcript", "Choose…") if successor else choose.words
        steps.append(replace(choose, words=words, icon="" if successor else choose.icon))
    if successor:
        words = translate("transcript", "Continue with {model}")
        words = words.replace("{model}", short_model(successor))
        steps.append(Step(CONTINUE_WITH + successor, "", words, main=True))
    return steps


def cut_card() -> Card:
    """The card below the last message that is not sent any more."""
    translate = QCoreApplication.translate
    title = translate("transcript", "What stands above is not sent any more")
    hint = translate("transcript", "All together became too long for the model. It stays here.")
    again = Step(SEND_ALL, "", translate("transcript", "Send it again"))
    return Card("scissors", "muted", title, hint, steps=(again,))


def _full_steps(message: Message, successor: str, shortens: bool) -> list[Step]:
    """The ways on where a conversation is too long for its model."""
    steps = _other_model_steps(message, successor)
    if not shortens:
        return steps
    words = QCoreApplication.translate("transcript", "Send without the oldest")
    shorten = Step(ErrorAction.SHORTEN.value, "scissors", words, main=True)
    return [*(replace(step, main=False) for step in steps), shorten]


def _error_card(message: Message, successor: str, shortens: bool) -> Card:
    error = message.error
    assert error is not None
    values = {**error.values, "model": short_model(error.values.get("model", ""))}
    if error.kind in _KEEPS and message.blank:
        values["reason"] = NOTHING_CAME
    title, hint = text.error_words(error._replace(values=values))
    icon, tone = _ICONS.get(error.kind, ("warning-circle", "bad"))
    action = error.action
    wanted = [action]
    if message.text.strip() and message.status is MessageStatus.INTERRUPTED:
        wanted = [ErrorAction.RETRY, ErrorAction.CONTINUE]
    elif error.kind is ErrorKind.NO_TOKEN:
        wanted = [ErrorAction.TRY_OFFLINE, action]
    elif error.kind in _EXAMINED and "step" not in error.values:
        # Trying again stays within reach: it is among the buttons below.
        wanted = [ErrorAction.CHECK_ACCOUNT, action]
    elif action not in (ErrorAction.RETRY, ErrorAction.NONE) and TEXTS[error.kind].retryable:
        wanted = [ErrorAction.RETRY, action]
    steps = tuple(step for step in map(_step, wanted) if step is not None)
    if error.kind is ErrorKind.STORAGE and message.parts:
        # It came, and was paid for: it only has to get onto the disk.
        words = QCoreApplication.translate("transcript", "Save again")
        steps = (Step(ErrorAction.RETRY.value, "arrow-clockwise", words),)
    if action is ErrorAction.OTHER_MODEL and not message.text.strip():
        steps = tuple(_other_model_steps(message, successor))
    elif error.kind is ErrorKind.NO_CREDITS and error.values.get("reason") and successor:
        # It may not be the user's purse at all: then another model is the way on.
        steps = (*steps, _other_model_steps(message, successor)[-1])
    elif action is ErrorAction.SHORTEN:
        steps = tuple(_full_steps(message, successor, shortens))
    steps += _mending(error)
    number = error.request_id or message.request_id
    return Card(icon, tone, title, hint, text.details(error), number, steps)


def _mending(error: StoredError) -> tuple[Step, ...]:
    """The way to a value that was refused."""
    words = QCoreApplication.translate("transcript", "Change it in the parameters")
    step = Step(MEND, "sliders-horizontal", words, main=True)
    return (step,) if error.values.get("fields") else ()


def status(message: Message) -> str:
    """The state of a message in words, for screen readers."""
    translate = QCoreApplication.translate
    words = {
        MessageStatus.STREAMING: translate("transcript", "being written"),
        MessageStatus.STOPPED: translate("transcript", "stopped"),
        MessageStatus.INTERRUPTED: translate("transcript", "interrupted"),
        MessageStatus.FAILED: translate("transcript", "failed"),
    }
    return words.get(message.status, "")


def tools(message: Message) -> str:
    """What tools were called with, and what they gave."""
    lines = []
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            lines.append(f"{part.name}({part.arguments})")
        elif isinstance(part, ToolResultPart):
            lines.append(part.text)
    return "\n\n".join(lines)
