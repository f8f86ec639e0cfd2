"""mfupgrade on a machine on which every process waits for a processor."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import requests
from platforms import Platform
from upgrade_fixtures import QUICK, begin, built, routed_versions, two

from mftools.bench import busy

pytest_plugins = ["platform_fixtures"]
__all__ = ["built", "two"]
CLIENTS = 4
TIMEOUT_SECONDS = 600


def answered_while(process: subprocess.Popen[str], platform: Platform) -> set[int]:
    """Send requests until a command has ended; return the status of the answers."""
    statuses = set()
    while process.poll() is None:
        url = f"http://127.0.0.1:{platform.port}/api/echo"
        answer = requests.post(url, data="x", timeout=TIMEOUT_SECONDS)
        statuses.add(answer.status_code)
    return statuses


def test_a_roll_takes_its_time_and_loses_no_request(two: Platform) -> None:
    with busy.beside(busy.process_count()), ThreadPoolExecutor(CLIENTS) as pool:
        process = begin(two, "roll", "echo", *QUICK)
        clients = [pool.submit(answered_while, process, two) for _ in range(CLIENTS)]
        _, told = process.communicate(timeout=TIMEOUT_SECONDS)
        assert process.returncode == 0, told
        assert [client.result() for client in clients] == [{200}] * CLIENTS
    assert routed_versions(two) == ["2", "2"]
