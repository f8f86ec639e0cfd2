"""Send what is logged to another machine, each line at least once."""
