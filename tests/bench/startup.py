"""What the start costs: CPU to the first paint, what is loaded, gaps while SDKs load, memory.

Memory at rest is the process' share (PSS): a page that it shares with others counts in parts. On a
machine where nothing else of the kind runs, all of Qt counts.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from _measuring import at_most, child_cpu, environment, ratio_to, report

from studio.core.messages import Conversation, Message, Role, TextPart
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.locations import locate

RUNS = 9
GAP_RUNS = 5
IDLE_RUNS = 3
IDLE_MB = 125.0
LISTED = 200

EMPTY_WINDOW = """
import json, os, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        QTimer.singleShot(0, self.report)
    def report(self):
        print(json.dumps({"cpu_ms": time.process_time() * 1e3}), flush=True)
        os._exit(0)
app = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""


def fill(folder: Path) -> None:
    """A data folder with a history to list and the first start behind it."""
    locations = locate(folder)
    database = Database.open(locations.database)
    for number in range(LISTED):
        made = Conversation(title=f"Conversation {number} 对话", model="Qwen/Qwen3.5-35B-A3B")
        asked = Message(made.id, Role.USER, (TextPart(f"question {number}"),))
        database.call_sync(conversations.save_turn, made, asked)
    database.close()
    locations.settings.write_text('{"welcome_done": true}', encoding="utf-8")


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        env = environment()
        start = ["-m", "studio", "--time-first-paint", "--data-dir", folder]
        for warm_up in (start, ["-c", EMPTY_WINDOW]):
            child_cpu(warm_up, env)
        ours: list[float] = []
        empty: list[float] = []
        said: list[dict[str, object]] = []
        for _ in range(RUNS):
            said.append(json.loads(child_cpu(start, env)[1]))
            ours.append(float(str(said[-1]["cpu_ms"])))
            painted = json.loads(child_cpu(["-c", EMPTY_WINDOW], env)[1])
            empty.append(float(painted["cpu_ms"]))
        heavy = {name for each in said for name in each["heavy_modules"]}  # type: ignore[attr-defined]  # a list
        rows = [float(str(each["history_rows"])) for each in said]
        gaps = []
        for _ in range(GAP_RUNS):
            output = child_cpu([str(Path(__file__).with_name("_preload_gap.py")), folder], env)[1]
            gaps.append(float(json.loads(output)["gap_ms"]))
        child = str(Path(__file__).with_name("_idle_child.py"))
        idle = [
            float(json.loads(child_cpu([child, folder], env)[1])["pss_mb"])
            for _ in range(IDLE_RUNS)
        ]
        missing = [100 - each for each in rows]
        report(
            [
                ratio_to("startup", "CPU to first paint, history listed", ours, "ms", empty, 2.0),
                at_most("startup", "heavy modules at first paint", [len(heavy)], "modules", 0),
                at_most("startup", "history rows missing at first paint", missing, "rows", 0),
                at_most("startup", "UI gap while the SDKs load", gaps, "ms CPU", 30.0),
                at_most("startup", "memory at rest, one SDK preloaded", idle, "MB PSS", IDLE_MB),
            ]
        )


if __name__ == "__main__":
    main()
