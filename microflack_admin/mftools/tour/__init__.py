"""The talk's story, played on a platform of its own."""
