"""The system asks the program to end while its window rests: heard at once, and one time only."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from studio.app.signals import signals_to

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_window_that_rests_hears_that_it_shall_end(qapp: QApplication, name: str) -> None:
    number = getattr(signal, name)
    resting, heard, too_late = QEventLoop(), [], QTimer()
    # The only other thing that would give Python its turn in the main thread.
    too_late.setSingleShot(True)
    too_late.timeout.connect(lambda: resting.exit(1))
    too_late.start(20_000)

    def end() -> None:
        heard.append(name)
        resting.quit()

    known = signal.getsignal(number)
    with signals_to(end):
        teller = threading.Timer(0.1, os.kill, (os.getpid(), number))
        teller.start()
        assert resting.exec() == 0
        teller.join()
        assert signal.getsignal(number) is signal.SIG_DFL  # asked again, it ends at once
    assert heard == [name]
    assert too_late.isActive()
    assert signal.getsignal(number) is known
    assert signal.set_wakeup_fd(-1) == -1  # nobody listens any more
