"""See whether what runs also works."""

import http.client
from base64 import b64encode

from mfplatform.state import database, queue_access, registry_gate, tls
from mfplatform.state.home import ROOT, Home, PlatformError
from mfplatform.state.patience import Deadline

ANSWER_TIMEOUT_SECONDS = 2.0


def http_status(
    address: str,
    path: str,
    credentials: str = "",
    timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
) -> int | None:
    """Return the status of an answer, or None when there was no answer.

    :param credentials: NAME:PASSWORD, if the server wants to know who asks.
    """
    try:
        return _ask(address, path, credentials, timeout_seconds)
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


def _ask(
    address: str,
    path: str,
    credentials: str = "",
    timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
) -> int:
    connection = http.client.HTTPConnection(address, timeout=timeout_seconds)
    basic = b64encode(credentials.encode()).decode()
    headers = {"Authorization": f"Basic {basic}"} if credentials else {}
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def etcd_answers(home: Home) -> bool:
    """Tell whether etcd works."""
    return registry_gate.etcd_answers(home)


def registry_answers(home: Home) -> bool:
    """Tell whether the registry works."""
    return _registry_status(home, "/v2/keys/") == 200


def has_quorum(home: Home) -> bool:
    """Tell whether the registry's members agree: without that nothing is written.

    Reads of the v2 API are answered by a member alone unless they ask for a quorum.
    """
    return _registry_status(home, "/v2/keys/?quorum=true") == 200


def _registry_status(home: Home, path: str) -> int | None:
    own = f"{ROOT}:{home.secrets.get('REGISTRY_PASSWORD', '')}"
    return http_status(home.registry_address, path, own)


def mariadb_answers(home: Home) -> bool:
    """Tell whether mariadb works."""
    try:
        return "1" in database.execute(home, "SELECT 1;", timeout_seconds=3)
    except PlatformError:
        return False


def redis_answers(home: Home) -> bool:
    """Tell whether redis works."""
    return queue_access.answers(home)


def haproxy_answers(home: Home) -> bool:
    """Tell whether haproxy works."""
    # Any answer will do: without services there is no route yet.
    return http_status(home.balancer.removeprefix("http://"), "/healthz") is not None


def renderer_answers(home: Home) -> bool:
    """Tell whether renderer works."""
    return _registry_status(home, "/v2/keys/loadbalancers/default") == 200


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
