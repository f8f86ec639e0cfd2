"""Connecting to the queue, by a name and password or without."""

import pytest
from redis import AuthenticationError

from microflack_common.redis import connect
from microflack_common.testing import redis_server


def test_a_name_and_password_in_the_address_let_in():
    with redis_server() as server:
        admin = connect(server.address)
        admin.acl_setuser(
            "messages", enabled=True, passwords=["+a p@ss/w:rd"], commands=["+ping"]
        )
        admin.config_set("requirepass", "another")
        client = connect(f"messages:a%20p%40ss%2Fw%3Ard@{server.address}")
        assert client.ping()
        with pytest.raises(AuthenticationError):
            connect(server.address).ping()
