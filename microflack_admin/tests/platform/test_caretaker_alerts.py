"""Alerts of Prometheus: told when one begins, and when it has ended, once each."""

import json
from pathlib import Path
from typing import Any

import pytest

from mfplatform.caretaker import alerts
from mfplatform.caretaker.alerts import Alert, AlertsUnknown, AlertWatch, Told, changes
from mfplatform.metrics.prometheus import RULES
from mfplatform.state.home import Home

FIRING = Alert("PartDown {}", "PartDown: redis", is_firing=True)
PENDING = Alert("PartDown {}", "PartDown: redis", is_firing=False)
BEGUN = ("alert", "PartDown: redis")
OVER = ("alert-over", "Over: PartDown: redis")


def test_an_alert_is_told_when_it_begins_and_when_it_has_ended() -> None:
    told: dict[str, Told] = {}
    for now, there, events in (
        (0.0, [PENDING], []),
        (10.0, [FIRING], [BEGUN]),
        (20.0, [FIRING], []),
        # Prometheus was started anew, and finds it again.
        (30.0, [], []),
        (139.0, [PENDING], []),
        (200.0, [FIRING], []),
        (210.0, [], []),
        (320.0, [], [OVER]),
        (330.0, [], []),
        (340.0, [FIRING], [BEGUN]),
        # The clock was set back.
        (0.0, [], [OVER]),
    ):
        found, told = changes(there, told, now)
        assert found == events, now


def test_who_dies_before_it_is_told_tells_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "ask", lambda _home: [FIRING])
    (tmp_path / "caretaker").mkdir()
    assert AlertWatch(Home(tmp_path)).look(10.0) == [BEGUN]
    another = AlertWatch(Home(tmp_path))
    assert another.look(20.0) == [BEGUN]
    another.remember()
    assert AlertWatch(Home(tmp_path)).look(30.0) == []


def body(*found: Any) -> bytes:
    return json.dumps({"status": "success", "data": {"alerts": found}}).encode()


def entry(name: str = "PartDown", **changed: Any) -> dict[str, Any]:
    labels = {"alertname": name, "part": "redis"}
    told = {"summary": "redis does\nnot work."}
    return {"labels": labels, "annotations": told, "state": "firing"} | changed


def test_an_answer_of_prometheus_is_read() -> None:
    (found,) = alerts.parse(body(entry(), entry("CertificateEnds")))
    key = 'PartDown {"part": "redis"}'
    assert found == Alert(key, "PartDown: redis does not work.", True)
    # A rule of somebody else may say nothing.
    (silent,) = alerts.parse(body(entry(annotations={}, state="pending")))
    assert silent == Alert(key, key.replace(" ", ": ", 1), False)
    (long,) = alerts.parse(body(entry(annotations={"summary": "x" * 10_000})))
    assert len(long.text) == alerts.MOST_CHARACTERS


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"data": null}',
        b'{"data": {"alerts": 7}}',
        body(7),
        body(entry(labels={})),
        body(entry(labels=None)),
        body(entry(annotations=[])),
        body({"labels": {"alertname": "x"}, "annotations": {}}),
    ],
)
def test_an_answer_that_makes_no_sense_is_no_news(answer: bytes) -> None:
    with pytest.raises(AlertsUnknown, match="its answer makes no sense"):
        alerts.parse(answer)


def test_what_is_told_anyway_is_told_by_rules_that_there_are() -> None:
    rules = RULES.read_text()
    assert all(f"- alert: {name}\n" in rules for name in alerts.TOLD_ANYWAY)
