"""The Images tab: its form, its queue, its pictures."""
