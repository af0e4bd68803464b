"""The states of a conversation: what its session does, and what the history shows of that."""

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


class Mark(Enum):
    """What the history shows of a conversation that is not at rest."""

    RUNNING = auto()
    WAITING = auto()  # for its turn, or for another try
    UNREAD = auto()  # a whole answer came while another conversation was shown
    CUT = auto()  # so did an end of the answer that is none
