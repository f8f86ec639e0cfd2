"""A cluster of the tests' own, by a program that is not part of this checkout."""

import os
import subprocess

from rendered import ADMIN, INSTALL, TOOLS

SETTING = "MF_KUBE_CLUSTER"
WHEELHOUSE = TOOLS.parents[2] / "wheelhouse"
OWN = {"microflack_mariadb:1": "mariadb", "microflack_redis:1": "redis"}
NAMESPACE = "microflack"


class NoCluster(Exception):
    """Raised where none can be started; its text says why."""


class Cluster:
    """Two nodes, with the images of this checkout."""

    STATELESS = ("deployment", "--selector", "microflack/kind in (service, balancer)")

    def __init__(self, program, engine, folder):
        self._command, self._engine = program, engine
        self.environ = os.environ | {
            "DOCKER_HOST": engine.address,
            "CLUSTER_DIR": str(folder / "cluster"),
            "KUBECONFIG": str(folder / "cluster" / "kubeconfig"),
            "PATH": f"{TOOLS}:{os.environ['PATH']}",
            "WHEELHOUSE": str(WHEELHOUSE),
        }

    def start(self):
        """Start it and give its nodes the images."""
        done = self._program("up", "--nodes", "2")
        if done.returncode:
            raise NoCluster(f"the cluster does not start: {done.stderr[-500:]}")
        loaded = self._program("load", *self._build())
        assert loaded.returncode == 0, loaded.stderr

    def stop(self):
        """End all of it."""
        self._program("down")

    def _program(self, *arguments):
        return self._run([self._command, *arguments])

    def _run(self, command, **options):
        return subprocess.run(
            command, env=self.environ, capture_output=True, text=True, **options
        )

    def _build(self):
        """Build all images; return their names."""
        file = ADMIN / "install" / "ecs" / "image"
        version = (file / "VERSION").read_text().strip()
        names = [f"microflack_ecs:{version}", *OWN]
        tag = ("build", "--quiet", "--tag")
        dockerfile = ("--file", str(file / "Dockerfile"), str(ADMIN))
        self._engine.docker(*tag, names[0], *dockerfile)
        for name, folder in OWN.items():
            self._engine.docker(*tag, name, str(ADMIN / "images" / folder))
        for file in sorted(ADMIN.parent.glob("microflack_*/service.env")):
            version = (file.parent / "VERSION").read_text().strip()
            done = self._run([file.parent / "build.sh", version])
            assert done.returncode == 0, done.stderr
            names.append(done.stdout.strip())
        return names

    def deploy(self, *arguments):
        """Run install/kubernetes/deploy; return what it did."""
        return self._run([INSTALL / "deploy", *arguments])

    def kubectl(self, *arguments, check=True):
        """Run kubectl in the namespace; return its output."""
        done = self._run(["kubectl", "--namespace", NAMESPACE, *arguments])
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def nodes(self):
        """Return the names of the nodes; people come by the first one."""
        return self.kubectl("get", "nodes", "--output", "name").split()

    def settle(self):
        """Wait until all instances are as they were last wanted."""
        self.kubectl("rollout", "status", *self.STATELESS, "--timeout", "300s")
