"""Fill a service's table by copying one of its rows, which is fast.

All that this knows about the table comes from the database.
"""

from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError

COLUMNS = """
SELECT c.column_name, c.extra = 'auto_increment', c.data_type LIKE '%char%',
       MAX(IFNULL(s.last, 0))
FROM information_schema.columns c
LEFT JOIN (
    SELECT column_name,
           seq_in_index = MAX(seq_in_index) OVER (PARTITION BY index_name) AS last
    FROM information_schema.statistics
    WHERE table_schema = '{schema}' AND table_name = '{table}' AND non_unique = 0
) s ON s.column_name = c.column_name
WHERE c.table_schema = '{schema}' AND c.table_name = '{table}'
GROUP BY c.column_name ORDER BY c.ordinal_position;
"""
COPY = """
USE `{schema}`;
INSERT INTO `{table}` ({columns})
SELECT {values} FROM `{table}` r JOIN seq_1_to_{count} n
WHERE r.id = (SELECT MAX(id) FROM `{table}`);
ANALYZE TABLE `{table}`;
"""
FILL_TIMEOUT_SECONDS = 120


def size(home: Home, schema: str, table: str) -> int:
    """Return how many rows there are."""
    counted = database.execute(home, f"SELECT COUNT(*) FROM `{schema}`.`{table}`;")
    return int(counted.split()[-1])


def fill(home: Home, schema: str, table: str, rows: int) -> None:
    """Copy the newest row until there are that many; raise PlatformError if none is."""
    missing = rows - size(home, schema, table)
    if missing <= 0:
        return
    listed = database.execute(home, COLUMNS.format(schema=schema, table=table))
    columns = [line.split("\t") for line in listed.splitlines()[1:]]
    if not columns:
        raise PlatformError(f"there is no table {schema}.{table} to fill")
    values = copied_values(columns)
    text = COPY.format(
        schema=schema,
        table=table,
        count=missing,
        columns=", ".join(f"`{name}`" for name in values),
        values=", ".join(values.values()),
    )
    database.execute(home, text, timeout_seconds=FILL_TIMEOUT_SECONDS)


def copied_values(columns: list[list[str]]) -> dict[str, str]:
    """Return what each column of a copy holds, as SQL; n.seq numbers the copies.

    :param columns: name, whether the database numbers it, whether it holds text, and
        whether it is the last one of a unique key ("0" or "1" each).
    """
    values: dict[str, str] = {}
    unique = [name for name, _auto, text, last in columns if text == last == "1"]
    for name, auto, text, last in columns:
        if auto == "1":
            continue
        if last == "1":
            # NULL stays NULL: it is never the same as another.
            number = f"CONCAT(r.`{name}`, '-', n.seq)"
            values[name] = number if text == "1" else f"r.`{name}` + n.seq"
        elif text == "1":
            values[name] = _changed_text(name, unique)
        else:
            values[name] = f"r.`{name}`"
    return values


def _changed_text(name: str, unique: list[str]) -> str:
    """Change a text with the unique one that it repeats: a name with its key."""
    value = f"r.`{name}`"
    for other in unique:
        same = f"BINARY r.`{name}` = BINARY r.`{other}`"
        value = f"IF({same}, CONCAT(r.`{name}`, '-', n.seq), {value})"
    return value
