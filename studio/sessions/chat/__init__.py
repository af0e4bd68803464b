"""Conversations while they go on: answers, versions, drafts, titles."""
