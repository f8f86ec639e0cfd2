"""A platform with a monolith behind it, which is moved."""

import json
import os
import re
import shlex
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import requests
from chat import ADMIN, Platform
from talking import wait_until

from mfplatform.state import database
from mfplatform.state.home import Home

FILL_TABLES = Path(__file__).with_name("fill_tables.py")
GUIDE = (ADMIN / "docs" / "monolith.md").read_text()
BLOCK = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
SHELL = f"PATH={shlex.quote(str(ADMIN / 'bin'))}:$PATH\n"


def kill_when(command, environ, sign, condition=lambda: True):
    """Run a command, and kill all that it has started when it has said the sign.

    :param condition: what is waited for, too: it goes no further than that by itself.
    """
    with subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        said = []
        # What it has started may hold its output open after its end.
        while process.poll() is None and (line := process.stderr.readline()):
            said.append(line)
            if sign in line:
                try:
                    wait_until(condition)
                finally:
                    os.killpg(process.pid, signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL, "".join(said)


@contextmanager
def stopped(pid):
    """Have a process do nothing for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def refusal(town, service):
    """Return the one line with which a move is refused."""
    done = town.move(service, check=False)
    assert done.returncode == 1 and not done.stdout
    said = [line for line in done.stderr.splitlines() if "mfmove: " in line]
    assert len(said) == 1, done.stderr
    return said[0]


class Town(Platform):
    """A platform with no service, and a monolith behind its load balancer."""

    def __init__(self, home, monolith):
        super().__init__(home)
        self.monolith, self.folder = monolith, home.parent

    def begin(self):
        """Bring both up; the load balancer sends everything to the monolith."""
        self.type(0, 1)
        wait_until(lambda: requests.get(f"{self.url}/api/users", timeout=30).ok)

    def type(self, *numbers):
        """Type these blocks of the guide's section, with other places in them."""
        _, _, section = GUIDE.partition("## Ours, taken apart\n")
        blocks = BLOCK.findall(section.partition("\n## ")[0])
        script = "set -e -o pipefail\n" + SHELL
        if numbers[0]:
            # It is another shell.
            script += "source microflack_admin/mfvars\n"
        script += "".join(blocks[number] for number in numbers)
        places = {
            "microflack_admin/mfvars": shlex.quote(str(ADMIN / "mfvars")),
            "~/chat": shlex.quote(str(self.monolith.home)),
            "8081": self.monolith.environ["MF_PORT"],
        }
        for written, real in places.items():
            script = script.replace(written, real)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def move(self, service, check=True):
        """Move a service; return what mfmove did."""
        arguments = (service, "--from", str(self.monolith.home))
        return self.run("mfmove", *arguments, check=check)

    def move_until(self, service, sign, condition=lambda: True):
        """Begin to move a service, and kill the mover; see ``kill_when``."""
        arguments = [service, "--from", str(self.monolith.home)]
        kill_when([ADMIN / "bin" / "mfmove", *arguments], self.environ, sign, condition)

    def key(self, path):
        """Return what the registry has there; None if there is nothing."""
        url = f"{self.registry}/v2/keys/services/{path}"
        return requests.get(url, timeout=30).json().get("node")

    def sql(self, statement):
        """Tell the database server something, as its administrator."""
        client = f"--defaults-file={self.home / 'mariadb' / 'client.cnf'}"
        subprocess.run(["mariadb", client, "-e", statement], check=True)

    def copied(self, service, folder):
        """Copy a database of a service that is full of rows; return what was copied."""
        home = Home(self.home)
        environ = self.environ | {
            "PYTHONPATH": str(ADMIN),
            "MF_ADMIN": str(ADMIN),
            "MF_ROOT": str(ADMIN.parent),
            "DATABASE_URL": database.ensure(home, f"copy_{service}"),
            **dict.fromkeys(("SECRET_KEY", "JWT_SECRET_KEY", "SERVICE_KEY"), "0" * 64),
        }
        python = self.monolith.home / "tools" / "bin" / "python"
        done = subprocess.run(
            [python, "-P", FILL_TABLES, service, folder / "from.db"],
            env=environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def end(self):
        """Take both down."""
        self.monolith.run("mfdown", check=False)
        self.run("mfdown", check=False)
