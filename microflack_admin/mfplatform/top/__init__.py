"""mftop: one look at the whole platform, renewed every two seconds."""
