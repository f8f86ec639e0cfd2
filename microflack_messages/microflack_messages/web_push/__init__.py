"""Tell people of messages while no page of theirs is open (Web Push, RFC 8030)."""
