"""The settings of the example service."""

from collections.abc import Mapping

from microflack_common import access
from microflack_common.config import Environment
from microflack_common.database import engine_options


class Config:
    """Settings from the environment; raises ConfigError naming all that is wrong."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = Environment(environ)
        # The service's own database; a file beside the code when it runs alone.
        url = env.text("DATABASE_URL", "sqlite:///example.db")
        self.SQLALCHEMY_DATABASE_URI = url
        self.SQLALCHEMY_ENGINE_OPTIONS = engine_options(url)
        # What tokens are signed with, and a key that is accepted beside it: the same
        # for all services.
        self.JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY")
        self.JWT_SECRET_KEY_BEFORE = env.secret("JWT_SECRET_KEY_BEFORE", required=False)
        # Whether everybody reads, or members only.
        self.ACCESS = access.from_environment(env)
        # The load balancer, at which other services are asked.
        self.LB = env.url("LB", "")
        # The registry, which says what tokens were ended; empty when it runs alone.
        self.ETCD = env.text("ETCD", "")
        env.check()
