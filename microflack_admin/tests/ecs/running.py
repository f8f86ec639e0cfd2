"""What ECS would run, on an engine here: the same images, environment, names and rules.

MariaDB, Redis and two HAProxys stand in for RDS, ElastiCache and the load balancers.
"""

import os
import subprocess
import time

import requests
from amazon import ADMIN, TOOLS
from daemons import wait_for

from mfplatform.state.home import read_env

NETWORK = SOCKETS = "microflack-ecs"
# Made by mftest, too.
WHEELHOUSE = TOOLS.parents[2] / "wheelhouse"
SERVER = """\
global
    log stdout format raw local0
defaults
    mode http
    timeout connect 5s
    timeout client 75s
    timeout server 75s
    timeout tunnel 1h
resolvers names
    parse-resolv-conf
    hold valid 1s
frontend people
    bind :80
    http-request {forwarded}
    http-request return status 404 content-type application/json \
string '{{"error": "There is nothing here."}}' if {{ path /healthz /readyz /metrics }}
"""
BACKEND = """\
backend {name}
    option httpchk GET {health}
    {cookie}
    server one {name}:5000 check inter 1s cookie one resolvers names init-addr none
"""


class Running:
    """A network of containers."""

    def __init__(self, engine, amazon, folder):
        self._engine, self._amazon, self._folder = engine, amazon, folder

    def start(self):
        """Start all; ``url`` is that of the load balancer for people then."""
        self._build()
        self._engine.docker("network", "create", NETWORK)
        self._start_data()
        self._start_registry()
        inner = self._balancer("Inner", "InnerAddress", "set-header X-Inner 1")
        source = "set-header X-Forwarded-For %[src]"
        public = self._balancer("Public", "Address", source)
        for name, _ in self._urls():
            self._start_service(name)
        self._balancers = (inner, public)
        for address in self._balancers:
            wait_for(lambda a=address: _all_answer(a), 300)
        self.url = f"http://{public}"

    def stop(self):
        """Remove all."""
        if containers := self._engine.docker("ps", "--all", "--quiet").split():
            self._engine.docker("rm", "--force", "--volumes", *containers)
        self._engine.call("network", "rm", NETWORK)
        # Each task at Amazon has a new one, too.
        self._engine.call("volume", "rm", SOCKETS)

    def replace(self, name):
        """Kill an instance and start another, as ECS does; return the seconds it took.

        They end when the load balancer has found it ready.
        """
        self._engine.docker("kill", name)
        began = time.monotonic()
        self._engine.docker("rm", "--volumes", name)
        self._start_service(name)
        for address in self._balancers:
            wait_for(lambda a=address: _all_answer(a), 300)
        return time.monotonic() - began

    def _build(self):
        own = ("build", "--quiet", "--tag", "example.org/microflack_ecs:1")
        file = ADMIN / "install" / "ecs" / "image" / "Dockerfile"
        self._engine.docker(*own, "--file", str(file), str(ADMIN))
        for part in ("mariadb", "redis"):
            tag = f"example.org/{part}"
            self._engine.docker(*own[:3], tag, str(ADMIN / "images" / part))
        for folder in sorted(ADMIN.parent.glob("microflack_*/service.env")):
            self._build_service(folder.parent)

    def _build_service(self, folder):
        version = (folder / "VERSION").read_text().strip()
        own = {"DOCKER_HOST": self._engine.address, "WHEELHOUSE": str(WHEELHOUSE)}
        done = subprocess.run(
            [folder / "build.sh", version],
            env=os.environ | own,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        image = done.stdout.strip()
        self._engine.docker("tag", image, f"example.org/{image}")

    def _run(self, name, image, *command, alias="", options=(), environment=None):
        """Start a container with an address of its own; return its name."""
        given = environment or {}
        file = self._folder / f"{name}.env"
        file.write_text("".join(f"{key}={value}\n" for key, value in given.items()))
        arguments = ["run", "--detach", "--name", name, "--env-file", str(file)]
        if not any(one.startswith("--network") for one in options):
            arguments += ["--network", NETWORK, "--network-alias", alias or name]
        return self._engine.docker(*arguments, *options, image, *command)

    def _start_data(self):
        root = self._amazon.secret(self._amazon.output("data", "RootPassword"))
        self._run(
            "database",
            "example.org/mariadb",
            "--skip-name-resolve",
            "--max-connections=500",
            alias=self._amazon.output("data", "DatabaseHost"),
            environment={"MYSQL_ROOT_PASSWORD": root},
        )
        queue = ("redis-server", "--protected-mode", "no", "--save", "")
        host = self._amazon.output("data", "QueueHost")
        self._run("queue", "example.org/redis", *queue, alias=host)

    def _start_registry(self):
        host = self._amazon.output("registry", "Address").partition(":")[0]
        sockets = ("--volume", f"{SOCKETS}:/run/microflack/registry")
        for name, told in self._amazon.containers("registry").items():
            self._run(
                name,
                told["image"],
                *told["command"],
                alias=host if name == "gate" else "",
                options=(*sockets, "--cap-drop", "ALL"),
                environment=self._amazon.environment(told),
            )
        check = self._amazon.containers("registry")["gate"]["healthCheck"]["command"]
        works = ("exec", "gate", *check[1:])
        wait_for(lambda: self._engine.call(*works).returncode == 0, 180)

    def _start_service(self, name):
        containers = self._amazon.containers(name)
        if setup := containers.get("setup"):
            wait_for(lambda: self._set_up(setup), 180)
        told = containers["service"]
        options = ("--cap-drop", "ALL")
        given = self._amazon.environment(told)
        self._run(name, told["image"], options=options, environment=given)

    def _set_up(self, told):
        """Run what makes a database; False while the server does not answer yet."""
        self._engine.call("rm", "--force", "setup")
        given = self._amazon.environment(told)
        self._run("setup", told["image"], *told["command"], environment=given)
        return self._engine.docker("wait", "setup") == "0"

    def _balancer(self, name, output, forwarded):
        """Start a load balancer with the rules of a listener; return its address."""
        text, backends = SERVER.format(forwarded=forwarded), ""
        listener = self._amazon.output("balancer", f"{name}Listener")
        for rule in self._amazon.rules(listener):
            paths = rule["Conditions"][0]["PathPatternConfig"]["Values"]
            service = next(one for one, url in self._urls() if f"{url}/*" in paths)
            tests = [_test(path) for path in paths]
            text += f"    use_backend {service} if {' || '.join(tests)}\n"
            group = self._amazon.target_group(rule["Actions"][0]["TargetGroupArn"])
            sticky = "cookie AWSALB insert indirect nocache"
            backends += BACKEND.format(
                name=service,
                health=group["HealthCheckPath"],
                cookie=sticky if group["stickiness.enabled"] == "true" else "",
            )
        file = self._folder / f"{name}.cfg"
        file.write_text(text + backends)
        file.chmod(0o644)
        container = self._run(
            name.lower(),
            "example.org/microflack_ecs:1",
            *("haproxy", "-db", "-f", "/balancer.cfg"),
            alias=self._amazon.output("balancer", output),
            options=("--volume", f"{file}:/balancer.cfg:ro"),
        )
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return self._engine.docker("inspect", "--format", form, container)

    def _urls(self):
        for file in sorted(ADMIN.parent.glob("microflack_*/service.env")):
            name = file.parent.name.removeprefix("microflack_")
            yield name, read_env(file)["SERVICE_URL"].rstrip("/")


def _test(path):
    """Return the condition of HAProxy that a path pattern is."""
    if path.endswith("*"):
        return f"{{ path_beg {path.removesuffix('*')} }}"
    return f"{{ path {path} }}"


def _all_answer(address):
    """Tell whether every service is reached through a load balancer."""
    paths = ("/", "/api/users", "/api/messages", "/api/rooms", "/api/tokens")
    paths += ("/socket.io/",)
    try:
        found = [requests.get(f"http://{address}{p}", timeout=30) for p in paths]
    except requests.RequestException:
        return False
    return all(answer.status_code != 503 for answer in found)
