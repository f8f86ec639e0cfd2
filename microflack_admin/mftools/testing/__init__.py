"""What mftest needs besides pytest."""
