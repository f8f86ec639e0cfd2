"""What is written of the tables of each service, and brought back into new ones."""

import pytest
from platforms import ADMIN
from sqlalchemy import Boolean, Float, Integer, LargeBinary, insert

from mfplatform.backup import archive, dump, load, manifest, schema, scratch, snapshot
from mfplatform.backup.archive import Reader
from mfplatform.backup.manifest import Manifest, NoBackup
from mfplatform.monolith import services
from mfplatform.moving import rows
from mfplatform.state.home import PlatformError

# Beyond what migrations write; more than are read at once of what may be large.
NUMBERS = range(1000, 1040)


@pytest.fixture(autouse=True)
def _checkout(monkeypatch):
    monkeypatch.setenv("MF_ROOT", str(ADMIN.parent))


def with_database():
    """Return the services that have a database, and the table of their revisions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MF_ROOT", str(ADMIN.parent))
        return [one for one in services.in_checkout() if one.needs_database]


SERVICES = with_database()
assert SERVICES


def value(column, number):
    """Return something that this column can have, another one for each number."""
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, Float):
        return number + 0.1
    if isinstance(column.type, LargeBinary):
        return str(number).encode() + bytes(range(256))
    text = f'{number} \N{SNOWMAN} \N{CAT FACE} `"\\\n'
    return text[: getattr(column.type, "length", None)]


def make(service, revision, folder):
    """Make a database with something in each table, and a backup of it."""
    file, path = folder / "from.db", folder / "backup"
    engine = load.sqlite(file, is_kept=False)
    schema.migrate(engine, service.folder / "migrations", "alembic_version", revision)
    with engine.connect() as connection:
        for table in rows.tables(connection).values():
            columns = [one for one in table.columns if one.computed is None]
            values = [{one.name: value(one, n) for one in columns} for n in NUMBERS]
            connection.execute(insert(table), values)
        connection.commit()
    files = {service.name: file}
    with archive.writing(path) as writer, snapshot.of_files(files) as sources:
        found = {one.name: dump.dump(writer, one, ["1"]) for one in sources}
        about = Manifest(1, "process", {"MF_ACCESS": "open"}, "", False, found)
        writer.end(manifest.written(about), None)
    return path


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_all_tables_come_back_in_each_of_their_revisions(service, tmp_path):
    for revision in sorted(service.revisions):
        folder = tmp_path / revision
        folder.mkdir()
        with Reader(make(service, revision, folder)) as reader:
            (data,) = reader.manifest.services.values()
            assert data.revision == revision
            assert all(one.rows >= len(NUMBERS) for one in data.tables.values())
            said = []
            scratch.verify(reader, folder, said.append)
        assert len(said) == len(data.tables)
        assert {one.name for one in folder.iterdir()} == {"from.db", "backup"}


def test_what_is_not_equal_or_does_not_fit_is_told(tmp_path):
    service = SERVICES[0]
    migrations = service.folder / "migrations"
    path = make(service, max(service.revisions), tmp_path)
    with Reader(path) as reader:
        (data,) = reader.manifest.services.values()
        engine = load.sqlite(tmp_path / "to.db", is_kept=False)
        load.load(reader, service.name, engine, migrations)
        with engine.connect() as connection:
            found = rows.tables(connection)
            name, table = next(iter(found.items()))
            connection.execute(table.delete())
            with pytest.raises(PlatformError, match=f"the table {name} of"):
                load.compare(service.name, data, connection, found)
        data.tables.pop(name)
        with pytest.raises(NoBackup, match="are not those that the migrations"):
            load.load(reader, service.name, engine, migrations)
