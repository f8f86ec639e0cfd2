"""Building: from a folder or the history to what the runtimes start."""
