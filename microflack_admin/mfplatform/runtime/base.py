"""The interface of a runtime: what keeps the platform's parts and instances running.

A runtime is a folder beside this file, named as `mfup --NAME` and MF_RUNTIME have it:

- ``__init__.py`` begins with one line that `mfup --help` shows;
- ``runtime.py`` has a class ``Backend``, which puts ``Runtime`` into practice.

Nothing else has to be told about it: ``create`` chooses, and nobody else asks which
runtime it is. Settings, secrets, databases, ports, the registry and every wait are
common to all of them, and not a runtime's business. docs/add-a-runtime.md shows a small
one, and tests/runtimes/test_conformance.py is what each has to pass.

The contract of all calls:

- They say what is to be so, and may be repeated: what is so already stays as it is,
  what was interrupted is completed.
- Commands run side by side. No two calls for the same name do so at once, but calls for
  different names do, from several processes.
- They raise PlatformError, whose text says how a person can go on, and nothing else but
  OSError where a file in MF_HOME cannot be read or written.
- ``parts``, ``is_running``, ``clear`` and the attributes of the class need nothing but
  Python itself: `mfup` uses them before the platform's tools are installed.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Literal, NotRequired, TypedDict

from mfplatform.runtime.handling import Handling
from mfplatform.runtime.storage import Storage
from mfplatform.state import restoring
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Build, Image, Instance
from mfplatform.state.parts import PartSpec

FOLDER = Path(__file__).parent


class EarlyDeaths(TypedDict):
    """How often one has died right after its start, without a longer life in between.

    ``last_end`` is how it ended last, as in "exit status 3". Not every runtime knows.
    """

    short_lives: NotRequired[int]
    last_end: NotRequired[str]


class ProcessState(EarlyDeaths):
    """How one part or instance is; ``since`` is its start, in Unix seconds.

    ``pid`` is a process of the host that it runs on: see ``Runtime.host_of``.
    ``restarts`` is how often it was started again since it was started on purpose.
    """

    restarts: NotRequired[int]
    state: Literal["running", "starting", "stopping", "stopped"]
    pid: int | None
    since: float | None


class Runtime(Storage, Handling):
    """Runs the parts and the instances of one platform, each under its name."""

    # What everything runs as, in a sentence: "the platform runs as plain processes".
    noun: ClassVar[str]
    # The programs that it needs on this machine, and the Debian package of each.
    programs: ClassVar[Mapping[str, str]] = {}
    # The units of systemd that have to be up before it at the start of the machine.
    boot_after: ClassVar[tuple[str, ...]] = ()
    # Variables of the caller's environment that it needs whoever calls it: at the start
    # of the machine, too, and in the part that looks after instances.
    variables: ClassVar[tuple[str, ...]] = ()
    # Whether it can run all that there is on several hosts.
    can_be_redundant: ClassVar[bool] = False

    def __init__(self, home: Home) -> None:
        self.home = home

    @abstractmethod
    def parts(self) -> Sequence[PartSpec]:
        """Return the parts that it runs, of those that state/parts.py describes."""

    @abstractmethod
    def is_running(self) -> bool:
        """Tell whether the platform was started and not stopped.

        :raises PlatformError: what would know does not answer.
        """

    def asked(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the settings of its own that mfup was told, to be recorded.

        :param environ: what it was told, by names as lib/common.bash has them.
        :raises ValueError: one makes no sense.
        """
        return {}

    def host(self) -> str:
        """Return the address at which parts are to listen, asked at the first start.

        :raises PlatformError: a platform could not be started here.
        """
        return "127.0.0.1"

    def host_of(self, name: str) -> str:
        """Return the address of the host that an instance runs on."""
        return self.home.host

    def absence(self) -> str:
        """Return what to tell a person who needs a platform that does not run."""
        return restoring.way_out(self.home) or (
            f"no platform is running for {self.home.path}. Start one with: mfup"
        )

    @abstractmethod
    def begin(self) -> None:
        """Have what is needed before the first part can be started."""

    @abstractmethod
    def clear(self) -> None:
        """Stop what is left of a platform that does not run; harmless if nothing is.

        It is called before the first start, too, when no setting is recorded yet.
        """

    @abstractmethod
    def abandon(self) -> None:
        """Tidy up after a first start that failed half-way."""

    @abstractmethod
    def shut_down(self) -> None:
        """End all there is, once parts and instances have been stopped."""

    @abstractmethod
    def start_part(self, part: PartSpec) -> bool:
        """Have a part running as its settings say; False when it was already.

        One that runs with other settings is started anew. It is started again whenever
        it dies, until it is stopped. It has a process afterwards, if it has not died
        since; whether it works is for others to see.

        :raises PlatformError: this runtime does not know how to run it.
        """

    @abstractmethod
    def start_instance(self, instance: Instance) -> bool:
        """Have an instance running as it is recorded; False when it was already.

        As with ``start_part``. It is given ``instances.environment``, runs the image
        ``instance.image`` whatever tags have moved since, and gets SIGTERM at its stop.
        A runtime with the part "openbao" has secrets_store/start.py complete the
        environment at each start.

        :raises PlatformError: its image is gone.
        """

    @abstractmethod
    def states(self) -> dict[str, ProcessState]:
        """Return how each part and instance is; names that are left out are stopped."""

    @abstractmethod
    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop several side by side; kill those that have not within the time.

        Names that do not run, or are not known, are no error. What is stopped is not
        forgotten: ``log_tail`` still knows it.

        :raises PlatformError: even a kill does not stop one.
        """

    @abstractmethod
    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop one and forget it; its log stays for `mflogs`."""

    @abstractmethod
    def log_tail(self, name: str) -> str:
        """Return the last lines that a part or an instance logged, "" if none are.

        Everything that is logged comes to ``home.logs``/NAME.log sooner or later.
        """

    @abstractmethod
    def build(self, service: str, source: Path, tags: Sequence[str]) -> Build:
        """Have an image of a folder of source code, and give it these tags.

        An image is never changed: a tag moves to another one. The first image of a
        service is its "latest", too. The folder is the runtime's, which may change it.

        :raises PlatformError: it cannot be built; the text holds what the tools said.
        """

    @abstractmethod
    def image(self, service: str, tag: str) -> Image:
        """Return a service's image, by one of its tags or its id.

        :raises PlatformError: there is none; see ``instances.no_image``.
        """


def names() -> list[str]:
    """Return the names of all runtimes there are."""
    return sorted(file.parent.name for file in FOLDER.glob("*/runtime.py"))


def create(home: Home, name: str | None = None) -> Runtime:
    """Return the runtime of a platform: the one that is recorded, or a named one.

    :raises PlatformError: there is no runtime of that name.
    """
    name = name or home.runtime
    if name not in names():
        raise PlatformError(f"there is no runtime '{name}'. Known: {' '.join(names())}")
    backend: type[Runtime] = import_module(f"mfplatform.runtime.{name}.runtime").Backend
    return backend(home)


def running(home: Home) -> Runtime:
    """Return the runtime of a platform that runs.

    :raises PlatformError: it does not.
    """
    runtime = create(home)
    if not runtime.is_running():
        raise PlatformError(runtime.absence())
    return runtime
