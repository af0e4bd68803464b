"""A desktop of its own for the real program: screen, window manager, keyring, eyes and hands.

Needs Python's standard library and the system's own tools only, so that the tour and the tests
share it. Everything is bounded in time, and everything that was started is ended by its id.
"""

from desktop.control import Control, Glance
from desktop.desktop import Desktop, Keyring, missing_tools
from desktop.program import Program
from desktop.user import User
from desktop.waiting import DesktopError, NotSeenError, wait_until

__all__ = [
    "Control",
    "Desktop",
    "DesktopError",
    "Glance",
    "Keyring",
    "NotSeenError",
    "Program",
    "User",
    "missing_tools",
    "wait_until",
]
