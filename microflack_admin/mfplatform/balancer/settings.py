"""The settings of the balancer loop, from its environment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from mfplatform.balancer.tls import TLSSettings
from microflack_common.config import Environment


@dataclass(frozen=True)
class BalancerSettings:
    """Where the balancer loop finds the registry, HAProxy and its files."""

    # etcd, as comma-separated endpoints.
    etcd: str
    # Where HAProxy listens.
    bind: str
    port: int
    # Password of the user "admin" of HAProxy's page /stats.
    stats_password: str
    # The file that HAProxy is started with.
    config_file: Path
    # HAProxy's runtime API, and that of its master process.
    socket: Path
    master_socket: Path
    # HOST:PORT of what serves /logs; empty where nothing does.
    logs: str
    # This load balancer's name in the registry, /loadbalancers/NAME.
    name: str
    tls: TLSSettings
    # The address of this machine at which services reach the load balancer, and the
    # port for that; 0 where they use the public one.
    host: str = "127.0.0.1"
    services_port: int = 0
    # The port for operators, on 127.0.0.1; 0 if there is none. And whether what they
    # see is at the public port, too.
    operator_port: int = 0
    operators_share: bool = False
    # Whether it is counted what each address asks for, and refused what is too much.
    limits: bool = True
    # Networks of proxies that say for whom they ask, such as 10.0.0.0/8.
    trusted_proxies: tuple[str, ...] = ()
    # The names by which clients may call it; empty: by any.
    hosts: tuple[str, ...] = ()

    @property
    def registry_cache_file(self) -> Path:
        """Return the file that keeps the registry's last good state."""
        return self.config_file.with_name("registry.json")

    @property
    def peers_socket(self) -> Path:
        """Return the socket through which a process learns from the one before."""
        return self.socket.with_name("peers.sock")

    @property
    def status_socket(self) -> Path:
        """Return the socket of what serves the page /status, where there is one."""
        return self.socket.parent / "pages" / "status.sock"

    @property
    def metrics_socket(self) -> Path:
        """Return the socket at which the platform's own figures are told."""
        return self.socket.parent / "pages" / "metrics.sock"

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None
    ) -> "BalancerSettings":
        """Read the settings; ConfigError names everything that is wrong."""
        env = Environment(environ)
        config_file = Path(env.text("HAPROXY_CFG"))
        settings = cls(
            etcd=env.text("ETCD"),
            bind=env.text("MF_BIND", "127.0.0.1"),
            port=env.integer("MF_PORT", minimum=1, maximum=65535),
            stats_password=env.secret("STATS_PASSWORD", length=8),
            config_file=config_file,
            socket=Path(env.text("HAPROXY_SOCKET")),
            master_socket=Path(env.text("HAPROXY_MASTER_SOCKET")),
            logs=env.text("MF_LOGS", ""),
            name=env.text("MF_LB_NAME", "default"),
            tls=TLSSettings.read(env, config_file),
            host=env.text("HOST_IP_ADDRESS", "127.0.0.1"),
            services_port=env.integer("MF_SERVICES_PORT", 0, maximum=65535),
            operator_port=env.integer("MF_OPERATOR_PORT", 0, maximum=65535),
            operators_share=env.text("MF_OPERATOR", "own") == "shared",
            limits=env.boolean("MF_LIMITS", default=True),
            trusted_proxies=tuple(_networks(env)),
            hosts=tuple(env.text("MF_HOSTS", "").replace(",", " ").split()),
        )
        env.check()
        return settings


def _networks(env: Environment) -> Iterator[str]:
    """Yield the networks of MF_TRUSTED_PROXIES, which may be written as addresses."""
    for text in env.text("MF_TRUSTED_PROXIES", "").replace(",", " ").split():
        try:
            yield str(ip_network(text, strict=False))
        except ValueError:
            env.problems.append(
                "MF_TRUSTED_PROXIES must be networks such as 10.0.0.0/8, separated by "
                f"commas, not {text[:40]!r}"
            )
