"""Live events: what changes reaches every connected client at once."""
