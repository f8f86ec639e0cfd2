"""The settings of the users service."""

from collections.abc import Mapping
from typing import Any

from microflack_common import access
from microflack_common.config import Environment
from microflack_common.database import engine_options


class Config:
    """Settings from the environment; raises ConfigError naming all that is wrong."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = Environment(environ)
        # The service's own database; a file beside the code when it runs alone.
        self.SQLALCHEMY_DATABASE_URI = env.text("DATABASE_URL", "sqlite:///users.db")
        self.SQLALCHEMY_ENGINE_OPTIONS = _engine_options(self.SQLALCHEMY_DATABASE_URI)
        # What tokens are signed with: the same for all services.
        self.JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY")
        # A second key whose tokens are good while the first one is replaced.
        self.JWT_SECRET_KEY_BEFORE = env.secret("JWT_SECRET_KEY_BEFORE", required=False)
        # What services and the operator sign with; empty on a platform without it.
        self.SERVICE_KEY = env.secret("SERVICE_KEY", required=False)
        # Whether everybody may read and register, or members only.
        self.ACCESS = access.from_environment(env)
        # The load balancer, through which sessions are ended; empty when it runs alone.
        self.LB = env.url("LB", "")
        # The registry: who may do what is written there; empty when it runs alone.
        self.ETCD = env.text("ETCD", "")
        # HOST:PORT of the queue through which clients hear of changes; empty when it
        # runs alone.
        self.REDIS = env.text("REDIS", "")
        # Off for load tests: then all may wait until their password is hashed.
        self.LIMITS = env.boolean("MF_LIMITS", default=True)
        # Whether threads go on between requests. Without them all is done before an
        # answer, as befits a function in a cloud.
        self.BACKGROUND = env.boolean("BACKGROUND", default=True)
        env.check()


def _engine_options(url: str) -> dict[str, Any]:
    # SQLite has one writer at a time: the others wait, in seconds.
    return engine_options(url) or {"connect_args": {"timeout": 30}}
