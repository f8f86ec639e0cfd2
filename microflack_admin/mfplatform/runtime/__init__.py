"""How parts and instances run: one interface, one package for each way."""
