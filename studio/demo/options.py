"""What a box can be told at its start, and the command line that says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_RATE = 60.0
DEFAULT_TASK_SECONDS = 4.0
DEFAULT_FIRST_TOKEN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class BoxOptions:
    """One box: every field is one option of `python -m studio.demo`.

    `port` 0 takes a free one; `files_port` None serves pictures from the same port, any number
    from another one, so that they truly come from another host. `tokens_per_second` 0 is as fast
    as possible; `tokens` None lets the answer have its natural length. An empty
    `accepted_tokens` lets the token's own words decide (see `accounts.py`).
    """

    port: int = 0
    files_port: int | None = None
    tokens_per_second: float = DEFAULT_RATE
    tokens: int | None = None
    seed: int = 0
    language: str = ""
    accepted_tokens: tuple[str, ...] = field(default=(), repr=False)
    task_seconds: float = DEFAULT_TASK_SECONDS
    first_token_seconds: float = DEFAULT_FIRST_TOKEN_SECONDS
    scenario: str = ""
    state: Path | None = None
    record: bool = False
    exit_with_parent: bool = False

    def arguments(self) -> list[str]:
        """These options as they are written on the command line."""
        words = [
            f"--port={self.port}",
            f"--tokens-per-second={self.tokens_per_second}",
            f"--seed={self.seed}",
            f"--task-seconds={self.task_seconds}",
            f"--first-token-seconds={self.first_token_seconds}",
        ]
        if self.files_port is not None:
            words.append(f"--files-port={self.files_port}")
        if self.tokens is not None:
            words.append(f"--tokens={self.tokens}")
        if self.language:
            words.append(f"--language={self.language}")
        words += [f"--token={token}" for token in self.accepted_tokens]
        if self.scenario:
            words.append(f"--scenario={self.scenario}")
        if self.state is not None:
            words.append(f"--state={self.state}")
        if self.record:
            words.append("--record")
        if self.exit_with_parent:
            words.append("--exit-with-parent")
        return words


def parse(arguments: list[str]) -> BoxOptions:
    """Read a command line; a wrong one ends the program with a sentence and status 2."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m studio.demo", description="API-Inference in a box, on this computer only."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--files-port", type=int, help="serve result pictures from this port")
    parser.add_argument("--tokens-per-second", type=float, default=DEFAULT_RATE, help="0: a burst")
    parser.add_argument("--tokens", type=int, help="exact length of every generated answer")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--language", choices=["en", "zh_CN"], default="")
    parser.add_argument("--token", action="append", default=[], help="accept only these tokens")
    parser.add_argument("--task-seconds", type=float, default=DEFAULT_TASK_SECONDS)
    parser.add_argument("--first-token-seconds", type=float, default=DEFAULT_FIRST_TOKEN_SECONDS)
    parser.add_argument("--scenario", default="", help="NAME[:ARGUMENT] for every request")
    parser.add_argument("--state", type=Path, help="remember picture tasks in this file")
    parser.add_argument("--record", action="store_true", help="keep whole requests in the journal")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when stdin closes")
    given = vars(parser.parse_args(arguments))
    accepted = tuple(given.pop("token"))
    return BoxOptions(accepted_tokens=accepted, **given)
