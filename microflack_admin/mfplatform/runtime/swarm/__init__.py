"""Instances on all hosts of a Docker swarm, parts in containers of this manager."""
