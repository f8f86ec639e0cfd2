"""Files that messages bring along: received, cleaned, kept, given out, removed."""
