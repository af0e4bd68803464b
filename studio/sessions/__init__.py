"""WHAT IS GOING ON: objects with state and verbs, without widgets."""

import studio.overrides  # noqa: F401 - it guards the classes that are made from here on
