"""A cluster of the tests' own, by a program that is not part of this checkout."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from builds import build_all
from rendered import HELM, INSTALL, RESULTS, TOOLS

SETTING = "MF_KUBE_CLUSTER"
NAMESPACE = "microflack"


def told(done):
    """Return the sentence that a deploy which did not work has ended with."""
    assert done.returncode == 1, done.stderr
    (said,) = [s for s in done.stderr.splitlines() if s.startswith("deploy: ")]
    return said


class Cluster:
    """Two nodes, with the images of this checkout and of releases before."""

    STATELESS = ("deployment", "--selector", "microflack/kind in (service, balancer)")

    def __init__(self, program, engine):
        self._command, self.engine = program, engine
        # The same each time, so that what a killed run has left is found and ended.
        folder = RESULTS.parent / "kube"
        self.environ = os.environ | {
            "DOCKER_HOST": engine.address,
            "CLUSTER_DIR": str(folder),
            "KUBECONFIG": str(folder / "kubeconfig"),
            "PATH": f"{TOOLS}:{HELM}:{os.environ['PATH']}",
        }

    def start(self):
        """Start it and give its nodes the images."""
        with ThreadPoolExecutor() as pool:
            up = pool.submit(self.program, "up", "--nodes", "2")
            names = build_all(self.engine)
            up.result()
        self.load(*names)

    def stop(self):
        """End all of it."""
        self.program("down")

    def load(self, *names):
        """Give the nodes images of the engine."""
        self.program("load", *names)

    def program(self, *arguments):
        """Have the program do something."""
        self.done(self._command, *arguments)

    def run(self, *command, **environ):
        """Run a command; return what it did."""
        return subprocess.run(
            command, env=self.environ | environ, capture_output=True, text=True
        )

    def done(self, *command, **environ):
        """Run a command that has to work; return its output."""
        done = self.run(*command, **environ)
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"
        return done.stdout.strip()

    def deploy(self, *arguments, checkout=INSTALL, **environ):
        """Run install/kubernetes/deploy; return what it did."""
        return self.run(checkout / "deploy", *arguments, **environ)

    def kubectl(self, *arguments):
        """Run kubectl in the namespace; return its output."""
        return self.done("kubectl", "--namespace", NAMESPACE, *arguments)

    def names(self, *arguments):
        """Return the names of objects of a kind."""
        return self.kubectl("get", *arguments, "--output", "name").split()

    def has_namespace(self):
        """Tell whether anything of ours is there."""
        return f"namespace/{NAMESPACE}" in self.names("namespaces")

    def settle(self):
        """Wait until all instances are as they were last wanted."""
        self.kubectl("rollout", "status", *self.STATELESS, "--timeout", "600s")
