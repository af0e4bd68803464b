"""The forms in which conversations leave and come back: pages, Markdown, our own JSON."""
