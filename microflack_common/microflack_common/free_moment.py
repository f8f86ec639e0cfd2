"""Change a table that an earlier release is using, from a migration.

Needs the extra ``microflack-common[database]``.
"""

import time

from alembic import op
from sqlalchemy.exc import OperationalError

# MariaDB: a lock cannot be had at once.
LOCKED = 1205
TRY_SECONDS, PAUSE_SECONDS = 10.0, 0.01


def execute(sql: str) -> None:
    """Change a table when nobody has a transaction that has used it.

    Who waits for that is in the way of all who have read and go on to write: MariaDB
    calls it a deadlock, and ends their transactions. So it is waited for only where the
    moment does not come, within ten seconds. A cluster (Galera) changes it at once on
    all nodes, and ends the transactions that are in the way: a node that would not do
    what all others do leaves it.

    :param sql: a statement that every database knows.
    """
    end = time.monotonic() + TRY_SECONDS
    while getattr(op.get_bind().dialect, "is_mariadb", False) and not _is_cluster():
        try:
            op.execute(f"SET STATEMENT lock_wait_timeout = 0 FOR {sql}")
        except OperationalError as error:
            if error.orig is None or error.orig.args[0] != LOCKED:
                raise
        else:
            return
        if time.monotonic() > end:
            break
        time.sleep(PAUSE_SECONDS)
    op.execute(sql)


def _is_cluster() -> bool:
    found = op.get_bind().exec_driver_sql("SHOW VARIABLES LIKE 'wsrep_on'").first()
    return found is not None and found[1] == "ON"
