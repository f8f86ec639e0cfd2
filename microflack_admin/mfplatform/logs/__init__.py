"""Logs: many files, one stream."""
