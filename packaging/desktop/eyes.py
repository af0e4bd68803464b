"""Reads what a program shows to screen readers; run by the system's Python, in JSON lines.

One line in: {"pid": 123}. One line out: every control on the screen, parents before children, or
{"absent": true} while the program shows nothing to screen readers. Speaks AT-SPI over D-Bus itself
and asks for a whole level of the tree at once: a library that asks one by one takes a hundred
times as many turns, and remembers what is long gone.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402 - the version has to be chosen first

REGISTRY = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
ACCESSIBLE = "org.a11y.atspi.Accessible"
PROPERTIES = "org.freedesktop.DBus.Properties"
CALL_MS = 4000
MOST_NODES = 4000
SHOWING, VISIBLE = 25, 30
STATES = {
    1: "active",
    4: "checked",
    5: "collapsed",
    7: "editable",
    8: "enabled",
    10: "expanded",
    11: "focusable",
    12: "focused",
    16: "modal",
    20: "pressed",
    22: "selectable",
    23: "selected",
    24: "sensitive",
    25: "showing",
    30: "visible",
    43: "read-only",
}

Address = tuple[str, str]


class Eyes:
    """A connection to the accessibility bus."""

    def __init__(self) -> None:
        session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        answer = session.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, 5000, None
        )
        flags = (
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        )
        self._bus = Gio.DBusConnection.new_for_address_sync(answer.unpack()[0], flags, None, None)

    def look(self, pid: int) -> list[dict[str, Any]] | None:
        """All controls of a process, or None while it shows nothing."""
        root = self._application(pid)
        if root is None:
            return None
        level: list[dict[str, Any]] = [{"address": root, "depth": 0, "path": (0,)}]
        found: list[dict[str, Any]] = []
        while level and len(found) < MOST_NODES:
            self._describe(level)
            # What is not shown is not looked into.
            level = [each for each in level if each["depth"] == 0 or _shown(each)]
            found += level
            level = self._children(level)
        found.sort(key=lambda each: each["path"])
        return [_public(each) for each in found if each["depth"] > 0]

    def _application(self, pid: int) -> Address | None:
        applications = self._ask_all([(REGISTRY, ACCESSIBLE, "GetChildren", None)])[0]
        if applications is None:
            return None
        for address in applications[0]:
            bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus")
            wish = GLib.Variant("(s)", (address[0],))
            owner = self._ask_all([(bus, bus[0], "GetConnectionUnixProcessID", wish)])[0]
            if owner is not None and owner[0] == pid:
                return (address[0], address[1])
        return None

    def _describe(self, level: list[dict[str, Any]]) -> None:
        calls = []
        for each in level:
            where = each["address"]
            calls += [
                (where, ACCESSIBLE, "GetRoleName", None),
                (where, ACCESSIBLE, "GetState", None),
                (where, PROPERTIES, "Get", GLib.Variant("(ss)", (ACCESSIBLE, "Name"))),
                (where, PROPERTIES, "Get", GLib.Variant("(ss)", (ACCESSIBLE, "Description"))),
                (where, "org.a11y.atspi.Component", "GetExtents", GLib.Variant("(u)", (0,))),
                (where, ACCESSIBLE, "GetInterfaces", None),
            ]
        answers = self._ask_all(calls)
        for number, each in enumerate(level):
            role, state, name, words, box, kinds = answers[6 * number : 6 * number + 6]
            each["role"] = role[0] if role else ""
            bits = (state[0][0] | state[0][1] << 32) if state else 0
            each["states"] = [word for bit, word in STATES.items() if bits >> bit & 1]
            each["name"] = name[0] if name else ""
            each["description"] = words[0] if words else ""
            each["box"] = list(box[0]) if box else [0, 0, 0, 0]
            each["kinds"] = kinds[0] if kinds else []
        self._read_texts(level)

    def _read_texts(self, level: list[dict[str, Any]]) -> None:
        calls, owners = [], []
        for each in level:
            if "org.a11y.atspi.Text" in each["kinds"] and _shown(each):
                wish = GLib.Variant("(ii)", (0, -1))
                calls.append((each["address"], "org.a11y.atspi.Text", "GetText", wish))
                owners.append((each, "text"))
            if "org.a11y.atspi.Value" in each["kinds"] and _shown(each):
                wish = GLib.Variant("(ss)", ("org.a11y.atspi.Value", "CurrentValue"))
                calls.append((each["address"], PROPERTIES, "Get", wish))
                owners.append((each, "value"))
        for (each, what), answer in zip(owners, self._ask_all(calls), strict=True):
            if answer is not None:
                each[what] = answer[0]

    def _children(self, level: list[dict[str, Any]]) -> list[dict[str, Any]]:
        calls = [(each["address"], ACCESSIBLE, "GetChildren", None) for each in level]
        found = []
        for parent, answer in zip(level, self._ask_all(calls), strict=True):
            for number, address in enumerate(answer[0] if answer is not None else ()):
                if address[1] != "/org/a11y/atspi/null":
                    found.append(
                        {
                            "address": (address[0], address[1]),
                            "depth": parent["depth"] + 1,
                            "path": (*parent["path"], number),
                        }
                    )
        return found

    def _ask_all(self, calls: list[tuple[Address, str, str, Any]]) -> list[Any]:
        """The answers of many calls that are under way at once; None for one that failed."""
        answers: list[Any] = [None] * len(calls)
        waiting = [len(calls)]

        def on_answer(connection: Any, result: Any, number: int) -> None:
            try:
                answers[number] = connection.call_finish(result).unpack()
            except GLib.Error:
                answers[number] = None  # gone between two questions
            waiting[0] -= 1

        for number, ((name, path), interface, method, wish) in enumerate(calls):
            self._bus.call(
                name, path, interface, method, wish, None, 0, CALL_MS, None, on_answer, number
            )
        context = GLib.MainContext.default()
        while waiting[0]:
            context.iteration(True)
        return answers


def _shown(each: dict[str, Any]) -> bool:
    return "showing" in each["states"] or "visible" in each["states"]


def _public(each: dict[str, Any]) -> dict[str, Any]:
    names = ("depth", "role", "name", "description", "text", "value", "states", "box")
    return {name: each[name] for name in names if name in each}


def main() -> int:
    """Answer line by line until stdin ends."""
    eyes: Eyes | None = None
    for line in sys.stdin:
        try:
            eyes = eyes or Eyes()
            found = eyes.look(int(json.loads(line)["pid"]))
            answer: Any = {"absent": True} if found is None else found
        except GLib.Error as error:
            answer = {"failed": str(error)}
        print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
