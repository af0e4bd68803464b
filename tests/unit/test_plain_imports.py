"""What is imported is not read a second time by PySide, nor kept."""

from __future__ import annotations

import json
import subprocess
import sys

_CHILD = """
import json, linecache, sys
import studio.app.main
import html.entities, xmlrpc.client  # of the standard library
import studio.core.transfer.html_page  # of ours
import qtawesome  # of others, and of one that uses Qt
json.dump(list(linecache.cache), sys.stdout)
"""


def test_no_source_is_read_to_look_for_qt_in_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True
    )
    kept = json.loads(done.stdout)
    names = ("entities.py", "client.py", "html_page.py", "qtawesome/__init__.py")
    assert not [path for path in kept if path.endswith(names)]
    assert not [path for path in kept if "/studio/" in path]
