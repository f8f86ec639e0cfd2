"""See whether what runs also works."""

import http.client
import socket

from mfplatform.state import database, tls
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.patience import Deadline

ANSWER_TIMEOUT_SECONDS = 2.0


def http_status(address: str, path: str) -> int | None:
    """Return the status of an answer, or None when there was no answer."""
    try:
        return _ask(address, path)
    except (OSError, http.client.HTTPException):
        return None


def is_dead(address: str, path: str, silence_seconds: float) -> bool:
    """Say whether a server refuses connections, or is silent for so long.

    One that is slow is not dead: it is asked again as long as the machine is busy.
    """
    deadline = Deadline(silence_seconds)
    while True:
        try:
            _ask(address, path)
        except TimeoutError:
            if deadline.is_over():
                return True
        except (OSError, http.client.HTTPException):
            return True
        else:
            return False


def _ask(address: str, path: str) -> int:
    connection = http.client.HTTPConnection(address, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def etcd_answers(home: Home) -> bool:
    """Tell whether etcd works."""
    return http_status(home.etcd.removeprefix("http://"), "/v2/keys/") == 200


def mariadb_answers(home: Home) -> bool:
    """Tell whether mariadb works."""
    try:
        return "1" in database.execute(home, "SELECT 1;", timeout_seconds=3)
    except PlatformError:
        return False


def redis_answers(home: Home) -> bool:
    """Tell whether redis works."""
    address = (home.host, int(home.settings["REDIS_PORT"]))
    try:
        with socket.create_connection(address, timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def haproxy_answers(home: Home) -> bool:
    """Tell whether haproxy works."""
    # Any answer will do: without services there is no route yet.
    return http_status(home.balancer.removeprefix("http://"), "/healthz") is not None


def renderer_answers(home: Home) -> bool:
    """Tell whether renderer works."""
    path = "/v2/keys/loadbalancers/default"
    return http_status(home.etcd.removeprefix("http://"), path) == 200


def certificates_answer(home: Home) -> bool:
    """Tell whether the certificate is being looked after."""
    return tls.state_file(home).exists()


def logs_answer(home: Home) -> bool:
    """Tell whether the log collector works."""
    address = f"{home.host}:{home.settings['LOGS_PORT']}"
    return http_status(address, "/healthz") == 200


def log_tail(home: Home, name: str, lines: int = 20) -> str:
    """Return the last lines that a part or an instance logged."""
    file = home.logs / f"{name}.log"
    if not file.exists():
        return ""
    with open(file, "rb") as log:
        log.seek(max(0, file.stat().st_size - 65536))
        text = log.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-lines:])
