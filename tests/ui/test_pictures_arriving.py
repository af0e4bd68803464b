"""Pictures arrive by the dozen, and the program lives on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COUNT = 80
# What is freed is overwritten at once, so that nothing that is gone is taken for what it was.
STRICT = {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "165"}


def test_pictures_arrive_one_after_another(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "pictures_child.py"), str(tmp_path), str(COUNT)],
        env={**os.environ, **STRICT, "PYTHONPATH": str(ROOT), "MODA_STUDIO_TOKEN": "ms-token"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"listed": COUNT, "left": 0}
