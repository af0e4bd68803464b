"""Lets a fault in an override of Qt's methods be an error in the log, and never the end.

Importing this guards every class below Qt's, those that there are and those to come. Its overrides
are wrapped: what they raise is told to `sys.excepthook`, and Qt is given an empty value, which is
False, 0, nothing or a null size. An exception that reached Shiboken instead would do harm:

- On Python 3.11 one that C raised, as `[][5]` or `{}["x"]` do, is no object yet when Shiboken reads
  its arguments: signal 11.
- With any Python, where Qt was called by Python, it is only noted until that call returns. What
  overrides are looked up for the first time meanwhile are given up for good, and each loses a
  reference to its function that nobody holds (`Sbk_GetPyOverride`): signal 11 some calls later.
- Its traceback keeps the painters that were begun, while what they paint on goes: signal 11.
"""

from __future__ import annotations

import functools
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, TracebackType
from typing import Any

from shiboken6 import Shiboken

# The same place is told once in a while: a painting may fail sixty times a second.
REST_SECONDS = 1.0
_QTS = ("PySide6.", "Shiboken")
_rested: dict[tuple[CodeType, int], float] = {}
_Function = Callable[..., Any]


def guard_class(cls: type) -> None:
    """Guard the overrides of a class below Qt's, and of what is mixed into it."""
    for owner, name, override in list(overrides(cls)):
        if not hasattr(override, "__wrapped__"):
            setattr(owner, name, _guarded(override))


def overrides(cls: type) -> Iterator[tuple[type, str, FunctionType]]:
    """What a class and its mixins define that Qt has a method for: where, under which name."""
    theirs = [vars(each) for each in cls.__mro__ if each.__module__.startswith(_QTS)]
    for owner in cls.__mro__[:-1]:
        # Another class below Qt's was looked at when it was made.
        if owner is not cls and issubclass(owner, Shiboken.Object):
            continue
        for name, value in vars(owner).items():
            if type(value) is FunctionType and not name.startswith("__"):
                for methods in theirs:
                    if name in methods:
                        yield owner, name, value
                        break


def _guarded(override: FunctionType) -> _Function:
    """As `override` with the same parameters: PySide counts them where it is a slot."""
    code = override.__code__
    count = code.co_argcount
    plain = count <= len(_BY_COUNT) and not code.co_kwonlyargcount and not code.co_flags & _STARS
    made: Any = (_BY_COUNT[count - 1] if plain else _any)(override)
    if plain:
        ours = made.__code__
        names = code.co_varnames[:count] + ours.co_varnames[count:]
        made.__code__ = ours.replace(co_varnames=names)
        made.__defaults__ = override.__defaults__
    guarded: _Function = functools.update_wrapper(made, override)
    return guarded


# One for each count of parameters: a call through stars takes three times as long.


def _1(override: _Function) -> _Function:
    def guarded(a: Any) -> Any:
        try:
            return override(a)
        except Exception as fault:
            _tell(fault)

    return guarded


def _2(override: _Function) -> _Function:
    def guarded(a: Any, b: Any) -> Any:
        try:
            return override(a, b)
        except Exception as fault:
            _tell(fault)

    return guarded


def _3(override: _Function) -> _Function:
    def guarded(a: Any, b: Any, c: Any) -> Any:
        try:
            return override(a, b, c)
        except Exception as fault:
            _tell(fault)

    return guarded


def _4(override: _Function) -> _Function:
    def guarded(a: Any, b: Any, c: Any, d: Any) -> Any:
        try:
            return override(a, b, c, d)
        except Exception as fault:
            _tell(fault)

    return guarded


def _any(override: _Function) -> _Function:
    def guarded(*arguments: Any, **named: Any) -> Any:
        try:
            return override(*arguments, **named)
        except Exception as fault:
            _tell(fault)

    return guarded


_BY_COUNT = (_1, _2, _3, _4)
_STARS = 4 | 8  # inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def _tell(fault: Exception) -> None:
    trace = fault.__traceback__.tb_next if fault.__traceback__ is not None else None
    if trace is None:  # called with the wrong arguments
        trace = fault.__traceback__
    _end_painters(trace)
    _hush()
    assert trace is not None
    place, now = (trace.tb_frame.f_code, trace.tb_lineno), time.monotonic()
    if now < _rested.get(place, 0.0):
        return
    _rested[place] = now + REST_SECONDS
    try:
        sys.excepthook(type(fault), fault.with_traceback(trace), trace)
    except Exception:
        sys.__excepthook__(*sys.exc_info())


def _end_painters(trace: TracebackType | None) -> None:
    while trace is not None:
        for value in trace.tb_frame.f_locals.values():
            # By name: QtGui need not be loaded. Painters of Qt's own are Qt's to end.
            if type(value).__name__ == "QPainter" and Shiboken.ownedByPython(value):
                value.end()
        trace = trace.tb_next


def _hush() -> None:
    """Shiboken warns of None where it takes an empty value for it."""
    warnings.filterwarnings("ignore", "Invalid return value in function", RuntimeWarning)


def _below(base: type) -> Iterator[type]:
    each: type
    for each in base.__subclasses__():
        yield from _below(each)
        if not each.__module__.startswith(_QTS):
            yield each


def _guard_all() -> None:
    base: Any = Shiboken.Object

    def on_new_class(cls: type, /, **options: Any) -> None:
        super(base, cls).__init_subclass__(**options)
        guard_class(cls)

    base.__init_subclass__ = classmethod(on_new_class)
    for each in _below(base):
        guard_class(each)


_guard_all()
