"""mfchaos: what happens to a chat whose processes are killed and stand still."""
