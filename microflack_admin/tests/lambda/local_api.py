"""The functions' images behind ``sam local start-api``, which stands for API Gateway.

The command reads the template itself: its routes, and each function's image. It does
not look up secrets, so it is told what CloudFormation would have found.
"""

import json
import os
import subprocess
from urllib.parse import urlsplit

import requests
import template
from chat import ADMIN
from daemons import Daemon, free_port, wait_for
from functions import environments

START_SECONDS = 300
PARAMETERS = {
    "Secret": "chat",
    "Subnets": "subnet-1,subnet-2",
    "SecurityGroups": "sg-1",
    "Access": "open",
    "LinkCards": "no",
}


def host_of(engine):
    """Return the address of this machine that an engine's containers reach."""
    form = "{{(index .IPAM.Config 0).Gateway}}"
    return engine.docker("network", "inspect", "--format", form, "bridge")


class LocalApi:
    """What runs: its URL, and the containers that SAM starts.

    :param host: an address of this machine that containers reach.
    :param secret: what the template looks up, with databases that they reach, too.
    """

    def __init__(self, engine, folder, host, secret):
        self._engine, self._folder, self._secret = engine, folder, secret
        # Functions reach it, too: tokens asks users.
        self.url = f"http://{host}:{free_port()}"
        self._sam = None

    def start(self):
        """Build the images and start the API; wait until it answers."""
        self._build()
        self._sam = Daemon(self._command(), self._folder / "sam.log", self._environ())
        self._sam.start()
        wait_for(self._answers, START_SECONDS)

    def stop(self):
        """Stop it all."""
        if self._sam:
            self._sam.stop()
        if containers := self._engine.docker("ps", "--all", "--quiet").split():
            self._engine.docker("rm", "--force", "--volumes", *containers)

    @property
    def log(self):
        """What SAM and the functions have said."""
        return self._sam.log

    def _environ(self):
        found = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return found | {
            "DOCKER_HOST": self._engine.address,
            "HOME": str(self._folder),
            "WHEELHOUSE": str(environments().parent / "wheelhouse"),
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
        }

    def _build(self):
        environ = self._environ()
        for service in template.functions():
            folder = ADMIN.parent / f"microflack_{service}"
            _run([str(folder / "build.sh")], environ)
        _run([str(template.LAMBDA / "deploy.sh"), "--images"], environ)

    def _settings(self):
        """Return each function's settings, by its name in the template."""
        return {
            service.capitalize(): template.resolve(
                own, self._secret, PARAMETERS, self.url
            )
            for service, own in template.functions().items()
        }

    def _command(self):
        settings = self._folder / "settings.json"
        settings.write_text(json.dumps(self._settings()))
        at = urlsplit(self.url)
        command = [str(environments() / "lambda" / "bin" / "sam")]
        command += ["local", "start-api", "--template", str(template.TEMPLATE)]
        command += ["--skip-pull-image", "--warm-containers", "LAZY"]
        command += ["--host", at.hostname, "--port", str(at.port)]
        command += ["--env-vars", str(settings), "--parameter-overrides"]
        return [*command, *(f"{name}={value}" for name, value in PARAMETERS.items())]

    def _answers(self):
        """Tell whether each function has had a request: the first one may take long."""
        assert self._sam.process.poll() is None, self.log
        for path in ("/", "/api/users", "/api/tokens", "/api/messages"):
            try:
                answer = requests.get(self.url + path, timeout=START_SECONDS)
            except requests.ConnectionError:
                return False
            said = f"{answer.status_code} {answer.text}\n{self.log}"
            assert answer.status_code in (200, 401), said
        return True


def _run(command, environ):
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
