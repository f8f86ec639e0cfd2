"""A look at a real platform: by mftop, at a terminal, and at the page /status."""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from daemons import wait_for
from platforms import ADMIN, Platform
from playwright.sync_api import Page, expect, sync_playwright

pytest_plugins = ["platform_fixtures"]

TIMEOUT_MS = 600_000


@pytest.mark.parametrize("arguments", [["--always"], ["--once", "--json"], ["users"]])
def test_a_wrong_call_is_refused(fresh: Platform, arguments: list[str]) -> None:
    result = fresh.mf("mftop", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: mftop" in result.stderr


def test_without_a_terminal_there_is_a_way(platform: Platform) -> None:
    result = platform.mf("mftop")
    assert (result.returncode, result.stdout) == (2, "")
    assert "mftop --once" in result.stderr


def test_a_look_at_a_platform(platform: Platform) -> None:
    told = json.loads(platform.done("mftop", "--json"))
    assert [one["name"] for one in told["services"]] == ["echo"]
    assert (told["services"][0]["ready"], told["troubles"]) == (1, [])
    lines = platform.done("mftop", "--once").splitlines()
    assert "MicroFlack at " in lines[0]
    assert lines[-1].split()[0] == "echo"


def test_a_person_looks_and_leaves(platform: Platform) -> None:
    with terminal(platform, "mftop") as (process, master):
        shown = ""

        def has_shown() -> bool:
            nonlocal shown
            assert process.poll() is None, shown
            if select.select([master], [], [], 0.1)[0]:
                shown += os.read(master, 65536).decode(errors="replace")
            return "echo" in shown and "1 of 1" in shown

        wait_for(has_shown, 120)
        os.write(master, b"q")
        wait_for(lambda: drained(process, master), 120)
        assert process.returncode == 0


def test_a_person_scales_a_service_on_the_page(platform: Platform) -> None:
    path = shutil.which("chromium")
    if not path:
        pytest.fail("This test drives Chromium: apt-get install chromium", False)
    platform.done("mfup", MF_STATUS="on")
    assert platform.status()["page"] in platform.done("mfstatus")
    secrets = (platform.home / "secrets.env").read_text().splitlines()
    password = dict(line.split("=", 1) for line in secrets)["STATS_PASSWORD"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"]
        )
        login = {"username": "admin", "password": password}
        page = browser.new_context(http_credentials=login).new_page()  # type: ignore[arg-type]
        _scale(page, f"http://127.0.0.1:{platform.settings['OPERATOR_PORT']}/status")
        browser.close()
    audit = (platform.home / "logs" / "audit.log").read_text().splitlines()
    (line,) = (one for one in map(json.loads, audit) if "mfscale" in one["message"])
    assert (line["message"], line["outcome"]) == ("mfscale echo 2", "done")
    assert line["by"].endswith(", through /status")
    platform.done("mfup", MF_STATUS="off")
    assert "status" not in [one["name"] for one in platform.status()["parts"]]


def _scale(page: Page, url: str) -> None:
    problems: list[str] = []
    page.on("console", lambda one: problems.append(f"{one.type}: {one.text}"))
    page.on("pageerror", lambda one: problems.append(str(one)))
    expect.set_options(timeout=TIMEOUT_MS)
    page.goto(url, timeout=TIMEOUT_MS)
    card = page.locator("article[data-service=echo]")
    expect(card).to_contain_text("1 of 1")
    page.keyboard.press("+")
    expect(page.get_by_role("dialog")).to_contain_text("Have 2 of echo?")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator("#action-command")).to_have_text("mfscale echo 2 (done)")
    expect(card).to_contain_text("2 of 2")
    card.get_by_role("button", name="Logs: echo").click()
    expect(page.locator("#logs-text")).to_contain_text("echo-")
    assert problems == []


def test_ctrl_c_ends_the_command_that_it_calls_and_not_mftop(tmp_path: Path) -> None:
    command = tmp_path / "mflogs"
    command.write_text("#!/bin/sh\necho begun\nexec sleep 600\n")
    command.chmod(0o755)
    calling = "import sys; from pathlib import Path; from mfplatform.top.call import *;"
    calling += "call(Path(sys.argv[1]), ['users']); print('on it goes')"
    with subprocess.Popen(
        [sys.executable, "-c", calling, command],
        env=os.environ | {"PYTHONPATH": str(ADMIN)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin and process.stdout
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines == [b"+ mflogs users\n", b"begun\n"]
        # As a terminal does it: all that is in its foreground gets it.
        os.killpg(process.pid, signal.SIGINT)
        process.stdin.write(b"\n")
        process.stdin.close()
        assert b"on it goes" in process.stdout.read()
    assert process.returncode == 0


def drained(process: subprocess.Popen[bytes], master: int) -> bool:
    """Tell whether a process has ended, and let it write meanwhile."""
    try:
        if select.select([master], [], [], 0.1)[0]:
            os.read(master, 65536)
    except OSError:
        # Nobody has the other end any more.
        time.sleep(0.01)
    return process.poll() is not None


@contextmanager
def terminal(
    platform: Platform, command: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command at a terminal of its own."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [platform.folder / "microflack_admin" / "bin" / command],
        env=platform.environment(TERM="xterm-256color"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        process.kill()
        process.wait()
        os.close(master)
