"""What people and tests use on a platform; nothing of it serves."""
