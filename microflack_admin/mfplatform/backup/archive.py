"""The file of a backup: a ZIP archive of the rows of each table, and a manifest.

ZIP, since each of its members is written as a stream of any length, and its directory
stands at its end: what was cut short is noticed at once, and the manifest, which is
written last since it has the hashes, is read first. Any tool can look into it.
Reference: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification" (with ZIP64).

Needs nothing but Python itself.
"""

import errno
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self, cast

from mfplatform.backup import manifest, whole_file
from mfplatform.backup.manifest import Manifest, NoBackup, Table

MANIFEST, SECRETS = "manifest.json", "secrets.json"
# The quickest: what takes most room are pictures, which are not compressed again.
COMPRESSION_LEVEL = 1
MOST_TEXT_BYTES = 16 * 1024**2
PIECE_BYTES = 256 * 1024
DAMAGED = "it is none, or was cut short or changed on its way"


class Writer:
    """Writes the members of a backup, one after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(
            file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL
        )

    def rows(self, name: str, pieces: Iterable[bytes], *, is_binary: bool) -> str:
        """Write a member; return its SHA-256 in hexadecimal.

        :param is_binary: it is not worth while to compress it.
        """
        total = hashlib.sha256()
        info = zipfile.ZipInfo(name)
        with self._zip.open(info if is_binary else name, "w", force_zip64=True) as out:
            for piece in pieces:
                total.update(piece)
                out.write(piece)
        return total.hexdigest()

    def end(self, text: bytes, secrets: bytes | None) -> None:
        """Write the manifest, and the encrypted secrets if there are any."""
        self._zip.writestr(MANIFEST, text)
        if secrets is not None:
            self._zip.writestr(SECRETS, secrets)
        self._zip.close()

    def give_up(self) -> None:
        """Leave it as it is: somebody else removes what there is."""
        with suppress(OSError, ValueError):
            self._zip.close()


@contextmanager
def writing(path: Path, *, replaces: bool = False) -> Iterator[Writer]:
    """Have a backup that is there as a whole, or not at all; see ``whole_file``."""
    with whole_file.writing(path, replaces=replaces) as file:
        writer = Writer(file)
        try:
            yield writer
        except BaseException:
            writer.give_up()
            raise


class Reader:
    """A backup that is there.

    :raises NoBackup: it is none, or damaged so that this is seen at once.
    """

    def __init__(self, path: Path) -> None:
        with _damage():
            self._zip = zipfile.ZipFile(path)
            try:
                self.text = self._text(MANIFEST)
                self.manifest: Manifest = manifest.read(self.text)
            except BaseException:
                self._zip.close()
                raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close it."""
        self._zip.close()

    def secrets(self) -> bytes:
        """Return the encrypted secrets.

        :raises NoBackup: they are gone.
        """
        with _damage():
            return self._text(SECRETS)

    def _text(self, name: str) -> bytes:
        if self._zip.getinfo(name).file_size > MOST_TEXT_BYTES:
            raise NoBackup(f"its {name} makes no sense")
        return self._zip.read(name)

    @property
    def size(self) -> int:
        """How many bytes all of it has, unpacked: more is never read."""
        return sum(one.file_size for one in self._zip.infolist())

    @contextmanager
    def rows(self, name: str) -> Iterator[BinaryIO]:
        """Open a member to be read.

        :raises NoBackup: it is gone or damaged.
        """
        with _damage(), self._zip.open(name) as opened:
            yield io.BufferedReader(cast(io.RawIOBase, opened), PIECE_BYTES)

    def check(self) -> None:
        """Read all of it.

        :raises NoBackup: something is not as it was written.
        """
        for service, data in self.manifest.services.items():
            for name, table in data.tables.items():
                self._check(member(service, name), table)

    def _check(self, name: str, table: Table) -> None:
        total = hashlib.sha256()
        with self.rows(name) as stream:
            while piece := stream.read(PIECE_BYTES):
                total.update(piece)
        if total.hexdigest() != table.sha256:
            raise NoBackup(f"its {name} is not as it was written")


def member(service: str, table: str) -> str:
    """Return under which name the rows of a table stand in the file."""
    return f"{service}/{table}.rows"


@contextmanager
def _damage() -> Iterator[None]:
    """Say what is wrong with a file in one way."""
    try:
        yield
    except (zipfile.BadZipFile, KeyError, EOFError, RuntimeError) as error:
        raise NoBackup(DAMAGED) from error
    except OSError as error:
        # It looks where the file says, which may be nowhere; a disk has other errors.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise NoBackup(DAMAGED) from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise NoBackup("it was changed on its way") from error
