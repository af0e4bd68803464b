"""A view in a window of a fixed size, in the light theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from studio.ui.look import theme
from studio.ui.transcript.view import TranscriptView


@pytest.fixture
def view(qapp: QApplication) -> Iterator[TranscriptView]:
    """Shown, 900 by 700, without messages."""
    qapp.setStyle("Fusion")
    theme.apply(qapp, theme.LIGHT)
    made = TranscriptView()
    made.resize(900, 700)
    made.show()
    QApplication.sendPostedEvents()
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
