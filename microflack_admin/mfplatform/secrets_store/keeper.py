"""Keep what instances got from the store good for as long as they run.

    python -m mfplatform.secrets_store.keeper

It renews their tokens, ends those of instances that are gone, and opens a store that
was started again, if its key is beside it. It looks at the folder of instances and at
nothing else of the platform. What goes wrong is logged early and shown by mfstatus:
what instances have stays good until the lease ends.
"""

import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from mfplatform.secrets_store import leases, tokens
from mfplatform.secrets_store.client import PLATFORM, Client, StoreError
from mfplatform.state.home import read_env, write_private
from microflack_common.log_lines import LineFormatter, configure

log = logging.getLogger(__name__)

PASS_SECONDS = 1.0
# Between two looks at all tokens, at most, and at least so often in a lease.
LOOK_SECONDS, LOOKS = 15.0, 12


class Keeper:
    """The loop, and what it remembers from pass to pass.

    :param folder: the store's.
    :param instances: the folder that has one for each instance.
    """

    def __init__(
        self, client: Client, folder: Path, instances: Path, lease_seconds: float
    ) -> None:
        self._client = client
        self._folder = folder
        self._instances = instances
        self._lease_seconds = lease_seconds
        self._looked_at = 0.0
        # When what the first instance has ends, in Unix seconds.
        self._ends: float | None = None
        self._problem = ""
        self._told = ""

    def look(self, now: float) -> None:
        """Make one pass.

        :param now: Unix seconds.
        """
        problem = ""
        try:
            self._have_open()
            period = min(LOOK_SECONDS, self._lease_seconds / LOOKS)
            if now - self._looked_at >= period or self._problem:
                self._renew(now)
                self._looked_at = now
        except (StoreError, OSError) as error:
            problem = self._explained(str(error))
        self._tell(problem)

    def _have_open(self) -> None:
        status = self._client.seal_status()
        key = self._folder / "unseal.key"
        may_open = key.exists() and not (self._folder / "sealed").exists()
        if status["sealed"] and status["initialized"] and may_open:
            self._client.unseal(key.read_text(encoding="utf-8").strip())
            log.info("The secrets store was sealed, and is open again.")

    def _renew(self, now: float) -> None:
        own = read_env(self._folder / "platform.env")
        if not own:
            return
        self._client.log_in(own["ROLE_ID"], own["SECRET_ID"])
        roles = [one for one in self._client.names(tokens.ROLES) if one != PLATFORM]
        found = tokens.of_instances(self._client)
        # After both: what has a role or a token had its record before.
        known = [one.parent.name for one in self._instances.glob("*/instance.json")]
        lease = self._lease_seconds
        for action in leases.decide(found, roles, known, lease, now):
            tokens.perform(self._client, action)
        found = tokens.of_instances(self._client)
        self._ends = min((one.ends for one in found), default=None)

    def _explained(self, problem: str) -> str:
        if self._ends is None:
            return problem
        until = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self._ends))
        return f"{problem}. What runs has its secrets, and the database until {until}"

    def _tell(self, problem: str) -> None:
        """Log a problem when it begins and when it ends, and write it down."""
        if problem and problem != self._problem:
            log.warning("%s", problem)
        elif self._problem and not problem:
            log.info("All is well with the secrets store again.")
        self._problem = problem
        state = json.dumps({"problem": problem, "ends": self._ends})
        if state != self._told or not (self._folder / "state.json").exists():
            write_private(self._folder / "state.json", state)
        self._told = state


def main() -> int:
    """Work until the process is told to end."""
    configure(LineFormatter("leases", "leases"))
    signal.signal(signal.SIGTERM, _finish)
    keeper = Keeper(
        Client(os.environ["STORE_ADDRESS"]),
        Path(os.environ["STORE_FOLDER"]),
        Path(os.environ["INSTANCES_FOLDER"]),
        float(os.environ["MF_SECRETS_LEASE"]),
    )
    while True:
        keeper.look(time.time())
        time.sleep(PASS_SECONDS)


def _finish(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
