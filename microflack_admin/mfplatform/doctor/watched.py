"""Ask the registry what it holds, and Prometheus what it finds wrong."""

from collections import Counter

from mfplatform.caretaker import alerts
from mfplatform.caretaker.alerts import AlertsUnknown
from mfplatform.doctor.facts import AlertFacts, RegistryFacts
from mfplatform.state import care, metrics, probes, registry_gate
from mfplatform.state.home import Home
from microflack_common.registry import Registry, RegistryError

# How large etcd's database is, and may be. Keys of the v2 API are not in it, but all
# that anybody writes by another API.
SIZE, QUOTA = "etcd_mvcc_db_total_size_in_bytes", "etcd_server_quota_backend_bytes"


def registry(home: Home) -> RegistryFacts | None:
    """Return how the registry is; None if it does not answer, which others tell."""
    if not probes.registry_answers(home):
        return None
    try:
        values = Registry(home.etcd).tree("/").values
    except RegistryError:
        values = {}
    tops = Counter(f"/{key.split('/')[1]}" for key in values)
    most = tops.most_common(1)
    return RegistryFacts(
        has_quorum=probes.has_quorum(home),
        keys=len(values),
        bytes=sum(len(key) + len(value) for key, value in values.items()),
        fullest=most[0][0] if most else "/",
        database_share=database_share(registry_gate.etcd_figures(home)),
    )


def database_share(figures: str) -> float:
    """Return how full etcd's database is, from 0 to 1, by what etcd tells at /metrics.

    0 if it does not tell that.
    """
    lines = (line.split() for line in figures.splitlines())
    known = {line[0]: line[1] for line in lines if len(line) == 2}
    try:
        return float(known[SIZE]) / float(known[QUOTA])
    except (KeyError, ValueError, ZeroDivisionError):
        return 0.0


def found_by_prometheus(home: Home) -> AlertFacts | None:
    """Return what Prometheus finds wrong; None where there is none."""
    if not metrics.is_on(home):
        return None
    is_told = bool(care.hook(home))
    try:
        found = alerts.ask(home)
    except AlertsUnknown as error:
        return AlertFacts(problem=str(error), is_told=is_told)
    firing = tuple(one.text for one in found if one.is_firing)
    return AlertFacts(firing=firing, is_told=is_told)
