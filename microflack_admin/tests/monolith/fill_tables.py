"""Copy a database of a service with something in each of its tables; say what came.

    python fill_tables.py SERVICE FILE

FILE is the new database of a monolith, DATABASE_URL where it is copied to. No table and
no column is named here: a service that gets new ones has them copied, or this fails.
"""

import json
import sys
from pathlib import Path

from sqlalchemy import Boolean, Float, Integer, LargeBinary, create_engine, insert

from mfplatform.moving import rows
from mfplatform.moving.copying import Copying

# Beyond what migrations write; more than are read at once of what may be large.
NUMBERS = range(1000, 1040)


def value(column, number):
    """Return something that this column can have, another one for each number."""
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, Float):
        return number + 0.1
    if isinstance(column.type, LargeBinary):
        data = str(number).encode() + bytes(range(256))
        # No key of all databases may be longer.
        return data[: 32 if column.primary_key else None]
    text = f'{number} \N{SNOWMAN} \N{CAT FACE} `"\\'
    return text[: getattr(column.type, "length", None)]


def fill(engine):
    """Write rows into all tables; return the names of these."""
    with engine.begin() as connection:
        found = rows.tables(connection)
        for table in found.values():
            columns = [one for one in table.columns if one.computed is None]
            values = [{one.name: value(one, n) for one in columns} for n in NUMBERS]
            connection.execute(insert(table), values)
    return sorted(found)


def change(engine):
    """Have some rows changed, gone and new, as if people went on."""
    with engine.begin() as connection:
        for table in rows.tables(connection).values():
            first = next(iter(table.primary_key.columns))
            gone, other = value(first, NUMBERS[3]), value(first, NUMBERS[-1] + 1)
            connection.execute(table.delete().where(first == gone))
            is_second = first == value(first, NUMBERS[5])
            connection.execute(table.update().where(is_second).values({first: other}))


def main(name, file):
    """Copy twice, and print what each table holds."""
    copying = Copying(name, Path(file))
    copying.renew()
    copying.migrate()
    source = create_engine(f"sqlite:///{file}")
    filled = fill(source)
    told = [copying.verify(), copying.verify()]
    change(source)
    told += [copying.verify(), copying.verify()]
    print(json.dumps({"filled": filled, "told": told}))


main(*sys.argv[1:])
