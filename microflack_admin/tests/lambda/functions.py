"""Functions in AWS's own runtime interface emulator, as many of each as are needed.

One of them handles one request at a time, as in Lambda.
"""

import json
import os
import platform
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import requests
from chat import ADMIN, free_port
from template import LAMBDA

PATIENCE_SECONDS = 120
INVOCATION_SECONDS = 300
# So many of each as are asked at the same time: what one of them keeps, another does
# not know. Of the page one will do.
COPIES = {"users": 2, "tokens": 2, "messages": 2, "ui": 1}
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


def environments():
    """Return the folder of the environments that mftest has made."""
    return Path(os.environ.get("MF_RESULTS", "/nonexistent")).parent / "venvs"


def emulator():
    """Return AWS's emulator, which comes with its command line; None without it."""
    name = f"aws-lambda-rie-{ARCHITECTURES.get(platform.machine())}"
    found = environments().glob(f"lambda/lib/*/site-packages/samcli/local/rapid/{name}")
    return next(found, None)


class Function:
    """One copy of a function, which is there from its first request on."""

    def __init__(self, service, settings, log):
        self.service, self.log = service, log
        self._port, runtime_port = free_port(), free_port()
        python = environments() / f"lambda-{service}" / "bin" / "python"
        folder = ADMIN.parent / f"microflack_{service}"
        command = [str(emulator())]
        command += ["--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"]
        command += ["--runtime-api-address", f"127.0.0.1:{runtime_port}"]
        command += [str(python), "-m", "awslambdaric", "handler.handler"]
        own = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{LAMBDA}:{folder}",
            "AWS_LAMBDA_FUNCTION_NAME": service,
            # Nothing here is right because it is fast.
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(INVOCATION_SECONDS),
        }
        with log.open("a") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=own | settings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._session = requests.Session()
        self._session.trust_env = False
        self._wait()

    def _wait(self):
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._session.get(f"http://127.0.0.1:{self._port}/", timeout=5)
                return
            except requests.ConnectionError:
                assert self._process.poll() is None, self.log.read_text()
                assert time.monotonic() < end, self.log.read_text()
                time.sleep(0.02)

    def invoke(self, event):
        """Have an event handled; return the result and the milliseconds it took."""
        path = "2015-03-31/functions/function/invocations"
        began = time.perf_counter()
        answer = self._session.post(
            f"http://127.0.0.1:{self._port}/{path}",
            data=json.dumps(event),
            timeout=INVOCATION_SECONDS,
        )
        return answer.json(), (time.perf_counter() - began) * 1000

    def stop(self):
        """End the emulator, and the runtime that it began, without a warning."""
        if self._process.poll() is not None:
            return
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        pids = [int(pid) for pid in children.read_text().split()]
        self._session.close()
        self._process.kill()
        self._process.wait()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)


class Functions:
    """All functions of the template. They can be shared by threads."""

    def __init__(self, settings, folder):
        self._settings, self._folder = settings, folder
        self._changed = threading.Condition()
        self._all = {service: [] for service in settings}
        self._idle = {service: [] for service in settings}
        #: Milliseconds of the first request to the last copy of each.
        self.cold = {}

    def begin(self, service):
        """Begin another copy of a function and return it."""
        log = self._folder / f"{service}.log"
        function = Function(service, self._settings[service], log)
        self._all[service].append(function)
        return function

    def warm(self, event):
        """Have all copies there may be, each of which has had a request."""
        for service, count in COPIES.items():
            for _ in range(count):
                function = self.begin(service)
                result, self.cold[service] = function.invoke(event)
                assert "statusCode" in result, self.log(service)
                self._idle[service].append(function)

    @contextmanager
    def all(self, service):
        """Have all copies, of which nobody else uses any meanwhile."""
        with ExitStack() as stack:
            some = range(COPIES[service])
            yield [stack.enter_context(self.copy(service)) for _ in some]

    @contextmanager
    def copy(self, service):
        """Have a copy that nobody else uses meanwhile."""
        with self._changed:
            idle = self._idle[service]
            assert self._changed.wait_for(lambda: idle, PATIENCE_SECONDS)
            function = idle.pop()
        try:
            yield function
        finally:
            with self._changed:
                idle.append(function)
                self._changed.notify()

    def log(self, service):
        """Return what a function has logged."""
        return (self._folder / f"{service}.log").read_text()

    def stop(self):
        """End them all."""
        for some in self._all.values():
            for one in some:
                one.stop()
            some.clear()
