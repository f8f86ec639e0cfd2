"""Find messages by their words."""
