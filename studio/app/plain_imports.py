"""Keeps PySide from reading the source of each module that is imported.

It looks for its own name there, to know where `from __feature__ import …` might matter, and
Python's `linecache` keeps all that was read: 20 ms of CPU before the first paint, and 12 MB for as
long as the program runs. Nothing here, or below it, uses those features.
"""

from __future__ import annotations

import sys
from typing import Any

import PySide6.QtCore  # noqa: F401 - it brings the hook

_feature: Any = sys.modules.get("shibokensupport.feature")
if hasattr(_feature, "_mod_uses_pyside"):
    _feature._mod_uses_pyside = lambda _module: False
