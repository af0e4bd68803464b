"""The program itself: puts all the parts together, starts them, and ends them in order."""
