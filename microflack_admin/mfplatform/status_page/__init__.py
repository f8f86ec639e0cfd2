"""The page /status: what mftop shows, in a browser, at the operator's address."""
