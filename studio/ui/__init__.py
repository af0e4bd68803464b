"""WHAT IT LOOKS LIKE: widgets that lay out, bind and call a verb."""

import studio.overrides  # noqa: F401 - it guards the classes that are made from here on
