"""The parts of the platform, each described once, and the order in which they start.

How a part is run, as a process or a container, is the business of each runtime.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from mfplatform.logs.shipping import destination
from mfplatform.metrics import prometheus
from mfplatform.secrets_store import server, store
from mfplatform.state import (
    care,
    gate_config,
    hosts,
    metrics,
    probes,
    queue_access,
    registry_gate,
    status_page,
    tls,
)
from mfplatform.state.home import Home, PlatformError, write_env

Settings = dict[str, str]
# What mfup was told about those who ask the load balancer.
_EDGE = ("MF_LIMITS", "MF_OPERATOR", "MF_TRUSTED_PROXIES")


def _no_settings(_home: Home) -> Settings:
    return {}


def _nothing(_home: Home, _runs: bool) -> None:
    return None


@dataclass(frozen=True)
class PartSpec:
    """One part of the platform, whichever runtime runs it.

    :param name: its name in `mfstatus` and `mflogs`.
    :param port: the setting that holds the port at which it answers, "" if it has none.
    :param probe: tells whether it works.
    :param needs: the parts that have to work before it is started.
    :param settings: the environment that it is given in every runtime.
    :param more_ports: settings that hold other ports of its own.
    :param before_start: called before its start, and told whether it runs already.
    :param stop_timeout_seconds: what it began may take that long when it is stopped.
    :param stops_last: it goes when all others have, since it serves them to their end.
    :param is_wanted: tells whether the platform's settings call for it.
    :param minds_instances: it is started after all instances and stopped before them,
        since it would bring them back.
    :param note: says what it is among others of its kind; asked when it is shown.
    """

    name: str
    port: str
    probe: Callable[[Home], bool]
    needs: tuple[str, ...] = ()
    settings: Callable[[Home], Settings] = _no_settings
    more_ports: tuple[str, ...] = ()
    before_start: Callable[[Home, bool], None] = _nothing
    stop_timeout_seconds: int = 10
    stops_last: bool = False
    is_wanted: Callable[[Home], bool] = lambda _home: True
    minds_instances: bool = False
    note: Callable[[Home], str] = lambda _home: ""


def _collector_address(home: Home) -> str:
    return f"{home.host}:{home.settings['LOGS_PORT']}"


def _logs(home: Home) -> Settings:
    return {
        "MF_PLATFORM": home.id,
        "LOGS_ADDRESS": _collector_address(home),
        "LOGS_PASSWORD": home.secrets["STATS_PASSWORD"],
        **destination.given(home.settings),
    }


def _balancer(home: Home) -> Settings:
    """Return the renderer's settings, which HAProxy's configuration may use as well."""
    collected = "LOGS_PORT" in home.settings
    own = {
        "ETCD": home.etcd,
        "MF_PORT": home.settings["MF_PORT"],
        "MF_BIND": home.settings["MF_BIND"],
        "STATS_PASSWORD": home.secrets["STATS_PASSWORD"],
        "HOST_IP_ADDRESS": home.host,
        "MF_HOSTS": hosts.allowed(home.settings),
        "MF_SERVICES_PORT": home.settings.get("SERVICES_PORT", "0"),
        "MF_OPERATOR_PORT": home.settings.get("OPERATOR_PORT", "0"),
        **{name: home.settings[name] for name in _EDGE if home.settings.get(name)},
    }
    logs = {"MF_LOGS": _collector_address(home)} if collected else {}
    return own | tls.balancer_settings(home) | logs


def _drop_old_configuration(home: Home, _runs: bool) -> None:
    """Forget HAProxy's last configuration if it says to listen somewhere else."""
    folder = home.path / "haproxy"
    if write_env(folder / "settings.env", _balancer(home)):
        (folder / "haproxy.cfg").unlink(missing_ok=True)


def _forget_routes(home: Home, runs: bool) -> None:
    """Remove what the renderer told before it stopped: it would be taken for true."""
    if runs:
        return
    # Only here: what prepares a first start imports this module without the wheel.
    from mfplatform.state import lb_state
    from microflack_common.registry import Registry, RegistryError

    try:
        Registry(home.etcd).delete(lb_state.KEY)
    except RegistryError as error:
        raise PlatformError(str(error)) from error


def _forget_socket(home: Home, runs: bool) -> None:
    # One that was killed leaves it, and a published image does not remove it.
    if not runs:
        (registry_gate.folder(home) / gate_config.ETCD_SOCKET).unlink(missing_ok=True)


def _prepare_gate(home: Home, _runs: bool) -> None:
    registry_gate.prepare(home)


