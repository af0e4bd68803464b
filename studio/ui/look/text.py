"""Words for values: errors, numbers, sizes and times in the user's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from studio.core.errors import REFUSALS, TEXTS, ErrorKind, ErrorText, StoredError
from studio.core.texts import QT_TRANSLATE_NOOP

_GAP = re.compile(r"\{(\w+)\}")
# Contexts of the catalogue that hold reasons given by other rooms.
_REASONS = ("errors", "hosts", "ledger", "models", "network", "pictures", "secrets", "transfer")

_LONGEST_DETAIL = 600
# Of these the detail holds the service's own words.
_SAID = REFUSALS | {ErrorKind.TASK_FAILED, ErrorKind.TASK_UNKNOWN}
_TOMORROW = QT_TRANSLATE_NOOP("units", "{time} tomorrow")
_ON_A_DAY = QT_TRANSLATE_NOOP("units", "{time} on {day}")
_QUOTA_BACK = QT_TRANSLATE_NOOP(
    "ledger", "Its quota came back at {time}, so it can be asked again."
)


def translated(context: str, text: str, values: dict[str, str] | None = None) -> str:
    """A marked text in the user's language, its {names} filled from `values`.

    Values are foreign text; they are inserted after translation and never interpreted.
    """
    given = values or {}
    words = QCoreApplication.translate(context, text)
    for name, value in given.items():
        words = _without_gaps(words, name, value)
    # In one go: a value that looks like a {name} itself stays as it is.
    return _GAP.sub(lambda gap: given.get(gap[1], gap[0]), words)


def _without_gaps(words: str, name: str, value: str) -> str:
    """Chinese stands apart from a Latin value, which is the rule, and not from a Chinese one."""
    place = "{" + name + "}"
    if value and _is_han(value[0]) and _is_han(words.partition(f" {place}")[0][-1:]):
        words = words.replace(f" {place}", place)
    if value and _is_han(value[-1]) and _is_han(words.partition(f"{place} ")[2][:1]):
        words = words.replace(f"{place} ", place)
    return words


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def error_words(
    error: StoredError, table: Mapping[ErrorKind, ErrorText] = TEXTS
) -> tuple[str, str]:
    """Title and hint of an error; values it does not know are named in general words.

    `table` has the words of the place where it is shown.
    """
    texts = table[error.kind]
    general = {
        "host": QCoreApplication.translate("errors", "The service"),
        "model": QCoreApplication.translate("errors", "The model"),
    }
    values = {**general, **{name: value for name, value in error.values.items() if value}}
    title = translated("errors", texts.title, values)
    if until := _moment_in(error.values):
        # Said as it is when it is read, be that a day later and in another time zone.
        values["time"] = due(until)
        if until <= QDateTime.currentSecsSinceEpoch():
            return title, translated("ledger", _QUOTA_BACK, values)
    if reason := error.values.get("reason"):
        return title, _reason(reason, values)
    return title, translated("errors", texts.hint, values)


def _moment_in(values: Mapping[str, str]) -> int:
    """Until when an error holds, in seconds since the epoch; 0 when it does not say."""
    until = values.get("until", "")
    return int(until) if until.isdecimal() and len(until) < 12 else 0


def _reason(reason: str, values: dict[str, str]) -> str:
    """A sentence of the room that refused; it says more than the general hint."""
    found = (translated(context, reason, values) for context in _REASONS)
    english = translated("", reason, values)
    return next((words for words in found if words != english), english)


def error_sentence(error: StoredError, table: Mapping[ErrorKind, ErrorText] = TEXTS) -> str:
    """Title and hint in one line, for places without room for two."""
    title, hint = error_words(error, table)
    stop = (
        "" if title.endswith((".", "。", "?", "？")) else QCoreApplication.translate("units", ". ")
    )
    return f"{title}{stop}{hint}"


def details(error: StoredError) -> str:
    """What the service or this computer said, word for word and under a name; "" for nothing."""
    if error.kind not in _SAID:
        return technical(error.detail)
    return _under(QCoreApplication.translate("errors", "The service said"), error.detail)


def technical(detail: str) -> str:
    """Words of a library or the system, such as `[Errno 104] …`: never without saying so."""
    return _under(QCoreApplication.translate("errors", "Technical details"), detail)


def _under(label: str, words: str) -> str:
    words = words.strip()
    cut = words if len(words) <= _LONGEST_DETAIL else words[:_LONGEST_DETAIL] + "…"
    return labelled(label, cut) if words else ""


def byte_size(count: int) -> str:
    """412.0 kB, 3.9 MB."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def pixels(width: int, height: int) -> str:
    """4032 × 2688."""
    return f"{width} × {height}"


