"""How everything looks: theme, style sheet, icons, words for values."""
