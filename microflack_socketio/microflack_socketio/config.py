"""The settings of the Socket.IO service."""

from collections.abc import Mapping

from microflack_common import access, local
from microflack_common.config import Environment

ASYNC_MODES = ("eventlet", "gevent", "threading")


class Config:
    """Settings from the environment; raises ConfigError naming all that is wrong."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = Environment(environ)
        # The load balancer, through which users, messages and rooms are reached.
        self.LB = env.url("LB", "http://127.0.0.1:8080")
        # HOST:PORT of the queue that brings events, or local: for that of this process;
        # without it there are none.
        self.REDIS = env.text("REDIS", "")
        is_address = self.REDIS.rpartition(":")[2].isdecimal()
        if self.REDIS and not is_address and not local.is_local(self.REDIS):
            env.problems.append("REDIS must be HOST:PORT or NAME:PASSWORD@HOST:PORT")
        # Where stands which tokens were ended; without it none are known.
        self.ETCD = env.text("ETCD", "")
        # What tokens are signed with, and a key that is accepted beside it: the same
        # for all services.
        self.JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY")
        self.JWT_SECRET_KEY_BEFORE = env.secret("JWT_SECRET_KEY_BEFORE", required=False)
        # By which it tells the users service, in its own name, that somebody has left.
        self.SERVICE_KEY = env.secret("SERVICE_KEY", required=False)
        # Whether everybody hears what is public, or members only.
        self.ACCESS = access.from_environment(env)
        # How clients are served side by side, in the worker and in the libraries.
        self.ASYNC_MODE = env.text("ASYNC_MODE", "eventlet")
        if self.ASYNC_MODE not in ASYNC_MODES:
            env.problems.append(f"ASYNC_MODE must be one of {', '.join(ASYNC_MODES)}")
        env.check()
