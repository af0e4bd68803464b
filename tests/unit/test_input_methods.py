"""Which input methods Qt is told to try."""

from __future__ import annotations

import pytest

from studio.app.input_methods import modules

ALL = "wayland;fcitx;ibus"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        # Nothing is said, or what the users of fcitx have: Qt's wheel has no part of that name.
        ({}, ALL),
        ({"QT_IM_MODULE": "", "QT_IM_MODULES": ";"}, ALL),
        ({"QT_IM_MODULE": "fcitx", "XMODIFIERS": "@im=fcitx"}, ALL),
        ({"QT_IM_MODULE": "fcitx5"}, ALL),
        # A list that only leads to what the wheel lacks gets a way out, in its place.
        ({"QT_IM_MODULES": "fcitx"}, "fcitx;ibus"),
        ({"QT_IM_MODULES": "wayland;fcitx5;compose"}, "wayland;fcitx5;ibus;compose"),
        ({"QT_IM_MODULES": "wayland;fcitx;ibus"}, None),
        ({"QT_IM_MODULES": "none", "QT_IM_MODULE": "fcitx"}, None),
        # Who asks for something else gets that.
        ({"QT_IM_MODULE": "ibus"}, None),
        ({"QT_IM_MODULE": "compose"}, None),
        ({"QT_IM_MODULE": "simple"}, None),
        ({"QT_IM_MODULE": "none"}, None),
        ({"QT_IM_MODULES": "wayland"}, None),
        # Qt 6 has no XIM: what X's setting names is reached by its own protocol.
        ({"QT_IM_MODULE": "xim"}, None),
        ({"QT_IM_MODULE": "xim", "XMODIFIERS": "@im=none"}, None),
        ({"QT_IM_MODULE": "xim", "XMODIFIERS": "@im=fcitx"}, "fcitx;ibus;xim"),
        ({"QT_IM_MODULE": "xim", "XMODIFIERS": "@im=ibus"}, "fcitx;ibus;xim"),
    ],
)
def test_chinese_can_be_typed_whatever_the_desktop_says(
    environment: dict[str, str], wanted: str | None
) -> None:
    assert modules(environment, "linux") == wanted


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_where_the_system_has_its_own_input_method_nothing_is_set(platform: str) -> None:
    assert modules({}, platform) is None
    assert modules({"QT_IM_MODULE": "fcitx"}, platform) is None
