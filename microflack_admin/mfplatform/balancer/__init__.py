"""The load balancer: from the registry to what HAProxy runs."""
