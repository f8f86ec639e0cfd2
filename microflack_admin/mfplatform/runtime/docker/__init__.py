"""The runtime "docker": parts and instances as containers of the machine's engine."""
