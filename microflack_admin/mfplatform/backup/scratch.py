"""Bring a backup back into databases that are thrown away again, and compare."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from mfplatform.backup import fits, schema
from mfplatform.backup.archive import Reader
from mfplatform.backup.load import load, sqlite


def verify(reader: Reader, folder: Path, say: Callable[[str], None]) -> None:
    """Return if all of it can be brought back, and is equal then.

    Each service's tables are made by its migrations and filled, what came is compared
    with the backup, and they are brought to the newest migration that is here.

    :param folder: where there is room for the largest database.
    :raises NoBackup: it cannot.
    :raises PlatformError: it is not equal.
    """
    reader.check()
    for name, service in fits.check(reader.manifest).items():
        migrations = service.folder / "migrations"
        with tempfile.TemporaryDirectory(prefix="verify-", dir=folder) as scratch:
            engine = sqlite(Path(scratch) / "scratch.db", is_kept=False)
            load(reader, name, engine, migrations)
            revision_table = reader.manifest.services[name].revision_table
            schema.migrate(engine, migrations, revision_table, max(service.revisions))
        for table, held in reader.manifest.services[name].tables.items():
            about = f"{held.rows} rows, equal (SHA-256 {held.sha256[:16]})"
            say(f"{name}.{table}: {about}")
