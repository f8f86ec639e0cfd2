"""Write all that a chat has into a file, and bring it back from there."""
