"""Real input methods on a desktop: IBus and fcitx5, each with Chinese by Pinyin."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from desktop.started import Started
from desktop.waiting import wait_until

PATIENCE = 20.0

# The first of a group is what types Latin letters.
_PROFILE = """[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin

[Groups/0/Items/0]
Name=keyboard-us
Layout=

[Groups/0/Items/1]
Name=pinyin
Layout=

[GroupOrder]
0=Default
"""


class IBus:
    """IBus with libpinyin; `environment` is what its users have in theirs."""

    LATIN, PINYIN = "xkb:us::eng", "libpinyin"
    environment: ClassVar = {"QT_IM_MODULE": "ibus", "XMODIFIERS": "@im=ibus"}

    def __init__(self, started: Started) -> None:
        self._started = started

    def start(self) -> None:
        """Start it and return once it answers."""
        engines = f"['{self.LATIN}', '{self.PINYIN}']"
        general = "org.freedesktop.ibus.general"
        self._started.run("gsettings", "set", general, "preload-engines", engines)
        self._process = self._started.start(
            ["ibus-daemon", "--panel=disable", "--emoji-extension=disable"]
        )
        self.engine = self.PINYIN
        self.engine = self.LATIN

    def end(self) -> None:
        """End it."""
        self._started.end(self._process)

    @property
    def engine(self) -> str:
        """The engine in use."""
        return self._started.attempt("ibus", "engine").stdout.decode().strip()

    @engine.setter
    def engine(self, name: str) -> None:
        def taken() -> bool:
            # Its exit code tells of the keyboard's layout, not of the engine.
            self._started.attempt("ibus", "engine", name)
            return self.engine == name

        said = self._started.said
        wait_until(taken, f"the engine {name}", PATIENCE, lambda: said("ibus-daemon"))


class Fcitx:
    """fcitx5 with its Pinyin; `environment` is what its users have in theirs."""

    LATIN, PINYIN = "keyboard-us", "pinyin"
    environment: ClassVar = {"QT_IM_MODULE": "fcitx", "XMODIFIERS": "@im=fcitx"}

    def __init__(self, started: Started) -> None:
        self._started = started

    def start(self) -> None:
        """Start it and return once it answers."""
        folder = Path(self._started.environment["XDG_CONFIG_HOME"], "fcitx5")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profile").write_text(_PROFILE, encoding="utf-8")
        # Without its icon in a tray and its pop-ups about itself, which have no place here.
        self._process = self._started.start(
            ["fcitx5", "--disable=notificationitem,notifications,kimpanel,wayland,waylandim"]
        )

        def there() -> bool:
            return self._started.on_bus("org.fcitx.Fcitx5")

        wait_until(there, "fcitx5", PATIENCE, lambda: self._started.said("fcitx5"))

    def end(self) -> None:
        """End it."""
        self._started.end(self._process)

    @property
    def engine(self) -> str:
        """The engine in use, for the window that has the keyboard."""
        return self._started.attempt("fcitx5-remote", "-n").stdout.decode().strip()

    @engine.setter
    def engine(self, name: str) -> None:
        def taken() -> bool:
            self._started.attempt("fcitx5-remote", "-s", name)
            return self.engine == name

        said = self._started.said
        wait_until(taken, f"the engine {name}", PATIENCE, lambda: said("fcitx5"))


Framework = IBus | Fcitx
FRAMEWORKS: dict[str, type[Framework]] = {"fcitx": Fcitx, "ibus": IBus}
