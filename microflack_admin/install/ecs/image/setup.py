"""Make a service's database and its user, before each start of the service.

    python3 -P -m setup

The environment says where (``DATABASE_HOST``, ``ROOT_PASSWORD``) and whose
(``SERVICE``, ``DATABASE_PASSWORD``). The service starts once this has ended with 0, and
is not told the root's password.
"""

import os
import sys

import pymysql

from mfplatform.state import database

ROOT = "root"
TIMEOUT_SECONDS = 30


def statements(service: str, password: str) -> list[str]:
    """Return what is run: the same as on a platform of one's own."""
    text = (database.SERVICE + database.USER).format(name=service, password=password)
    return [one.strip() for one in text.split(";") if one.strip()]


def main() -> int:
    """Run the statements; 1 if the database cannot be reached or refuses one."""
    host, service = os.environ["DATABASE_HOST"], os.environ["SERVICE"]
    try:
        with (
            pymysql.connect(
                host=host,
                user=ROOT,
                password=os.environ["ROOT_PASSWORD"],
                connect_timeout=TIMEOUT_SECONDS,
                read_timeout=TIMEOUT_SECONDS,
                autocommit=True,
            ) as connection,
            connection.cursor() as cursor,
        ):
            for one in statements(service, os.environ["DATABASE_PASSWORD"]):
                cursor.execute(one)
    except (pymysql.MySQLError, OSError) as error:
        print(f"The database at {host} could not be set up: {error}", file=sys.stderr)
        return 1
    print(f"The database {service} and its user are there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
