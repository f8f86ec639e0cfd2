"""Wait for what other threads and processes do."""

import time


def wait_until(condition, timeout=20):
    """Wait until ``condition()`` is true and return what it returned."""
    end = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return result
