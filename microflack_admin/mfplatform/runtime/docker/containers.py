"""The containers of one platform, and what can befall them."""

import signal
from collections.abc import Sequence
from typing import Any, Literal

from mfplatform.runtime.base import ProcessState
from mfplatform.runtime.docker import deaths, engine, images, memory
from mfplatform.runtime.docker.container import Container
from mfplatform.runtime.handling import Handling, MemoryUse
from mfplatform.state import process_tree
from mfplatform.state.home import Home, PlatformError

# What the engine calls a state, and what everybody else does; others are "stopped".
STATES: dict[str, Literal["running", "starting"]] = {
    "running": "running",
    "paused": "running",
    "restarting": "starting",
    "created": "starting",
}
LOG_TAIL_LINES = 20
# The engine kills what has not stopped in time; it answers so much later at most.
ENGINE_TIMEOUT_SECONDS = 60
# An image may have to be pulled first.
RUN_TIMEOUT_SECONDS = 900
# What the engine says where something is so already, or there is no container.
IS_SO = ("no such container", "is not running", "is already paused", "is not paused")


class Containers(Handling):
    """The containers of parts and instances; calls are as those of a runtime."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def all(self) -> dict[str, dict[str, Any]]:
        """Return what the engine knows of each, by the name of what is in it."""
        mark = f"label=microflack.platform={self._home.id}"
        listed = engine.docker("ps", "--all", "--quiet", "--filter", mark).split()
        prefix = self.full_name("")
        found = engine.inspect(*listed)
        return {one["Name"].lstrip("/").removeprefix(prefix): one for one in found}

    def clear(self) -> None:
        """Remove all of them."""
        left = [one["Id"] for one in self.all().values()]
        if left:
            engine.docker("rm", "--force", *left)

    def ensure(self, wanted: Container) -> bool:
        """Have one running as described; False when it was so already."""
        wanted.write_environment()
        digest = wanted.digest()
        found = engine.inspect(self.full_name(wanted.name))
        if found:
            same = found[0]["Config"]["Labels"].get("microflack.digest") == digest
            if same and (
                found[0]["State"]["Running"] or found[0]["State"]["Restarting"]
            ):
                return False
            self.remove(wanted.name, wanted.stop_seconds)
        self._run(wanted, digest)
        return True

    def pid(self, name: str) -> int:
        """Return the process of one, 0 when it has none."""
        found = engine.inspect(self.full_name(name))
        return int(found[0]["State"]["Pid"]) if found else 0

    def states(self) -> dict[str, ProcessState]:
        """Return how each is."""
        known = self.all()
        found = {name: _state(one) for name, one in known.items()}
        deaths.complete(found, {name: one["Id"] for name, one in known.items()})
        return found

    def memory(self, name: str) -> MemoryUse:
        """Return what memory one takes, and its limit, as the engine counts them."""
        return memory.of_container(self.full_name(name))

    def kill(self, name: str) -> None:
        """End its first process, and all others with that, as when it crashes.

        ``docker kill`` is something else: for the engine a person has stopped it then,
        who does not want it back.
        """
        if pid := self.pid(name):
            self._signal_all([pid], signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """Have all of one stand still until ``thaw``."""
        self._call("pause", self.full_name(name))

    def thaw(self, name: str) -> None:
        """Have one go on that stands still, whoever has paused or stopped it."""
        self._call("unpause", self.full_name(name))
        if found := process_tree.stopped(self.pid(name)):
            self._signal_all(found, signal.SIGCONT)

    def stop(self, names: Sequence[str], timeout_seconds: float) -> None:
        """Stop several side by side; kill those that have not within the time."""
        known = self.all()
        chosen = [known[name]["Id"] for name in names if name in known]
        if chosen:
            stop = ["stop", "--time", str(round(timeout_seconds))]
            longest = timeout_seconds + ENGINE_TIMEOUT_SECONDS
            engine.docker(*stop, *chosen, timeout_seconds=longest)

    def remove(self, name: str, timeout_seconds: float) -> None:
        """Stop one and forget it."""
        self.stop([name], timeout_seconds)
        self._call("rm", "--force", self.full_name(name))

    def log_tail(self, name: str) -> str:
        """Return the last lines that one logged."""
        done = engine.call("logs", "--tail", str(LOG_TAIL_LINES), self.full_name(name))
        return "" if done.returncode else (done.stdout + done.stderr).strip()

    def _signal_all(self, pids: Sequence[int], number: signal.Signals) -> None:
        """Signal processes of this machine.

        They belong to other users, so a container that sees those of the machine does
        it, and has no right but that.
        """
        words = ["run", "--rm", "--network", "none", "--pid", "host", "--user", "0:0"]
        words += ["--cap-drop", "ALL", "--cap-add", "KILL", "--entrypoint", "sh"]
        image = images.platform_image(self._home, "loadbalancer")
        kill = f"kill -{int(number)} {' '.join(map(str, pids))}"
        done = engine.call(*words, image, "-c", kill)
        if done.returncode and "no such process" not in done.stderr.lower():
            raise engine.EngineError(engine.explain(done.stderr))

    def _call(self, *arguments: str) -> None:
        done = engine.call(*arguments)
        if done.returncode and not any(one in done.stderr.lower() for one in IS_SO):
            raise engine.EngineError(engine.explain(done.stderr))

    def full_name(self, name: str) -> str:
        """Return what the engine calls the container of a part or an instance."""
        return f"microflack-{self._home.id}-{name}"

    def _run(self, wanted: Container, digest: str) -> None:
        marks = {
            "microflack.platform": self._home.id,
            "microflack.home": str(self._home.path.resolve()),
            "microflack.digest": digest,
        }
        arguments = wanted.run(self.full_name(wanted.name), marks)
        try:
            engine.docker(*arguments, timeout_seconds=RUN_TIMEOUT_SECONDS)
        except PlatformError:
            # What could not be started would be there nevertheless.
            engine.call("rm", "--force", self.full_name(wanted.name))
            raise


def _state(found: dict[str, Any]) -> ProcessState:
    state = found["State"]
    return {
        **deaths.of(found),
        "restarts": found.get("RestartCount", 0),
        "state": STATES.get(state["Status"], "stopped"),
        "pid": state["Pid"] or None,
        "since": deaths.seconds(state["StartedAt"]) if state["Pid"] else None,
    }
