"""The settings of the balancer loop, from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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

    @property
    def registry_cache_file(self) -> Path:
        """Return the file that keeps the registry's last good state."""
        return self.config_file.with_name("registry.json")

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None
    ) -> "BalancerSettings":
        """Read the settings; ConfigError names everything that is wrong."""
        env = Environment(environ)
        settings = cls(
            etcd=env.text("ETCD"),
            bind=env.text("MF_BIND", "127.0.0.1"),
            port=env.integer("MF_PORT", minimum=1, maximum=65535),
            stats_password=env.secret("STATS_PASSWORD", length=8),
            config_file=Path(env.text("HAPROXY_CFG")),
            socket=Path(env.text("HAPROXY_SOCKET")),
            master_socket=Path(env.text("HAPROXY_MASTER_SOCKET")),
            logs=env.text("MF_LOGS", ""),
            name=env.text("MF_LB_NAME", "default"),
        )
        env.check()
        return settings
