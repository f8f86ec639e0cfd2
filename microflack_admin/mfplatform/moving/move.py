"""Move a service out of a monolith to instances of its own, while people use it.

    python -m mfplatform.moving.move SERVICE MF_HOME-OF-THE-MONOLITH

The service's rows are copied while the monolith goes on. Then the monolith is replaced
by one without the service, which has what is asked of it wait; what was written
meanwhile is copied, too, and both databases are compared; and the first instance
starts. From then on it answers.

Whatever ends this before, the next call goes on: see ``progress.Stage``.
"""

import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from mfplatform.monolith import services, serving
from mfplatform.monolith.prepare import MOVED_TO, WITHOUT
from mfplatform.monolith.services import Service
from mfplatform.moving import check, place
from mfplatform.moving.copier import Copier
from mfplatform.moving.progress import Progress, Stage
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.patience import Deadline

# A new server starts, and the one before ends what it has begun.
LEAVE_TIMEOUT_SECONDS = 180
POLL_SECONDS = 0.05


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Move:
    """A service that is being moved.

    :param home: the platform's, which the monolith stands behind.
    :param source: the monolith's.
    :param lock: is held as long as anything is done.
    """

    home: Home
    source: Home
    service: Service
    progress: Progress
    lock: int

    def move(self) -> str:
        """Move it; return the name of its first instance.

        :raises PlatformError: it cannot be moved, or was not; the text says what to do.
        """
        if not self.service.needs_database:
            # Both can serve at the same time: nobody has to wait.
            name = self._run()
            self._leave()
            return name
        if self.progress.stage is not Stage.MOVED:
            with self._copier() as copier:
                self._copy(copier)
                self._switch(copier)
        elif serving.have(self.source, self.service.name):
            self._leave()
        return self._run()

    def _copier(self) -> Copier:
        python = self.source.path / "tools" / "bin" / "python"
        return Copier(self.home, self.source, self.service.name, python, self.lock)

    def _copy(self, copier: Copier) -> None:
        """Copy while the monolith goes on; what is left is little."""
        if self.progress.stage is None:
            copier.check()
            self.progress.write(Stage.COPYING)
        copier.copy(say)

    def _switch(self, copier: Copier) -> None:
        """Copy the rest while nobody writes; from here on the service is elsewhere.

        :raises PlatformError: they are not equal; the monolith goes on as before.
        """
        self.progress.write(Stage.LEAVING)
        try:
            self._leave()
            copier.finish(say)
        except BaseException:
            say(f"The monolith goes on with {self.service.name} as before")
            self._return()
            raise
        self.progress.write(Stage.MOVED)

    def _leave(self) -> None:
        """Have the monolith go on without the service."""
        say(f"The monolith goes on without {self.service.name}")
        self._record({*_without(self.source), self.service.name})
        if not serving.have(self.source, self.service.name):
            return
        serving.replace(self.source)
        deadline = Deadline(LEAVE_TIMEOUT_SECONDS)
        while serving.have(self.source, self.service.name):
            if deadline.is_over():
                raise PlatformError(
                    "the monolith did not come back without it in time. Its log says "
                    f"why: MF_HOME={self.source.path} mflogs"
                )
            time.sleep(POLL_SECONDS)

    def _return(self) -> None:
        self._record({*_without(self.source)} - {self.service.name})
        serving.replace(self.source)
        self.progress.write(Stage.COPYING)

    def _record(self, names: set[str]) -> None:
        to = str(self.home.path)
        self.source.record(**{WITHOUT: ",".join(sorted(names)), MOVED_TO: to})

    def _run(self) -> str:
        say(f"Starting {self.service.name}")
        left = {self.service.name, *_without(self.source)}
        rest = [one for one in services.in_checkout() if one.name not in left]
        return place.take(self.home, self.service, rest)


def _without(source: Home) -> set[str]:
    """Return the services that a monolith is without."""
    return set(filter(None, source.settings.get(WITHOUT, "").split(",")))


def move(home: Home, source: Home, service: Service) -> str:
    """Move a service, after a look whether it can be moved; see ``Move.move``."""
    progress = Progress(home, service.name, source.path)
    with progress.locked() as lock:
        check.check(home, source, service, progress.stage)
        return Move(home, source, service, progress, lock).move()


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Move what the command line says; print the instance's name."""
    signal.signal(signal.SIGTERM, _interrupted)
    name, source = arguments
    (service,) = [one for one in services.in_checkout() if one.name == name]
    try:
        print(move(Home.here(), Home(Path(source)), service))
    except (PlatformError, OSError) as error:
        print(f"mfmove: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
