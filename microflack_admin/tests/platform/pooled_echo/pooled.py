"""The service echo, with a database: each request writes a row by a pool's connection.

As with any pool, a connection is kept as long as the server keeps it, and made with the
user and password that the process was started with.
"""

import os
import queue
from urllib.parse import unquote, urlsplit

import echo
import pymysql

URL = urlsplit(os.environ["DATABASE_URL"])
LOGIN = {
    "host": URL.hostname,
    "port": URL.port,
    "user": unquote(URL.username or ""),
    "password": unquote(URL.password or ""),
    "database": URL.path.strip("/"),
}
kept: queue.SimpleQueue[pymysql.Connection] = queue.SimpleQueue()


def use_database() -> None:
    """Write a row; raises what PyMySQL does."""
    try:
        connection = kept.get_nowait()
    except queue.Empty:
        connection = pymysql.connect(**LOGIN, autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO rows_written VALUES (NULL)")
    kept.put(connection)


class Handler(echo.Handler):
    """Answers 500 when the row was not written."""

    def do_GET(self) -> None:  # noqa: N802 (the library wants it)
        try:
            use_database()
        except pymysql.MySQLError as error:
            self.send_error(500, str(error))
        else:
            super().do_GET()


def main() -> None:
    """Make the table if need be, and serve."""
    with pymysql.connect(**LOGIN) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS rows_written (id INT AUTO_INCREMENT KEY)"
        )
    echo.Handler = Handler
    echo.main()


if __name__ == "__main__":
    main()
