"""Wait for what other threads and processes do."""

import time


def wait_for(condition, timeout=60):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)
