"""Orders pictures in a whole run of the program until COUNT have come, and shows all of them.

    python tests/pictures_child.py DATA COUNT

Prints one line of JSON. The program is the real one on a screen in memory, at its Images tab;
only the service is scripted, which answers at once.
"""

from __future__ import annotations

import asyncio
import faulthandler
import itertools
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.app import main as app
from studio.app import preload
from studio.app.options import Options
from studio.core.images import ImageRequest
from studio.providers.base import ImageProvider
from tests.painting_parts import PictureService, png
from tests.program_child import nothing_to_load
from tests.scripted import ScriptedBuilders, until
from tests.window_parts import WIDE, ScriptedLate

AT_ONCE = 4
IMAGES_TAB = 2


class Service(PictureService):
    """No two of its pictures are the same file."""

    async def download(self, url: str) -> bytes:
        number = len(self.fetched)
        self.content = png(64, 64, f"#{number * 7919 % 0xFFFFFF:06x}")
        return await super().download(url)


@dataclass
class Builders(ScriptedBuilders):
    pictures: Service = field(default_factory=lambda: Service(synchronous=True))

    def build_images(self, *_: Any, **__: Any) -> ImageProvider:
        return self.pictures


async def order(program: app.Program, count: int) -> None:
    """Keep a few orders in the queue until the last picture is on the stage."""
    studio, window = program.studio, program.window
    await until(lambda: studio.tasks.count == 0)
    window.resize(*WIDE)  # where the queue has room
    window.show_tab(IMAGES_TAB)
    came = itertools.count(1)
    arrived, room = asyncio.Event(), asyncio.Semaphore(AT_ONCE)

    def added(_image: object) -> None:
        room.release()
        if next(came) == count:
            arrived.set()

    studio.painting.image_added.connect(added)
    for number in range(count):
        await room.acquire()
        studio.painting.generate(ImageRequest("org/model", f"a picture, number {number}"))
    await arrived.wait()
    await until(lambda: studio.tasks.count == 0)
    print(json.dumps({"listed": studio.gallery.rowCount(), "left": len(studio.painting.jobs)}))
    window.close()


def main(folder: Path, count: int) -> int:
    """Run the program once."""
    faulthandler.enable()

    class Told(app.Program):
        async def live(self) -> None:
            from studio.sessions.requests.tasks import TaskGroup

            self.teller = TaskGroup()
            self.teller.failed.connect(lambda error: print(error, file=sys.stderr))
            self.teller.start(order(self, count), "order pictures")
            await super().live()

    for place, name, stand_in in (
        (app, "Late", lambda locations, _: ScriptedLate(locations.data, Builders())),
        (app, "Program", Told),
        (preload, "preload", nothing_to_load),
    ):
        setattr(place, name, stand_in)
    return app.run(Options(data_dir=folder))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
