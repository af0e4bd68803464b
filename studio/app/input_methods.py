"""Which input methods Qt tries, so that Chinese can be typed with every framework there is.

Qt's wheel can speak to IBus and to a Wayland compositor. It has no part for fcitx, whose users
set `QT_IM_MODULE=fcitx`: Qt would find nothing and take no composition at all. But fcitx answers
in IBus' protocol too, so Qt is given a list to try in order.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

LIST = "QT_IM_MODULES"  # what Qt reads first, since 6.7
SINGLE = "QT_IM_MODULE"
X_MODIFIERS = "XMODIFIERS"
TRIED = ("wayland", "fcitx", "ibus")
# Frameworks whose own part may be missing, and that a list has to lead to by another way.
_FCITX = ("fcitx", "fcitx5")
_NATIVE = ("win32", "darwin")


def modules(environment: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """What `QT_IM_MODULES` has to be before the application object exists; None: left as it is.

    Where nothing is said, or fcitx is asked for, the whole list is tried. Who asks for anything
    else (ibus, compose, simple, none) gets that. "xim", which Qt 6 no longer has, stands for the
    framework that `XMODIFIERS` names.
    """
    if platform in _NATIVE:
        return None
    wanted = [each for each in environment.get(LIST, "").split(";") if each]
    if not wanted:
        single = environment.get(SINGLE, "")
        if not single or single in _FCITX:
            return ";".join(TRIED)
        wanted = [single]
    if "xim" in wanted and _names_framework(environment.get(X_MODIFIERS, "")):
        place = wanted.index("xim")
        return ";".join([*wanted[:place], *_FCITX[:1], "ibus", *wanted[place:]])
    if any(each in _FCITX for each in wanted) and "ibus" not in wanted:
        # Right behind fcitx: what comes after it in the user's list is to be tried later.
        place = max(wanted.index(each) for each in _FCITX if each in wanted) + 1
        return ";".join([*wanted[:place], "ibus", *wanted[place:]])
    return None


def _names_framework(modifiers: str) -> bool:
    """Whether X's setting names an input method framework that answers in IBus' protocol."""
    name = modifiers.partition("@im=")[2].partition("@")[0]
    return name in (*_FCITX, "ibus")
