"""Messages, their rendering and their link cards."""