def _prepare_queue(home: Home, runs: bool) -> None:
    queue_access.prepare(home)
    # It stores nothing: what lies there must not keep it from starting.
    if not runs:
        for name in ("dump.rdb", "appendonly.aof"):
            (home.path / "redis" / name).unlink(missing_ok=True)


SPECS = (
    PartSpec(
        "etcd",
        "",
        probes.etcd_answers,
        settings=gate_config.etcd,
        before_start=_forget_socket,
    ),
    PartSpec(
        "registry",
        "ETCD_PORT",
        probes.registry_answers,
        needs=("etcd",),
        settings=registry_gate.settings,
        before_start=_prepare_gate,
    ),
    PartSpec("mariadb", "MYSQL_PORT", probes.mariadb_answers, stop_timeout_seconds=30),
    PartSpec(
        "openbao",
        "OPENBAO_PORT",
        server.answers,
        needs=("mariadb",),
        settings=server.settings,
        more_ports=("OPENBAO_CLUSTER_PORT",),
        before_start=server.prepare,
        is_wanted=store.is_used,
    ),
    PartSpec(
        "leases",
        "",
        server.keeper_answers,
        needs=("openbao",),
        settings=server.keeper_settings,
        before_start=server.forget_last_look,
        is_wanted=store.is_used,
    ),
    PartSpec("redis", "REDIS_PORT", probes.redis_answers, before_start=_prepare_queue),
    PartSpec("logs", "LOGS_PORT", probes.logs_answer, settings=_logs, stops_last=True),
    PartSpec(
        "haproxy",
        "MF_PORT",
        probes.haproxy_answers,
        needs=("registry",),
        settings=_balancer,
        more_ports=("SERVICES_PORT", "OPERATOR_PORT", "ACME_PORT"),
        before_start=_drop_old_configuration,
    ),
    PartSpec(
        "renderer",
        "",
        probes.renderer_answers,
        needs=("registry",),
        settings=_balancer,
        before_start=_forget_routes,
    ),
    PartSpec(
        "certificates",
        "",
        probes.certificates_answer,
        needs=("haproxy",),
        settings=tls.keeper_settings,
        before_start=tls.forget_last_look,
        is_wanted=tls.is_on,
    ),
    PartSpec(
        status_page.PART,
        "",
        status_page.answers,
        needs=("haproxy",),
        is_wanted=status_page.is_wanted,
    ),
    PartSpec(
        metrics.PART,
        metrics.PORT,
        prometheus.answers,
        needs=("haproxy",),
        settings=prometheus.settings,
        before_start=prometheus.prepare,
        # It writes down what it has gathered lately.
        stop_timeout_seconds=30,
        is_wanted=metrics.is_on,
    ),
    PartSpec(
        care.PART,
        "",
        care.answers,
        needs=("renderer",),
        settings=care.given,
        before_start=care.forget_last_look,
        is_wanted=care.is_wanted,
        minds_instances=True,
    ),
)


def chosen(names: Iterable[str], specs: Sequence[PartSpec] = SPECS) -> list[PartSpec]:
    """Return the parts of these names, in the order in which all are described.

    :raises PlatformError: nothing of such a name is described.
    """
    wanted = set(names)
    if unknown := wanted - {spec.name for spec in specs}:
        raise PlatformError(f"no part is described as {', '.join(sorted(unknown))}")
    return [spec for spec in specs if spec.name in wanted]


def start_waves(specs: Sequence[PartSpec]) -> list[list[PartSpec]]:
    """Return the parts in waves: each needs only what the waves before it started.

    :raises PlatformError: two have one name, one needs what is not there, or some need
        each other.
    """
    by_name = {spec.name: spec for spec in specs}
    if len(by_name) < len(specs):
        raise PlatformError("two parts have the same name")
    for spec in specs:
        if missing := set(spec.needs) - set(by_name):
            raise PlatformError(
                f"{spec.name} needs {', '.join(sorted(missing))}, which is no part here"
            )
    sorter = TopologicalSorter({spec.name: spec.needs for spec in specs})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise PlatformError(f"these parts need each other: {circle}") from error
    waves = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        waves.append([spec for spec in specs if spec.name in ready])
        sorter.done(*ready)
    return waves


def stop_waves(specs: Sequence[PartSpec]) -> list[list[PartSpec]]:
    """Return the parts in waves to be stopped: what needs another goes before it."""
    usual = [[s for s in wave if not s.stops_last] for wave in start_waves(specs)]
    last = [spec for spec in specs if spec.stops_last]
    return [wave for wave in (*reversed(usual), last) if wave]
