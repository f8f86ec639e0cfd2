"""Have the members of a redundant platform running, each on its host."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mfplatform.runtime.docker import engine, images
from mfplatform.runtime.swarm import pushing, store, tasks
from mfplatform.runtime.swarm.redundant import describe, galera_start
from mfplatform.runtime.swarm.redundant.member import Member
from mfplatform.runtime.swarm.redundant.specs import is_last
from mfplatform.state import redundancy
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec
from mfplatform.state.patience import Deadline

# A member that is replaced may have to be told all that the others know.
WORKS_SECONDS = 600


class Members:
    """The members of one platform.

    :param prefix: what the names of all services of the platform begin with.
    :param labels: by which they are known.
    """

    def __init__(self, home: Home, prefix: str, labels: Mapping[str, str]) -> None:
        self._home = home
        self._prefix = prefix
        self._labels = labels
        self._shared: dict[str, str] = {}
        # Services, with the tasks that they had before.
        self._begun: list[tuple[str, list[str]]] = []

    def start(self, part: PartSpec, found: dict[str, Any] | None) -> bool:
        """Have one running; False when it was already.

        One that is replaced works again before this returns: others serve meanwhile.
        Those that are new are waited for when the last one of their kind is started, so
        that all hosts fetch what they need at the same time.

        :param found: what the swarm has of it.
        """
        wanted = self._describe(part.name)
        is_new = found is None or store.differs(found, wanted)
        if is_new:
            before = [one["ID"] for one in tasks.of(wanted.name)] if found else []
            store.have(wanted, found)
            if wanted.node:
                self._begun.append((wanted.name, before))
        if found or is_last(self._home, part.name):
            self._wait_begun()
        if part.name.startswith("mariadb-") and is_last(self._home, part.name):
            galera_start.begin(self._home)
        elif is_new and found:
            _wait(lambda: part.probe(self._home), part.name)
        return is_new

    def _wait_begun(self) -> None:
        while self._begun:
            tasks.wait_running(*self._begun.pop(0))

    def _image(self, part: str) -> str:
        name = images.platform_image(self._home, part)
        if name not in self._shared:
            self._shared[name] = pushing.shared_part(self._home, name)
        return self._shared[name]

    def _describe(self, name: str) -> Member:
        details, host = describe.of(self._home, name)
        full_name = f"{self._prefix}{name}"
        own = {"app": "microflack-platform", "part": name, store.INSTANCE: full_name}
        return Member(
            name=full_name,
            image=self._image(details.image),
            command=details.command,
            environment=details.environment,
            secret=details.secret,
            files=details.files,
            labels={**self._labels, **own},
            node=host.node if host else "",
            without=[one.node for one in redundancy.hosts(self._home.settings)],
            volumes={f"{self._prefix}{k}": at for k, at in details.volumes.items()},
            capabilities=details.capabilities,
            folder=details.folder,
            stop_seconds=details.stop_seconds,
        )


def _wait(is_so: Callable[[], bool], name: str) -> None:
    deadline = Deadline(WORKS_SECONDS)
    while not is_so():
        if deadline.is_over():
            raise engine.EngineError(
                f"{name} does not work with its new settings, and the others are left "
                f"as they were. See why: mflogs {name}"
            )
        time.sleep(tasks.POLL_SECONDS)
