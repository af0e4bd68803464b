"""`python -m studio.demo`: serves a box on this computer until it is told to end."""

from __future__ import annotations

import sys

from studio.demo.options import parse


def main(arguments: list[str] | None = None) -> int:
    """Serve a box as the command line says; the first line on stdout tells where."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    # Imported late: a wrong option is answered without loading a server.
    from studio.demo.server import serve

    return serve(options)


if __name__ == "__main__":
    sys.exit(main())
