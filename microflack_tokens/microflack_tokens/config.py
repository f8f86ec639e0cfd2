"""The settings of the tokens service."""

from collections.abc import Mapping

from microflack_common.config import Environment


class Config:
    """Settings from the environment; raises ConfigError naming all that is wrong."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = Environment(environ)
        # The load balancer, through which the users service is asked.
        self.LB = env.url("LB", "http://127.0.0.1:8080")
        # What tokens are signed with: the same for all services.
        self.JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY")
        # The registry, which keeps the ids of revoked tokens; empty when it runs alone.
        self.ETCD = env.text("ETCD", "")
        env.check()
