"""The settings of the users service."""

from collections.abc import Mapping

from microflack_common.config import Environment
from microflack_common.database import engine_options


class Config:
    """Settings from the environment; raises ConfigError naming all that is wrong."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = Environment(environ)
        # The service's own database; a file beside the code when it runs alone.
        self.SQLALCHEMY_DATABASE_URI = env.text("DATABASE_URL", "sqlite:///users.db")
        self.SQLALCHEMY_ENGINE_OPTIONS = engine_options(self.SQLALCHEMY_DATABASE_URI)
        # What tokens are signed with: the same for all services.
        self.JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY")
        # The registry, which keeps the ids of revoked tokens; empty when it runs alone.
        self.ETCD = env.text("ETCD", "")
        # HOST:PORT of the queue through which clients hear of changes; empty when it
        # runs alone.
        self.REDIS = env.text("REDIS", "")
        env.check()
