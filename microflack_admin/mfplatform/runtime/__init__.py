"""How parts and instances run: one interface, and a folder for each way."""
