"""Containers of this machine's Docker engine."""
