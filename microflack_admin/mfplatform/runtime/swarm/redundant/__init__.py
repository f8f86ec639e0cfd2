"""Members of clusters on several hosts of a swarm, so that nothing is only once."""
