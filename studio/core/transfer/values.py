"""Turns our frozen values into plain JSON and back: nothing is left out, and nothing is guessed.

Fields that have their default are not written, so a field that is added later changes no old
export. What is read comes from anybody: every value has to have its type and a possible size, or
`Wrong` is raised with the place where it stands.
"""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
Reader = Callable[[Any], Any]

LARGEST = 2**53  # what every reader of JSON keeps exactly


class Wrong(ValueError):
    """Something has another type or size than it must; `place` says where, as `parts[2].text`."""

    def __init__(self, place: str = "") -> None:
        super().__init__(place)
        self.place = place

    def within(self, outer: str) -> Wrong:
        """The same fault as seen from outside of `outer`."""
        joint = "." if self.place and not self.place.startswith("[") else ""
        return Wrong(f"{outer}{joint}{self.place}")


def line(value: Any) -> str:
    """JSON in the one form that this value has: sorted, without spaces, on one line."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def read(text: str | bytes) -> Any:
    """Read JSON of a stranger; raises Wrong for what is no JSON, too deep, or no real number."""

    def refuse(name: str) -> NoReturn:
        raise Wrong(name)

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError as error:
        raise Wrong("too deep") from error
    except Wrong:
        raise
    except ValueError as error:
        raise Wrong(str(error)[:100]) from error


def encode(value: Any, *without: str) -> dict[str, Any]:
    """A dataclass as a dict, without the fields named and those that have their default."""
    plain: dict[str, Any] = {}
    kind: Any = type(value)
    for name, stored_as, default in _defaults(kind):
        own = getattr(value, name)
        if own != default and name not in without:
            plain[stored_as] = own if type(own) is str else _plain(own)
    return plain


@cache
def _defaults(kind: Any) -> tuple[tuple[str, str, Any], ...]:
    # Times and ids are always written: a fresh one is made where they are not given.
    return tuple((each.name, _stored_as(each), each.default) for each in fields(kind))


def _stored_as(each: Field[Any]) -> str:
    # What is on disk keeps the name it was written with.
    return str(each.metadata.get("stored_as", each.name))


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return encode(value) if is_dataclass(value) else value


def decode(kind: type[T], stored: Any, **given: Any) -> T:
    """A `kind` from what `encode` made; `given` are fields that are known otherwise."""
    stored = as_dict(stored)
    for name, stored_as, needed, reader in _readers(typing.cast("Any", kind)):
        if name in given:
            continue
        if stored_as in stored:
            try:
                given[name] = reader(stored[stored_as])
            except Wrong as wrong:
                raise wrong.within(stored_as) from None
        elif needed:
            raise Wrong(stored_as)
    return kind(**given)


def mended(kind: type[T], stored: Any, **instead: Any) -> T:
    """A `kind` from a row of ours, whatever became of it: what is wrong or missing is `instead`'s.

    Fields that `instead` does not name fall back to their defaults. For what has a place already,
    such as a row whose picture is there; strangers' files are read with `decode`.
    """
    found = dict(instead)
    values = stored if isinstance(stored, dict) else {}
    for name, stored_as, _, reader in _readers(typing.cast("Any", kind)):
        if stored_as in values:
            with suppress(Wrong):
                found[name] = reader(values[stored_as])
    return kind(**found)


@cache
def _readers(kind: Any) -> tuple[tuple[str, str, bool, Reader], ...]:
    types_of = typing.get_type_hints(kind)
    # Also where a fresh value could be made it has to be there: an id must not change.
    return tuple(
        (each.name, _stored_as(each), each.default is MISSING, reader_of(types_of[each.name]))
        for each in fields(kind)
    )


def as_dict(stored: Any) -> dict[str, Any]:
    """`stored`, which has to be an object."""
    if not isinstance(stored, dict):
        raise Wrong
    return stored


def as_list(stored: Any) -> list[Any]:
    """`stored`, which has to be an array."""
    if not isinstance(stored, list):
        raise Wrong
    return stored


def each_of(reader: Reader, stored: Iterable[Any]) -> list[Any]:
    """Every element read; the place of a fault is its index."""
    found: list[Any] = []
    for index, element in enumerate(stored):
        try:
            found.append(reader(element))
        except Wrong as wrong:
            raise wrong.within(f"[{index}]") from None
    return found


@cache
def reader_of(kind: Any) -> Reader:
    """What reads a value of a type that a field of our dataclasses can be annotated with."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        one = reader_of(next(each for each in inner if each is not type(None)))
        return lambda stored: None if stored is None else one(stored)
    if origin is tuple:
        return _tuple_reader(reader_of(inner[0]), None if inner[-1] is Ellipsis else len(inner))
    if origin is dict:
        text = reader_of(inner[1])
        return lambda stored: {name: text(each) for name, each in as_dict(stored).items()}
    if is_dataclass(kind):
        return lambda stored: decode(typing.cast("type[Any]", kind), stored)
    return _enum_reader(kind) if issubclass(kind, Enum) else _simple_reader(kind)


def _tuple_reader(one: Reader, length: int | None) -> Reader:
    def read_tuple(stored: Any) -> Any:
        if length is not None and len(as_list(stored)) != length:
            raise Wrong
        return tuple(each_of(one, as_list(stored)))

    return read_tuple


def _enum_reader(kind: type[Enum]) -> Reader:
    known = {each.value: each for each in kind}

    def read_enum(stored: Any) -> Any:
        if not isinstance(stored, str) or stored not in known:
            raise Wrong
        return known[stored]

    return read_enum


def _simple_reader(kind: type) -> Reader:
    # Whole numbers may stand for fractions; true and false are no numbers.
    wanted = (int, float) if kind is float else (kind,)

    def read_simple(stored: Any) -> Any:
        if type(stored) not in wanted:
            raise Wrong
        if kind in (int, float) and not -LARGEST <= stored <= LARGEST:
            raise Wrong
        return stored

    return read_simple
