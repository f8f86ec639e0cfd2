"""Bare servers behind the same load balancer, with which the chat is compared."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mfplatform.packaging import environments
from mfplatform.runtime.process import processes
from mfplatform.runtime.process.program_config import base_environment
from mfplatform.state import database, lb_state, ports, probes
from mfplatform.state.home import PlatformError
from mftools.bench.testbed import Testbed

PORTS = range(18000, 19000)
ROUTE_TIMEOUT_SECONDS = 20.0
FOLDER = Path(os.environ.get("MF_ADMIN", ".")) / "benchmarks"
GTHREAD = ("--worker-class=gthread", "--threads=8")


@dataclass(frozen=True)
class Kind:
    """One of the bare servers: its application, what that needs, and how it is run."""

    name: str
    application: str
    needs: str
    options: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    balance: str = "roundrobin"
    database: bool = False

    @property
    def location(self) -> str:
        """The path at which it is routed."""
        return f"/bare/{self.name}"


HELLO = Kind("hello", "hello:app", "http", GTHREAD)
HELLO_SYNC = Kind("hello-sync", "hello:app", "http", ("--worker-class=sync",))
INSERT = Kind("insert", "insert:app", "http", GTHREAD, database=True)
BROADCAST = Kind(
    "broadcast",
    "broadcast:app",
    "socketio",
    ("--worker-class=eventlet", "--worker-connections=2000"),
    {"LOCATION": "/bare/broadcast"},
    balance="source",
)


@dataclass(frozen=True)
class Server:
    """A bare server that runs."""

    kind: Kind
    process: subprocess.Popen[bytes]
    address: str

    @property
    def pids(self) -> list[int]:
        """Its processes."""
        return [self.process.pid]


def environment_for(bed: Testbed, needs: str) -> Path:
    """Have the virtual environment of a kind of server; return it.

    Raises PlatformError when its packages cannot be installed.
    """
    venv = bed.home.path / "venvs" / f"bare-{needs}"
    file = FOLDER / f"{needs}.requirements.txt"
    if environments.main([str(venv), str(file)]):
        raise PlatformError(f"what {file.name} names could not be installed: see above")
    return venv


@contextmanager
def serving(bed: Testbed, *kinds: Kind) -> Iterator[dict[str, Server]]:
    """Run bare servers behind the testbed's load balancer."""
    running: dict[str, Server] = {}
    try:
        for kind in kinds:
            running[kind.name] = _start(bed, kind)
        for server in running.values():
            register(bed, server)
        for server in running.values():
            wait_until_routed(bed, server)
        yield running
    finally:
        for server in running.values():
            unregister(bed, server)
        processes.end([one.process.pid for one in running.values()], 5)
        for server in running.values():
            server.process.wait()


def _start(bed: Testbed, kind: Kind) -> Server:
    venv = environment_for(bed, kind.needs)
    address = f"{bed.home.host}:{ports.pick(PORTS)}"
    command = [str(venv / "bin" / "python"), "-m", "gunicorn", "--workers=1"]
    command += ["--no-control-socket", f"--bind={address}", "--keep-alive=75"]
    command += ["--log-level=warning", *kind.options, kind.application]
    environment = base_environment() | dict(kind.settings)
    environment |= {"PYTHONPATH": str(FOLDER), "PYTHONDONTWRITEBYTECODE": "1"}
    if kind.database:
        environment["DATABASE_URL"] = database.ensure(bed.home, "bare")
    with open(bed.home.logs / f"bare-{kind.name}.log", "wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, cwd=FOLDER
        )
    return Server(kind, process, address)


def register(bed: Testbed, server: Server) -> None:
    """Write a server into the registry, as anybody would."""
    key = f"/services/{_service(server)}"
    bed.registry.put(f"{key}/location", server.kind.location)
    bed.registry.put(f"{key}/backend/balance", server.kind.balance)
    register_instance(bed, server)


def register_instance(bed: Testbed, server: Server) -> None:
    """Write only the instance into the registry."""
    bed.registry.put(_upstream(server), server.address)


def unregister_instance(bed: Testbed, server: Server) -> None:
    """Take only the instance out of the registry."""
    bed.registry.delete(_upstream(server))


def unregister(bed: Testbed, server: Server) -> None:
    """Take a server out of the registry."""
    bed.registry.delete(f"/services/{_service(server)}", recursive=True)


def _service(server: Server) -> str:
    return f"bare-{server.kind.name}"


def _upstream(server: Server) -> str:
    return f"/services/{_service(server)}/upstream/one"


def wait_until_routed(bed: Testbed, server: Server) -> None:
    """Wait until the load balancer sends requests to a server, and it answers.

    Raises PlatformError when the server ends, or is not routed in time.
    """
    name = _service(server)

    def works(routes: lb_state.LBState) -> bool:
        if routes.state(name, "one") != "ready":
            return False
        path = server.kind.location
        status = probes.http_status("{}:{}".format(*bed.address), path)
        return status is not None and status < 500

    def lives() -> None:
        if server.process.poll() is not None:
            log = probes.log_tail(bed.home, f"bare-{server.kind.name}")
            raise PlatformError(f"{name} does not start. Its log ends:\n{log}")

    if not lb_state.wait(bed.registry, works, ROUTE_TIMEOUT_SECONDS, lives):
        raise PlatformError(
            f"{name} was not routed within {ROUTE_TIMEOUT_SECONDS:.0f} s"
        )
