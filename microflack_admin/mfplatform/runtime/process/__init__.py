"""The runtime "process": everything under a supervisor of the platform's own."""
