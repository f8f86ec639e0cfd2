"""What a platform consists of: its folder, ports, database, parts and instances."""
