"""Have the triggers of a service's database outlast the users that the store makes.

MariaDB runs a trigger as whoever has made it, its definer, and refuses every change of
the table once that user is gone (MariaDB manual, "CREATE TRIGGER"). An instance's user
ends with the instance. So triggers are given to the user that the service has without a
store, which stays, and which nobody can log in as.
"""

import secrets

from mfplatform.secrets_store import store
from mfplatform.state import database
from mfplatform.state.home import Home

OWNER = """\
CREATE USER IF NOT EXISTS '{service}'@'%' IDENTIFIED BY '{password}' ACCOUNT LOCK;
GRANT ALL PRIVILEGES ON `{service}`.* TO '{service}'@'%';
"""
TRIGGERS = """\
SELECT TRIGGER_NAME AS name, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event,
 EVENT_OBJECT_TABLE AS `table`, ACTION_STATEMENT AS statement, DEFINER AS definer
 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = %s"""
ADOPT = """\
CREATE OR REPLACE DEFINER = '{service}'@'%' TRIGGER `{service}`.`{name}`
 {timing} {event} ON `{service}`.`{table}` FOR EACH ROW {statement}"""


def settle(home: Home, service: str) -> None:
    """Have all triggers of a service owned by the user that stays, if there is a store.

    :raises PlatformError: the database does not answer, or refuses.
    """
    if not store.holds_secrets(home):
        return
    with home.locked("database"), database.connection(home) as cursor:
        cursor.execute(TRIGGERS, (service,))
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        if not found:
            return
        owner = OWNER.format(service=service, password=secrets.token_hex(20))
        for statement in owner.split(";")[:-1]:
            cursor.execute(statement)
        for one in found:
            if one["definer"] != f"{service}@%":
                cursor.execute(ADOPT.format(service=service, **one))
