"""The settings of the tokens service."""

from collections.abc import Mapping

from microflack_common.config import Environment
from microflack_common.database import engine_options


class Config:
    """Settings from the environment; raises ConfigError naming all that is wrong."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = Environment(environ)
        # The service's own database; a file beside the code when it runs alone.
        self.SQLALCHEMY_DATABASE_URI = env.text("DATABASE_URL", "sqlite:///tokens.db")
        self.SQLALCHEMY_ENGINE_OPTIONS = engine_options(self.SQLALCHEMY_DATABASE_URI)
        # The load balancer, through which the users service is asked.
        self.LB = env.url("LB", "http://127.0.0.1:8080")
        # What tokens are signed with, and a key that is accepted beside it: the same
        # for all services.
        self.JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY")
        self.JWT_SECRET_KEY_BEFORE = env.secret("JWT_SECRET_KEY_BEFORE", required=False)
        # By which it believes other services that they are who they say.
        self.SERVICE_KEY = env.secret("SERVICE_KEY", required=False)
        # The registry, through which others hear of what was ended, and which knows who
        # may do what; empty when it runs alone.
        self.ETCD = env.text("ETCD", "")
        # Whether threads go on between requests. Without them all is done before an
        # answer, as befits a function in a cloud.
        self.BACKGROUND = env.boolean("BACKGROUND", default=True)
        env.check()
