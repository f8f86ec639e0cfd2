"""The monolith that a tour begins with, and what is done to it, scene by scene."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator

from mfplatform.monolith import process
from mfplatform.state import lb_state
from mfplatform.state.home import Home, PlatformError
from mftools.bench.testbed import Testbed
from mftools.tour.beginning import AWAY, BEGINNING, BEHIND, ENDING, Scene

# In an old process of the load balancer nothing lasts for more than 20 s.
AWAY_TIMEOUT_SECONDS = 120
READY_TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.2

# What is told, and what does it.
Command = tuple[str, Callable[[], object]]


class Monolith:
    """A monolith behind the platform of a tour.

    :param bed: that platform.
    """

    def __init__(self, bed: Testbed) -> None:
        self._bed = bed
        self._own = Testbed(Home(bed.home.path / "monolith"), bed.port + 1)
        self._shell = os.environ | {"MONOLITH_PORT": str(self._own.port)}

    def clear(self) -> None:
        """Stop what the last tour has left, and remove its data."""
        self.down()
        shutil.rmtree(process.folder(self._own.home), ignore_errors=True)

    def down(self) -> None:
        """Stop it, if there is one."""
        if self._own.home.settings:
            self._own.down()

    def commands(self, scene: Scene) -> Iterator[Command]:
        """Yield what an operator does in a scene."""
        home = self._own.home.path
        if scene is BEGINNING:
            yield "mfenv --monolith >monolith.env", self._take_environment
            yield "mfup --monolith", lambda: self._own.mf("mfup", "--monolith")
            for line in BEHIND:
                yield self._by_shell(line)
            yield "# until it answers", self._wait_until_it_answers
        elif scene is ENDING:
            yield self._by_shell(AWAY)
            yield "# until nobody can ask it any more", self._wait_until_unasked
            yield "mfdown", self.down
        else:
            words = ("mfmove", scene.moves, "--from", str(home))
            yield " ".join([*words[:3], "~/monolith"]), lambda: self._bed.mf(*words)

    def _take_environment(self) -> None:
        lines = self._bed.mf("mfenv", "--monolith").splitlines()
        given = dict(line.split("=", 1) for line in lines)
        self._own.set(**given, MF_WITHOUT="none")

    def _by_shell(self, line: str) -> Command:
        def call() -> None:
            done = subprocess.run(
                ["bash", "-c", line],
                env=self._shell | {"ETCD": self._bed.home.etcd},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise PlatformError(f"{line} failed: {done.stderr.strip()}")

        return line, call

    def _wait_until_it_answers(self) -> None:
        def is_routed(balancer: lb_state.LBState) -> bool:
            return balancer.state("monolith", "server") == "ready"

        timeout = READY_TIMEOUT_SECONDS
        if not lb_state.wait(self._bed.registry, is_routed, timeout):
            raise PlatformError("the load balancer sends the monolith nothing")

    def _wait_until_unasked(self) -> None:
        end = time.monotonic() + AWAY_TIMEOUT_SECONDS
        while True:
            balancer, _ = lb_state.read(self._bed.registry)
            if "monolith" not in balancer.services and not balancer.old_processes:
                return
            if time.monotonic() > end:
                raise PlatformError("the load balancer does not let go of the monolith")
            time.sleep(POLL_SECONDS)
