"""The monolith: all services in one process, on SQLite, with nothing beside it."""
