"""The long-running parts of the platform, and what the mf* commands share."""
