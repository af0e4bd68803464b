"""System libraries and programs on Debian-like systems: which are missing, and getting them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence

from environment import say

# Each row is one need; where a release renamed the package, the newer name comes first. Found by
# starting from an empty Debian 12 and adding until nothing was missing.
RUN: tuple[tuple[str, ...], ...] = (
    ("libgl1",),
    ("libegl1",),
    ("libglib2.0-0t64", "libglib2.0-0"),
    ("libfontconfig1",),
    ("libdbus-1-3",),
    ("libxkbcommon0",),
    ("libbrotli1",),
    ("libgssapi-krb5-2",),
    ("libxcb-cursor0",),
    ("libxcb-icccm4",),
    ("libxcb-keysyms1",),
    ("libxcb-shape0",),
    ("libxkbcommon-x11-0",),
    ("libwayland-cursor0",),
)
# A virtual screen with a window manager, keyboard, clipboard, keyring, screen reader interface and
# two Chinese input methods: what the tests in real windows and the tour drive the program with.
DESKTOP: tuple[tuple[str, ...], ...] = (
    ("xvfb",),
    ("openbox",),
    ("xdotool",),
    ("xclip",),
    ("x11-utils",),
    ("wmctrl",),
    ("imagemagick",),
    ("dbus-x11",),
    ("gnome-keyring",),
    ("libsecret-tools",),
    ("libglib2.0-bin",),
    ("at-spi2-core",),
    ("python3-pyatspi",),
    ("ibus",),
    ("ibus-libpinyin",),
    ("fcitx5",),
    ("fcitx5-pinyin",),
    # The layouts are tried with each of these, whatever else there is.
    ("fonts-dejavu-core",),
    ("fonts-noto-core",),
    ("fonts-noto-cjk",),
)
# Large, so only for those who ask for the tests with them.
BROWSERS: tuple[tuple[str, ...], ...] = (("firefox-esr",), ("chromium",), ("pcmanfm",))
# Fonts are only needed where the system has none that can do it: fc-list patterns, then package.
# Without one of the Latin ones words are drawn in DejaVu, which is a fifth wider.
FONTS = (
    ((":family=Noto Sans", ":family=Cantarell", ":family=Ubuntu"), "fonts-noto-core"),
    ((":lang=zh",), "fonts-noto-cjk"),
    ((":lang=und-zsye",), "fonts-noto-color-emoji"),
)


Ask = Callable[..., str]


def ask(*command: str) -> str:
    """What `command` prints, whatever its exit code; nothing when there is no such command."""
    try:
        answer = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except OSError:
        return ""
    return answer.stdout


def on_debian() -> bool:
    """Whether this system has dpkg and apt at all."""
    return all(shutil.which(name) for name in ("dpkg-query", "apt-get", "apt-cache"))


def installed(names: Iterable[str], ask: Ask = ask) -> set[str]:
    """Those of the packages `names` that are installed now."""
    listing = ask("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names)
    rows = (line.split() for line in listing.splitlines())
    return {row[0] for row in rows if len(row) == 2 and row[1] == "installed"}


def missing(needs: Sequence[tuple[str, ...]], ask: Ask = ask) -> list[tuple[str, ...]]:
    """The rows of `needs`, and rows for fonts, that nothing installed fulfils."""
    names = [name for row in needs for name in row] + [package for _, package in FONTS]
    here = installed(names, ask)
    lacking = [row for row in needs if not here.intersection(row)]
    for patterns, package in FONTS:
        if package in here or (package,) in lacking:
            continue
        if not any(ask("fc-list", pattern, "family").strip() for pattern in patterns):
            lacking.append((package,))
    return lacking


def choose(rows: Sequence[tuple[str, ...]], ask: Ask = ask) -> list[str]:
    """One package for each row: the first that this release offers, else the last name."""
    offered: set[str] = set()
    name = ""
    policy = ask("apt-cache", "policy", *(name for row in rows for name in row))
    for line in policy.splitlines():
        if not line.startswith(" "):
            name = line.rstrip(":")
        elif line.startswith("  Candidate:") and "(none)" not in line:
            offered.add(name)
    return [next((name for name in row if name in offered), row[-1]) for row in rows]


def command_for(packages: Sequence[str]) -> list[str]:
    """The command that installs `packages`, waiting its turn when another apt is at work."""
    lean = ["--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    return ["apt-get", "install", "-y", *lean, *packages]


def ensure(needs: Sequence[tuple[str, ...]]) -> None:
    """Install what is missing as root, else print the exact command; then go on either way.

    Going on is right: the libraries may be there by other means, and what truly lacks one says so.
    """
    lacking = missing(needs) if on_debian() else []
    if not lacking:
        return
    if not is_root():
        packages = choose(lacking)
        say(
            f"{len(packages)} system package(s) are missing; this command installs them:\n"
            f"  sudo {' '.join(command_for(packages))}"
        )
        return
    say("Fetching the list of system packages ...")
    if not _act("apt-get", "update"):
        say("The list of system packages could not be fetched; trying with the one that is here.")
    packages = choose(lacking)
    say(f"Installing {len(packages)} system package(s): {' '.join(packages)}")
    if not _act(*command_for(packages)):
        say("They could not be installed; going on without them.")


def is_root() -> bool:
    """Whether this process may install packages."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _act(*command: str) -> bool:
    """Run `command`, its noise kept back unless it fails; whether it went well."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    if done.returncode != 0:
        say("\n".join("  " + line for line in done.stdout.splitlines()[-10:]))
    return done.returncode == 0
