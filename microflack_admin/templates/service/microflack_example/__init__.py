"""A list of short texts, as a service of its own."""
