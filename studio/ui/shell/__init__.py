"""The window around the tabs: top bar, palette, shortcuts, sheets."""
