"""What holds however instances run holds on a swarm of several hosts."""

from test_conformance import *  # noqa: F403
