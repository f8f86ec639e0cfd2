"""How long functions take: a copy's first request (cold) and those after it (warm).

python measure.py, in an environment of mftest, with MF_RESULTS as mftest sets it.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from chat import Person
from gateway import event_of
from serverless import missing, serverless

WARM = 30
# What each function is asked; all of them but the page need a database.
PATHS = {
    "users": "/api/users",
    "tokens": "/api/tokens",
    "messages": "/api/messages",
    "ui": "/",
}


def measure(platform):
    """Return milliseconds by service: the cold one and warm ones."""
    person = Person(platform.url, "measured")
    person.say("hello")
    headers = [("Authorization", person.session.headers["Authorization"])]
    found = {}
    for service, path in PATHS.items():
        event = event_of("", "GET", path, headers, b"", "127.0.0.1", "127.0.0.1")
        with platform.functions.copy(service) as function:
            warm = [_ask(function, event) for _ in range(WARM)]
        found[service] = platform.functions.cold[service], warm
    return found


def _ask(function, event):
    result, milliseconds = function.invoke(event)
    assert result["statusCode"] == 200, result
    return milliseconds


def table(found):
    """Return the lines of a table of what was measured."""
    form = "{:<10}{:>14}{:>14}{:>14}"
    yield form.format("function", "cold", "warm, median", "warm, longest")
    for service, (cold, warm) in found.items():
        row = cold, statistics.median(warm), max(warm)
        yield form.format(service, *(f"{one:.0f} ms" for one in row))


def main():
    """Measure and print."""
    if reason := missing():
        print(reason, file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="mf-lambda-"))
    with serverless(folder) as platform:
        print("\n".join(table(measure(platform))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
