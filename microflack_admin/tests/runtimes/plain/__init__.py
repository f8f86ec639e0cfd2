"""Plain subprocesses, each with a small keeper and a file with its process."""
