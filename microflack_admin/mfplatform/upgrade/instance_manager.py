"""What an upgrade does with instances: what `mfrun`, `mfkill` and `mfstatus` do."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from mfplatform.commands import build, kill, run
from mfplatform.commands import list as listing
from mfplatform.logs import show
from mfplatform.runtime.base import Runtime
from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Image
from mfplatform.upgrade.state import ObservedInstance

LOG_LINES = 20


class RunFailed(Exception):
    """Raised when a new instance did not get ready; ``log`` is what it said last."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.log = log


class InstanceManager:
    """The instances of one platform, whichever runtime runs them."""

    def __init__(self, home: Home, runtime: Runtime) -> None:
        self._home = home
        self._runtime = runtime

    def instances(self, service: str = "") -> tuple[ObservedInstance, ...]:
        """Return the instances of a service, or all, the oldest first."""
        known = self._runtime.states()
        listed = listing.running_instances(self._home, self._runtime, known)
        wanted = (one for one in listed if service in ("", one["service"]))
        return tuple(ObservedInstance.from_listing(one) for one in wanted)

    def services(self) -> set[str]:
        """Return the services that have an instance."""
        return {one.service for one in instances.all_instances(self._home)}

    def image(self, service: str, tag: str) -> Image:
        """Return an image; PlatformError says how to get it."""
        return self._runtime.image(service, tag)

    def release(self, service: str, number: str) -> Image:
        """Return the image of a release; build it from history if it is not there.

        :raises PlatformError: it cannot be built.
        """
        if (found := self._built(service, number)) is None:
            build.have_release(service, number)
            found = self._built(service, number)
        if found is None:
            raise PlatformError(f"mfbuild {service}@{number} has made no such image")
        return found

    def _built(self, service: str, number: str) -> Image | None:
        try:
            found = self._runtime.image(service, number)
        except PlatformError:
            return None
        # A tag may be on anything.
        return found if found.version == number else None

    def log(self, name: str, lines: int = LOG_LINES) -> tuple[str, ...]:
        """Return the last lines that an instance has logged, as people read them."""
        return tuple(show.source_tail(self._home.logs, name, lines))

    def run(
        self,
        service: str,
        image: str,
        settings: Mapping[str, str],
        within: float,
    ) -> str:
        """Start an instance, wait until it is routed and return its name.

        :raises RunFailed: it was not ready within so many seconds, or there is no
            such image.
        """
        try:
            return run.run(self._home, self._runtime, service, image, settings, within)
        except run.StartFailed as error:
            raise RunFailed(error.reason, error.log) from error
        except (PlatformError, OSError) as error:
            raise RunFailed(str(error)) from error

    def kill(self, name: str) -> None:
        """Drain an instance and stop it.

        :raises PlatformError: it cannot be stopped.
        """
        known = instances.all_instances(self._home)
        # Half a stop helps nobody: Ctrl-C, which the main thread gets, lets it finish.
        with ThreadPoolExecutor(1) as pool:
            for one in kill.select(known, name):
                pool.submit(kill.kill, self._home, self._runtime, one).result()
