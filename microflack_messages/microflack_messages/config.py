"""The settings of the messages service."""

from collections.abc import Mapping

from microflack_common import access
from microflack_common.config import Environment
from microflack_common.database import engine_options
from microflack_messages.files import s3_store

# Less than ``engine_options`` let an answer of the database take.
IDLE_TRANSACTION_SECONDS = 8
# Of one user, unless the setting says otherwise: 2 GB.
MAX_FILES_BYTES_PER_USER = 2 * 1024**3


class Config:
    """Settings from the environment; raises ConfigError naming all that is wrong."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = Environment(environ)
        # The service's own database; a file beside the code when it runs alone.
        url = env.text("DATABASE_URL", "sqlite:///messages.db")
        self.SQLALCHEMY_DATABASE_URI = url
        self.SQLALCHEMY_ENGINE_OPTIONS = options = engine_options(url)
        if options:
            # An instance that hangs in a transaction loses its locks before those who
            # wait for them give up.
            limit = f", idle_transaction_timeout = {IDLE_TRANSACTION_SECONDS}"
            options["connect_args"]["init_command"] += limit
        # What tokens are signed with, and a key that is accepted beside it: the same
        # for all services.
        self.JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY")
        self.JWT_SECRET_KEY_BEFORE = env.secret("JWT_SECRET_KEY_BEFORE", required=False)
        # By which it asks the users service, in its own name, whom people have blocked.
        self.SERVICE_KEY = env.secret("SERVICE_KEY", required=False)
        # Whether everybody reads what is public, or members only.
        self.ACCESS = access.from_environment(env)
        # The load balancer, through which the users service is asked; empty when it
        # runs alone.
        self.LB = env.url("LB", "")
        # The registry, which says what tokens were ended; empty when it runs alone.
        self.ETCD = env.text("ETCD", "")
        # HOST:PORT of the queue through which clients hear of changes; empty when it
        # runs alone.
        self.REDIS = env.text("REDIS", "")
        # Whether it is counted how much everybody posts, and refused what is too much.
        self.LIMITS = env.boolean("MF_LIMITS", default=True)
        # Whether the pages that messages link to are asked for title and description.
        self.LINK_CARDS = env.boolean("LINK_CARDS", default=True)
        # Whether this machine may be asked, too, on any port: for tests only.
        self.LINK_CARDS_LOCAL = env.boolean("LINK_CARDS_LOCAL")
        # What browsers are told of messages with while no page is open: push services
        # know the platform by it. Empty where nobody is told.
        self.WEB_PUSH_KEY = env.secret("WEB_PUSH_KEY", required=False)
        # Whether this machine may be sent to, too, in clear text: for tests only.
        self.WEB_PUSH_LOCAL = env.boolean("WEB_PUSH_LOCAL")
        # Where files are kept: in the database if it is empty, or in an S3 store.
        self.FILES_STORE = s3_store.from_environment(env)
        # How many bytes the files of one user may have together.
        self.MAX_FILES_BYTES_PER_USER = env.integer(
            "MAX_FILES_BYTES_PER_USER", MAX_FILES_BYTES_PER_USER, maximum=10**12 - 1
        )
        # Whether threads go on between requests. Without them all is done before an
        # answer, as befits a function in a cloud.
        self.BACKGROUND = env.boolean("BACKGROUND", default=True)
        env.check()
