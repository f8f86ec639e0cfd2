"""Have the triggers of a service's database outlast the users that the store makes.

MariaDB runs a trigger as whoever has made it, its definer, and refuses every change of
the table once that user is gone (MariaDB manual, "CREATE TRIGGER"). An instance's user
ends with the instance. So triggers are given to the user that the service has without a
store, which stays, and which nobody can log in as. All else of them stays as it is: the
modes that they run in, and the order of several that one event has.

A trigger is changed while nobody uses its table. Who waits for that stops all who come
after, so it is waited for a moment only, and again after a pause.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from mfplatform.secrets_store import store
from mfplatform.state import database
from mfplatform.state.home import Home

OWNER = """\
CREATE USER IF NOT EXISTS '{service}'@'%' IDENTIFIED BY '{password}' ACCOUNT LOCK;
GRANT ALL PRIVILEGES ON `{service}`.* TO '{service}'@'%';
"""
TRIGGERS = """\
SELECT TRIGGER_NAME AS name, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event,
 EVENT_OBJECT_TABLE AS `table`, ACTION_STATEMENT AS statement, DEFINER AS definer,
 SQL_MODE AS mode
 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = %s
 ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER"""
ADOPT = """\
CREATE OR REPLACE DEFINER = '{service}'@'%' TRIGGER `{service}`.`{name}`
 {timing} {event} ON `{service}`.`{table}` FOR EACH ROW {place} {statement}"""
# How long others wait behind this at most, and how often it is tried in all.
LOCK_SECONDS, PAUSE_SECONDS, TRIES = 3, 1.0, 15
# "Lock wait timeout exceeded" (MariaDB, "Error Codes").
LOCK_TIMEOUT = 1205


def settle(home: Home, service: str) -> None:
    """Have all triggers of a service owned by the user that stays, if there is a store.

    :raises PlatformError: the database does not answer, or refuses.
    """
    if store.holds_secrets(home):
        adopt(home, service)


def adopt(home: Home, service: str) -> None:
    """Have all triggers of a service owned by the user that stays; raise as above."""
    with home.locked("database"), database.connection(home) as cursor:
        cursor.execute(TRIGGERS, (service,))
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        if not found:
            return
        owner = OWNER.format(service=service, password=secrets.token_hex(20))
        for statement in owner.split(";")[:-1]:
            cursor.execute(statement)
        cursor.execute("SET SESSION lock_wait_timeout = %s", (LOCK_SECONDS,))
        for number, one in enumerate(found):
            if one["definer"] != f"{service}@%":
                place = _place(found, number)
                statement = ADOPT.format(service=service, place=place, **one)
                cursor.execute("SET SESSION sql_mode = %s", (one["mode"],))
                _wait_and_execute(cursor, statement)


def _place(found: Sequence[Mapping[str, str]], number: int) -> str:
    """Return where a trigger stands among those of its event, if there are several."""
    own = found[number]
    for other, word in ((number - 1, "FOLLOWS"), (number + 1, "PRECEDES")):
        if 0 <= other < len(found) and _event(found[other]) == _event(own):
            return f"{word} `{found[other]['name']}`"
    return ""


def _event(trigger: Mapping[str, str]) -> tuple[str, ...]:
    return trigger["table"], trigger["timing"], trigger["event"]


def _wait_and_execute(cursor: Any, statement: str) -> None:
    """Change something when nobody uses its table; give up after so many tries."""
    # Only here, as in `database`.
    import pymysql

    for tried in range(TRIES):
        try:
            cursor.execute(statement)
        except pymysql.OperationalError as error:
            if error.args[0] != LOCK_TIMEOUT or tried == TRIES - 1:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
