"""The same load against the chat and against what a group would install instead."""
