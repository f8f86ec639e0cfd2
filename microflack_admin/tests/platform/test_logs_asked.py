"""MF_LOGS_TO: what can be asked for, and what is made of it."""

import json
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import wait_for
from log_receivers import Bulk
from platforms import Platform

from mfplatform.logs.shipping import destination
from mfplatform.logs.shipping.destination import Destination, parse
from mfplatform.runtime.docker.parts import SECRETS
from mfplatform.state.home import PlatformError

pytest_plugins = ["platform_fixtures"]

ELK = Path(__file__).resolve().parents[2] / "install" / "elk"


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("elasticsearch://es", Destination("elasticsearch", False, "es", 9200)),
        (
            "elasticsearch+https://me:a%2Fb@es:443/chat",
            Destination("elasticsearch", True, "es", 443, "me", "a/b", "chat"),
        ),
        ("syslog://[::1]:1514", Destination("syslog", False, "::1", 1514)),
        ("syslog+tls://logs.test", Destination("syslog", True, "logs.test", 6514)),
    ],
)
def test_an_address_says_who_is_sent_logs(address: str, meant: Destination) -> None:
    assert parse(address) == meant


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://me:secret@es:9200", "must be elasticsearch://HOST:PORT"),
        ("elasticsearch://", "must be elasticsearch://HOST:PORT"),
        ("elasticsearch://es:port", "must be elasticsearch://HOST:PORT"),
        ("elasticsearch://es:99999", "must be elasticsearch://HOST:PORT"),
        ("elasticsearch://es/a?b=secret", "must be elasticsearch://HOST:PORT"),
        ("elasticsearch://es/Chat", "in lower case"),
        ("elasticsearch+https://secret@es", "belong together"),
        ("elasticsearch://me:secret@es", "would cross the network"),
        ("syslog://me:secret@es", "syslog has no user"),
    ],
)
def test_what_is_no_receiver_is_refused_and_its_secret_not_told(
    address: str, reason: str
) -> None:
    with pytest.raises(ValueError, match="MF_LOGS_TO") as refused:
        destination.settle({}, {"MF_ASKED_LOGS_TO": address})
    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("LOGS_CA", "/nowhere.pem"), ("LOGS_QUEUE", "0"), ("LOGS_QUEUE", "1 GB")],
)
def test_what_cannot_be_had_is_refused(name: str, asked: str) -> None:
    with pytest.raises(ValueError, match=f"MF_{name} .*'{asked}'"):
        destination.settle({}, {f"MF_ASKED_{name}": asked})


def test_what_was_asked_for_is_remembered_until_nobody_is_sent_logs() -> None:
    recorded = {"MF_LOGS_TO": "syslog://es", "MF_LOGS_QUEUE": "5"}
    assert destination.settle(recorded, {}) == recorded
    assert destination.given(recorded)["LOGS_TO"] == "syslog://es"
    none = destination.settle(recorded, {"MF_ASKED_LOGS_TO": "none"})
    assert none["MF_LOGS_TO"] == ""
    assert destination.given(none) == {}


def test_a_runtime_that_sends_none_says_so() -> None:
    with pytest.raises(PlatformError, match="MF_LOGS_TO=none mfup"):
        destination.check({"MF_LOGS_TO": "syslog://es"}, "plain", ["haproxy"])


def test_an_engine_of_containers_is_not_told_the_address() -> None:
    assert "LOGS_TO" in SECRETS


def _named(found: object) -> Iterator[str]:
    """Yield the names of the fields that a saved object speaks of."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name in ("field", "sourceField", "timeFieldName", "key"):
                yield str(value)
            elif name == "columns" and value and isinstance(value[0], str):
                yield from value
            else:
                yield from _named(value)
    elif isinstance(found, list):
        for one in found:
            yield from _named(one)
    elif isinstance(found, str) and found.startswith(("{", "[")):
        yield from _named(json.loads(found))


def test_the_dashboard_speaks_of_fields_and_objects_that_there_are() -> None:
    template = json.loads((ELK / "template.json").read_text())
    fields = set(template["template"]["mappings"]["properties"])
    assert {"status", "ms", "user_id", "address", "request_id", "service"} <= fields
    lines = (ELK / "dashboard.ndjson").read_text().splitlines()
    objects = [json.loads(line) for line in lines]
    assert set(_named(objects)) <= fields
    known = {(one["type"], one["id"]) for one in objects}
    asked = {(to["type"], to["id"]) for one in objects for to in one["references"]}
    assert asked <= known
    shown = {one["type"] for one in objects}
    assert shown == {"index-pattern", "search", "visualization", "dashboard"}


def test_a_platform_sends_its_logs_and_serves_them(fresh: Platform) -> None:
    receiver = Bulk()
    address = f"elasticsearch://me:the-secret@127.0.0.1:{receiver.server_address[1]}"
    fresh.done("mfup", "--empty", MF_LOGS_TO=address)
    sources = {"haproxy", "renderer", "mariadb", "audit"}
    wait_for(
        lambda: sources <= {one["source"] for one in list(receiver.documents.values())}
    )
    status = fresh.status()
    assert status["logs_to"]["to"] == address.replace("me:the-secret@", "")
    assert "the-secret" not in json.dumps(status)
    log = (fresh.home / "logs" / "logs.log").read_text()
    assert "the-secret" not in log
    lines = _served(fresh)
    assert any(line.startswith("haproxy") for line in lines)
    receiver.stop()
    # Only who has something to send sees that nobody takes it.
    with open(fresh.home / "logs" / "haproxy.log", "a") as out:
        out.write("a line\n")
    wait_for(lambda: (fresh.status()["logs_to"] or {}).get("away_since"))
    assert "takes none since" in fresh.done("mfstatus")
    fresh.done("mfup", "--empty", MF_LOGS_TO="none")
    assert fresh.status()["logs_to"] is None


def _served(platform: Platform) -> list[str]:
    settings = platform.settings
    url = f"http://127.0.0.1:{settings['OPERATOR_PORT']}/logs?n=1000&follow=0"
    secrets = (platform.home / "secrets.env").read_text().splitlines()
    password = dict(line.split("=", 1) for line in secrets)["STATS_PASSWORD"]
    pair = b64encode(f"admin:{password}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {pair}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode()).splitlines()
