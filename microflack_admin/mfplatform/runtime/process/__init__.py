"""Plain processes, which a supervisor of the platform's own keeps running."""
