"""Chat and Vision: what is asked, what is shown, what helps."""
