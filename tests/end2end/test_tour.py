"""The tour that is played where there is no screen comes to its end and shows what it made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

TOUR = Path(__file__).resolve().parents[2] / "packaging" / "tour.py"


@pytest.mark.usefixtures("_tools")
def test_the_tour_prints_the_paths_of_its_screenshots_and_of_the_picture(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(TOUR), "--out", str(tmp_path / "tour")],
        env=bare,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert [path.name for path in paths[:-1]] == ["1-chat.png", "2-vision.png", "3-images.png"]
    sizes = []
    for path in paths:
        with Image.open(path) as image:
            sizes.append(image.size)
    assert sizes[0] == sizes[1] == sizes[2] == (1440, 900)
    with Image.open(paths[-1]) as image:
        image.load()
        words = image.text["parameters"]  # type: ignore[attr-defined]  # a PNG
    assert "boat" in words
