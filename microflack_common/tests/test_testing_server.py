"""The real servers of tests go away and come back."""

import pytest

from microflack_common.testing import RedisServer
from microflack_common.testing_server import ServerProcess, started


class Ending(ServerProcess):
    """What ends before it can answer anything."""

    def __init__(self):
        super().__init__(["false"])

    def answers(self):
        """Never."""
        return False


def test_a_server_that_ends_at_once_is_not_waited_for():
    with pytest.raises(RuntimeError, match="false does not start"), started(Ending()):
        pass


def test_a_server_goes_away_and_comes_back_at_the_same_address():
    with started(RedisServer()) as server:
        server.stop()
        assert not server.answers()
        server.start()
        assert server.answers()
    assert not server.answers()