def seconds(value: float) -> str:
    """4.2 s; 1:05 from a minute up."""
    value = round(float(value), 1)  # float(): Qt takes an int for another overload
    if value >= 60:
        return f"{int(value) // 60}:{int(value) % 60:02d}"
    return QCoreApplication.translate("units", "{n} s").replace(
        "{n}", QLocale().toString(value, "f", 1)
    )


def whole_seconds(count: int) -> str:
    """6 s, counted down: 1:05 from a minute up."""
    if count >= 60:
        return f"{count // 60}:{count % 60:02d}"
    return QCoreApplication.translate("units", "{n} s").replace("{n}", QLocale().toString(count))


def clock_seconds(timestamp: float) -> str:
    """The time of day of a moment, as 14:02:07."""
    return QDateTime.fromSecsSinceEpoch(int(timestamp)).toString("HH:mm:ss")


def due(timestamp: float) -> str:
    """When something comes, as seen now: 16:00, 16:00 tomorrow, 16:00 on Nov 3."""
    then = QDateTime.fromSecsSinceEpoch(int(timestamp))
    days = QDateTime.currentDateTime().date().daysTo(then.date())
    pattern = "{time}" if not days else _TOMORROW if days == 1 else _ON_A_DAY
    day = QLocale().toString(then.date(), QCoreApplication.translate("units", "MMM d"))
    return translated("units", pattern, {"day": day, "time": then.toString("HH:mm")})


def stamp(timestamp: float) -> str:
    """When something was: 14:02 today, otherwise with its day, as Yesterday 14:02."""
    then = QDateTime.fromSecsSinceEpoch(int(timestamp))
    is_today = then.date() == QDateTime.currentDateTime().date()
    return then.toString("HH:mm") if is_today else full_moment(timestamp)


def moment(timestamp: float) -> str:
    """14:02 today, Nov 3 this year, 2025-11-03 before."""
    then = QDateTime.fromSecsSinceEpoch(int(timestamp))
    today = QDateTime.currentDateTime().date()
    if then.date() == today:
        return then.toString("HH:mm")
    if then.date().year() == today.year():
        return QLocale().toString(then.date(), QCoreApplication.translate("units", "MMM d"))
    return then.toString("yyyy-MM-dd")


def day(timestamp: float) -> str:
    """2025-11-03."""
    return QDateTime.fromSecsSinceEpoch(int(timestamp)).toString("yyyy-MM-dd")


def full_moment(timestamp: float) -> str:
    """A day in words of every day, with the time: Today 09:00, Nov 3 18:22, 2025-11-03 18:22."""
    then = QDateTime.fromSecsSinceEpoch(int(timestamp))
    days = then.date().daysTo(QDateTime.currentDateTime().date())
    if days == 0:
        day = QCoreApplication.translate("units", "Today")
    elif days == 1:
        day = QCoreApplication.translate("units", "Yesterday")
    elif then.date().year() == QDateTime.currentDateTime().date().year():
        day = QLocale().toString(then.date(), QCoreApplication.translate("units", "MMM d"))
    else:
        day = then.toString("yyyy-MM-dd")
    return f"{day} {then.toString('HH:mm')}"


def credit_count(value: float) -> str:
    """1 credit, 143.5 credits."""
    if value == 1:
        return QCoreApplication.translate("units", "1 credit")
    return QCoreApplication.translate("units", "{n} credits").replace("{n}", number(value))


def labelled(label: str, words: str) -> str:
    """Open: the data folder."""
    pattern = QCoreApplication.translate("units", "{label}: {words}")
    return pattern.replace("{label}", label).replace("{words}", words)


def listed(names: Sequence[str]) -> str:
    """steps, guidance, and seed."""
    return QLocale().createSeparatedList(list(names))


def number(value: float) -> str:
    """A number with the language's separators, without needless decimals."""
    # float(): Qt takes an int for another overload, which has no form.
    return QLocale().toString(float(value), "f", 0 if value == int(value) else 1)


def in_menu(words: str) -> str:
    """Foreign words in a menu: an ampersand would be taken for a mark of a shortcut."""
    return words.replace("&", "&&")
