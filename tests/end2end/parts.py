"""What the tests in real windows have in common."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop import Program, User

TOKEN = "ms-3f9c1d52-a-token-of-the-tests-77aa"

Start = Callable[..., Program]
Use = Callable[..., User]
Tell = Callable[..., Any]


def files_with(words: str, folder: Path) -> list[Path]:
    """All files below a folder that hold these words, also as UTF-16 or base64."""
    raw = words.encode()
    # Each of the three ways that base64 may break it; the ends belong to what is around.
    coded = [base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)]
    forms = [raw, words.encode("utf-16-le"), *coded]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(form in content for form in forms):
                found.append(path)
    return found
