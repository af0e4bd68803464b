"""A picture that was shown costs its pixels once: what came before it goes back to the system."""

from __future__ import annotations

import gc
import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PICTURES = 32
SIDE = 1328
MOST_MEGABYTES = 60.0

# In a program of its own: what other tests have left in the heap would hide what grows.
_CHILD = """
import asyncio, os, sys
from pathlib import Path
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
import qasync
from studio.ui.images.tab import ImageTab
from tests.image_tab_parts import studio_over
from tests.painting_parts import Painting, PictureService, request, until

def used():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

async def main(folder, count):
    service = PictureService(content=(folder / "picture").read_bytes(), looks=1)
    run = Painting(folder, service)
    tab = ImageTab(studio_over(run, folder))
    tab.resize(1440, 848)
    tab.show()
    QTest.qWaitForWindowExposed(tab)
    await run.gallery.load()
    tab.grab()
    before = used()
    for number in range(count):
        run.session.generate(request(f"{number}"))
        await until(
            lambda: run.gallery.rowCount() == number + 1 and not run.session.jobs,
            run.session.image_added, run.session.job_removed, seconds=60,
        )
        await until(
            lambda: tab._stage.viewer.image.width() > 300, run.gallery.picture_decoded, seconds=60
        )
        await asyncio.sleep(0.02)
        tab.grab()
    print(used() - before)
    tab.close()
    await run.quit()
    sys.stdout.flush()
    os._exit(0)

app = QApplication([])
loop = qasync.QEventLoop(app)
loop.run_until_complete(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def picture() -> bytes:
    """One with much detail, as generated ones have."""
    gc.collect()
    small = Image.frombytes("RGB", (166, 166), random.Random(1).randbytes(166 * 166 * 3))
    made = io.BytesIO()
    small.resize((SIDE, SIDE)).save(made, "PNG", compress_level=1)
    return made.getvalue()


@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform != "linux", reason="measured by what Linux says of the process")
def test_pictures_seen_one_after_another_do_not_fill_the_memory(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(picture())
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path), str(PICTURES)],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    grown = float(done.stdout.split()[-1])
    assert grown <= MOST_MEGABYTES, f"{grown:.0f} MB"
