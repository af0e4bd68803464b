"""Writes an export of the newest format, to be stored for good: every later program reads it.

Run once when the format's version is raised, from the root of the project:

    .venv/bin/python tests/data/exports/make.py

It writes `v<version>.zip`, `v<version>.json` and what they hold, and leaves stored ones alone.
`chatgpt.json` is written by hand, in the form of another program's export.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from studio.core.transfer import ConversationFormat  # noqa: E402
from studio.core.transfer_json import VERSION  # noqa: E402
from studio.storage.export import export_conversations, export_everything  # noqa: E402
from tests.unit.storage.transfer_parts import House, furnish  # noqa: E402


def main() -> None:
    target = Path(__file__).with_name(f"v{VERSION}.zip")
    if target.exists():
        sys.exit(f"{target.name} is stored already")
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        furnish(house, count=6)
        export_everything(house.source, target)
        document = target.with_suffix(".json")
        export_conversations(house.source, None, document, ConversationFormat.JSON)
        target.with_suffix(".content").write_text(house.content() + "\n", encoding="ascii")
        house.close()
    print(target)


if __name__ == "__main__":
    main()
