"""A child of `history`: the real program searches, scrolls and opens, and says what it took.

Usage: _history_child.py DATA_DIR IDS WORDS, both lists with commas between. Prints one line of
JSON: the most memory the process had, and how many conversations the searches listed.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication

from studio.app.main import Program
from studio.app.options import Options
from studio.app.single_instance import Instance
from studio.app.warm_up import warm_up
from studio.core.capabilities import Capability
from studio.sessions.history.search import FoundList
from studio.storage.locations import locate

PAGES = 20


async def use(program: Program, ids: list[str], words: list[str]) -> None:
    """Do what a user does with a long history, then report and end."""
    while not program.window.isVisible():  # noqa: ASYNC110 - a state of Qt
        await asyncio.sleep(0.005)
    await program.studio.service.ready()
    rows = program.studio.histories[Capability.CHAT]
    await rows.reload()
    view = program.window.current_tab.history.list  # type: ignore[attr-defined]  # of a conversation tab
    bar, seen = view.verticalScrollBar(), set[str]()
    for part in range(PAGES):
        bar.setValue(bar.maximum() * part // PAGES)
        # Not the first one in sight, which may be a heading.
        while rows.at(view.rows_in_sight().start + 2) is None:  # noqa: ASYNC110 - a state
            await asyncio.sleep(0.002)
        seen.update(each[0] for each in rows.titles)
    scrolled = len(seen)
    search = FoundList(program.studio.database, program.studio.tasks)
    found = 0
    for word in words:
        search.look_for(word, rows.scope)
        while not search.is_answered:  # noqa: ASYNC110 - a state of the list
            await asyncio.sleep(0.002)
        found += search.rowCount()
    tab = program.window.current_tab
    opened = 0
    for each in ids:
        presenter = tab.presenter  # type: ignore[attr-defined]  # a conversation tab
        presenter.open_conversation(each)
        while presenter._session.conversation.id != each or not presenter._session.messages:  # noqa: ASYNC110 - states
            await asyncio.sleep(0.002)
        opened += len(presenter._session.messages)
    await asyncio.sleep(0.1)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in KiB; bytes on macOS
    megabytes = most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    said = {"megabytes": megabytes, "scrolled": scrolled, "found": found, "opened": opened}
    print(json.dumps(said), flush=True)
    # Else the next start would look the whole file over.
    program.studio.database.close()
    os._exit(0)


def main() -> None:
    """Run the program with the user beside it."""
    locations = locate(Path(sys.argv[1]))
    app = QApplication(["bench", "-style", "Fusion"])
    # No welcome sheet, no token, no network: the host is a closed port on this computer.
    options = Options(base_url="http://127.0.0.1:9/v1")
    program = Program(app, options, locations, Instance(locations.data))
    program.paint()
    warm_up(program.window.build_deferred())
    with qasync.QEventLoop(app) as loop:
        loop.create_task(program.live())
        ids, words = (list(filter(None, each.split(","))) for each in sys.argv[2:4])
        loop.run_until_complete(use(program, ids, words))


if __name__ == "__main__":
    main()
