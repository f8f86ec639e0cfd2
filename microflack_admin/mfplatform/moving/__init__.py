"""Move what a monolith has to services of their own."""
