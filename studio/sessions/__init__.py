"""WHAT IS GOING ON: objects with state and verbs, without widgets."""
