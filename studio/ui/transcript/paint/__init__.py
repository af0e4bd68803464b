"""How the transcript is drawn."""
