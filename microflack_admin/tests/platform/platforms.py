"""A whole platform for tests: a copy of the checkout with one service, echo."""

import http.client
import json
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from daemons import free_port, wait_for

from mfplatform.runtime.process.processes import send
from mftools.testing import left_behind

HERE = Path(__file__).resolve().parent
ADMIN = HERE.parents[1]
KEPT_OUT = shutil.ignore_patterns("tests", "__pycache__", ".*_cache", ".microflack")
# What of the wheel's folder is no part of it, so that the copy makes the same wheel.
NOT_SOURCE = shutil.ignore_patterns("__pycache__", ".*_cache", "wheelhouse")


def kept_out(folder: str, names: list[str]) -> set[str]:
    """Return what of the folder of the commands a platform's checkout does without."""
    # The tests of the template of services belong to what it makes.
    needed = {"tests"} if "templates" in Path(folder).parts else set()
    return KEPT_OUT(folder, names) - needed


class Platform:
    """A checkout of its own, and the platform that it starts."""

    # How it runs, and where a Docker engine listens if that is to run it.
    runtime = "process"
    engine: str | None = None

    def __init__(
        self,
        folder: Path,
        tools_of: "Platform | None" = None,
        engine: str | None = None,
    ) -> None:
        self.folder = folder
        self.engine = engine
        self.runtime = "docker" if engine else "process"
        self.home = folder / ".microflack"
        self.port = free_port()
        # All see the same code, also when somebody edits it while the tests run.
        root = tools_of.folder if tools_of else ADMIN.parent
        for name, ignore in (("admin", kept_out), ("common", NOT_SOURCE)):
            name = f"microflack_{name}"
            shutil.copytree(root / name, folder / name, ignore=ignore)
        self.add_services()
        self.home.mkdir(mode=0o700)
        if tools_of is not None:
            # Installing them takes a while and is the same for all.
            for name in ("tools", "wheelhouse"):
                (self.home / name).symlink_to(tools_of.home / name)

    def take_tools(self) -> bool:
        """Use the tools that mftest has installed, if this checkout needs the same."""
        if "MF_RESULTS" not in os.environ:
            return False
        kept, own = Path(os.environ["MF_RESULTS"]).parent, self.home / "wheelhouse"
        shutil.copytree(
            kept / "wheelhouse", own, ignore=shutil.ignore_patterns(".builder", ".lock")
        )
        (own / ".builder").symlink_to(kept / "wheelhouse" / ".builder")
        made = self.run(
            self.folder / "microflack_common" / "mkwheel", WHEELHOUSE=str(own)
        )
        assert made.returncode == 0, made.stderr
        wheel = Path(made.stdout.strip())
        if wheel.read_bytes() != (kept / "wheelhouse" / wheel.name).read_bytes():
            return False
        (self.home / "tools").symlink_to(kept / "tools")
        return True

    def add_services(self) -> None:
        """Put services into the checkout."""
        shutil.copytree(HERE / "echo_service", self.folder / "microflack_echo")

    def environment(self, **extra: str) -> dict[str, str]:
        """Return the environment of a person's shell."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("MF_")}
        own |= {"DOCKER_HOST": self.engine} if self.engine else {}
        own |= {"MF_RUNTIME": self.runtime} if self.runtime != "process" else {}
        # Tests ask for more than one address may.
        return own | {"MF_PORT": str(self.port), "MF_LIMITS": "off"} | extra

    def mf(self, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Call an mf* command and return what came of it."""
        name, *arguments = command
        program = self.folder / "microflack_admin" / "bin" / name
        return self.run(program, *arguments, **extra)

    def run(
        self, *command: str | Path, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run any command in the environment of that shell."""
        return subprocess.run(
            command,
            env=self.environment(**extra),
            capture_output=True,
            text=True,
            # Images may have to be built first.
            timeout=3600,
            stdin=subprocess.DEVNULL,
        )

    def done(self, *command: str, **extra: str) -> str:
        """Call an mf* command that has to work; return its output."""
        result = self.mf(*command, **extra)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    @property
    def settings(self) -> dict[str, str]:
        """What the platform has recorded."""
        lines = (self.home / "settings.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def host(self) -> str:
        """Where its parts and instances listen."""
        return self.settings["HOST_IP_ADDRESS"]

    @property
    def registry(self) -> str:
        """The registry's URL, with the name and password of the platform itself."""
        lines = (self.home / "secrets.env").read_text().splitlines()
        secrets = dict(line.split("=", 1) for line in lines)
        address = f"{self.host}:{self.settings['ETCD_PORT']}"
        return f"http://root:{secrets['REGISTRY_PASSWORD']}@{address}"

    def status(self) -> dict[str, Any]:
        """Return what mfstatus tells."""
        return dict(json.loads(self.done("mfstatus", "--json")))

    def lasting_status(self) -> dict[str, Any]:
        """Return what mfstatus tells, but for the disk, which fills by itself."""
        return {key: told for key, told in self.status().items() if key != "disk"}

    def pid(self, name: str) -> int:
        """Return the process of a part or an instance, once it has one."""
        # On a swarm it may serve before the swarm tells so.
        return wait_for(lambda: self._pid(name))

    def _pid(self, name: str) -> int:
        status = self.status()
        rows = {one["name"]: one["pid"] for one in status["parts"]}
        rows |= {one["instance"]: one["pid"] for one in status["instances"]}
        return int(rows[name] or 0)

    def works(self) -> bool:
        """Tell whether everything runs and there are instances, all of them routed."""
        return bool(self.working_instances())

    def working_instances(self) -> list[str]:
        """Return the names of all instances; none unless everything works."""
        shown = self.mf("mfstatus", "--json")
        if shown.returncode:
            return []
        status = json.loads(shown.stdout)
        parts = {part["state"] for part in status["parts"]}
        states = {(one["health"], one["routed"]) for one in status["instances"]}
        if parts != {"running"} or states != {("ready", "ready")}:
            return []
        return [one["instance"] for one in status["instances"]]

    def have_one_instance(self) -> None:
        """Have everything running, and exactly one instance."""
        found = self.working_instances()
        if not found:
            self.done("mfup")
            found = self.working_instances()
        self.side_by_side(*(("mfkill", name) for name in found[:-1]))

    def side_by_side(self, *commands: tuple[str, ...]) -> None:
        """Call mf* commands that have to work, all at once: they mostly wait."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda command: self.done(*command), commands))

    def get(self, path: str, host: str = "127.0.0.1") -> tuple[int, Any]:
        """Return status and JSON of what the load balancer answers."""
        connection = http.client.HTTPConnection(host, self.port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def processes(self) -> list[int]:
        """Return all processes that belong to this platform."""
        return left_behind.naming(self.home)

    def crash(self) -> None:
        """Kill everything at once, as when the power fails."""

        def is_all_dead() -> bool:
            found = self.processes()
            send(found, signal.SIGKILL)
            return not found

        wait_for(is_all_dead)

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        if self.runtime != "process":
            self.mf("mfdown")
        self.crash()
        if (self.home / "settings.env").exists():
            shutil.rmtree(self.settings["MF_RUN"], ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
