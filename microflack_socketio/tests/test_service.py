"""What every service offers: health, metrics, its settings."""

from pathlib import Path

import pytest
import requests
from instances import Client, metric, wait_until

from microflack_common.config import ConfigError
from microflack_common.testing import SECRET, flask_run
from microflack_socketio.config import Config

FOLDER = Path(__file__).parents[1]


def test_a_running_service_is_healthy_and_ready(instance):
    for path in ("/healthz", "/readyz"):
        assert requests.get(f"{instance.url}{path}", timeout=10).status_code == 200


def test_connected_clients_are_counted(instance, connect):
    before = metric(instance, "connected_clients")
    clients = [connect(), connect(transport="polling")]
    assert metric(instance, "connected_clients") == before + 2
    for client in clients:
        client.close()
    wait_until(lambda: metric(instance, "connected_clients") <= before)


def test_settings_that_are_missing_or_wrong_are_all_named():
    with pytest.raises(ConfigError, match=r"LB must be.*JWT_SECRET_KEY.*ASYNC_MODE"):
        Config({"LB": "nowhere", "ASYNC_MODE": "magic"})


def test_an_address_of_redis_that_makes_no_sense_is_named():
    with pytest.raises(ConfigError, match="REDIS"):
        Config({"REDIS": "nowhere", "JWT_SECRET_KEY": SECRET})


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_flask_run_just_works(transport):
    with flask_run(FOLDER, {}) as url:
        client = Client(url, transport)
        assert client.call("shout")["error"]
        client.close()
