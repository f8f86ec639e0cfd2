"""Measure the chat against the least that the same servers can do."""
