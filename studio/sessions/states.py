"""The states of a session."""

from __future__ import annotations

from enum import Enum, auto


class SessionState(Enum):
    """What a session is doing."""

    IDLE = auto()
    SAVING = auto()  # the question is being written to disk
    QUEUED = auto()  # waits for its turn
    WAITING = auto()  # sent; nothing has come yet
    STREAMING = auto()
    BACKING_OFF = auto()  # counts down to another try
