"""The file of a backup: it is there as a whole or not at all, and damage is noticed."""

import io
import json
import resource
import stat
import string
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from platforms import ADMIN

from mfplatform.backup import archive, fits, manifest, sealed
from mfplatform.backup.archive import MANIFEST, Reader
from mfplatform.backup.manifest import Manifest, NoBackup, ServiceData, Table
from mfplatform.backup.rows_stream import batches, decode, encode
from mfplatform.commands.restore import write_keys
from mfplatform.moving.room import check_room
from mfplatform.state import last_backup
from mfplatform.state.home import Home, PlatformError
from microflack_common.testing import FakeRegistry

VALUES = some.one_of(
    some.none(),
    some.integers(-(2**63), 2**63),
    some.floats(allow_nan=False),
    some.text(),
    some.binary(),
)
ROWS = [(1, "one\n", b"\x00\n[]"), (2, "two", b"")]


@given(some.lists(some.tuples(VALUES, VALUES, VALUES)))
@settings(deadline=None)
def test_rows_come_back_as_they_were(rows):
    stream = io.BytesIO(b"".join(map(encode, rows)))
    assert list(decode(stream, 3)) == rows


@pytest.mark.parametrize(
    "text",
    [
        b'[1,"one"]\n',
        b'[1,2,{"bytes":9}]\nabc',
        b'[1,2,{"bytes":9000000000000000}]\nabc',
        b'[1,2,{"bytes":1e999}]\nabc',
        b"{}\n",
        b"[1,2,{}]\n",
        b"x\n",
    ],
)
def test_rows_that_make_no_sense_are_refused(text):
    with pytest.raises(NoBackup):
        list(decode(io.BytesIO(text), 3))


def test_batches_are_cut_by_rows_and_by_bytes():
    rows = [(b"x" * 10,)] * 5
    assert [len(one) for one in batches(rows, 2, 1000)] == [2, 2, 1]
    assert [len(one) for one in batches(rows, 1000, 30)] == [3, 2]
    assert list(batches([], 2, 1000)) == []


def about(sha256="", revision="0001", service="users", has_secrets=False):
    """Return the manifest of a backup with one table."""
    table = Table(["id", "name", "data"], len(ROWS), sha256)
    data = ServiceData(["1"], "alembic_version", revision, {"people": table})
    given = {"MF_ACCESS": "open"}
    return Manifest(1, "process", given, "", has_secrets, {service: data}, {})


def write(path, *, replaces=False, **told):
    """Write a small backup; return its manifest as it stands there."""
    with archive.writing(path, replaces=replaces) as writer:
        pieces = map(encode, ROWS)
        sha256 = writer.rows("users/people.rows", pieces, is_binary=False)
        text = manifest.written(about(sha256, **told))
        writer.end(text, None)
    return text


def change(path, name, data):
    """Write a file anew with another member."""
    with zipfile.ZipFile(path) as before:
        members = {one: before.read(one) for one in before.namelist()}
    with zipfile.ZipFile(path, "w") as after:
        for one, text in (members | {name: data}).items():
            after.writestr(one, text)


def test_what_was_written_is_read_and_only_the_owner_can(tmp_path):
    path = tmp_path / "a"
    text = write(path)
    with Reader(path) as reader:
        reader.check()
        assert reader.text == text
        assert reader.manifest.rows == len(ROWS)
        with reader.rows("users/people.rows") as stream:
            assert list(decode(stream, 3)) == ROWS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_failure_leaves_nothing_and_what_was_there(tmp_path):
    path = tmp_path / "a"
    text = write(path)
    with pytest.raises(KeyboardInterrupt), archive.writing(path, replaces=True) as one:
        one.rows("users/people.rows", [b"[]\n"], is_binary=False)
        raise KeyboardInterrupt
    with Reader(path) as reader:
        assert reader.text == text
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_what_an_interrupted_one_left_is_written_over(tmp_path):
    (tmp_path / "a.partial").write_bytes(b"x" * 100_000)
    write(tmp_path / "a")
    with Reader(tmp_path / "a") as reader:
        reader.check()
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


@pytest.fixture
def no_room():
    """Have no file become larger than 100 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("no_room")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    told = pytest.raises(PlatformError, match="cannot be written: File too large")
    with told, archive.writing(tmp_path / "a") as writer:
        writer.rows("users/people.rows", [bytes(200_000)], is_binary=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_room")
def test_what_came_of_one_is_no_error_where_it_cannot_be_written(tmp_path):
    home = Home(tmp_path)
    last_backup.record(home, tmp_path / "a", "x" * 200_000)
    assert last_backup.read(home) is None
    last_backup.record(home, tmp_path / "a", "no room")
    assert "failed at" in last_backup.sentence(last_backup.read(home))


def test_places_where_nothing_may_be_written_are_refused(tmp_path):
    path = tmp_path / "a"
    write(path)
    for place in (path, tmp_path, tmp_path / "none" / "a"):
        with pytest.raises(PlatformError), archive.writing(place):
            pytest.fail("it was begun")
    write(path, replaces=True)
    with archive.writing(tmp_path / "b") as writer:
        with pytest.raises(PlatformError, match="another one is writing"):
            write(tmp_path / "b")
        writer.end(b"", None)


def test_every_cut_is_noticed(tmp_path):
    path = tmp_path / "a"
    write(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(NoBackup), Reader(path) as reader:
            reader.check()


def test_every_change_of_a_byte_of_the_rows_is_noticed(tmp_path):
    path = tmp_path / "a"
    write(path)
    whole = path.read_bytes()
    end = whole.index(b"manifest.json")
    for place in range(0, end - 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            with Reader(path) as reader:
                reader.check()
                with reader.rows("users/people.rows") as stream:
                    # What nobody reads, such as times, may have changed.
                    assert list(decode(stream, 3)) == ROWS
        except NoBackup:
            continue


def test_every_change_of_the_directory_is_noticed_or_does_no_harm(tmp_path):
    path = tmp_path / "a"
    write(path)
    whole = path.read_bytes()
    for place in range(whole.index(b"PK\x01\x02"), len(whole)):
        for bit in range(8):
            other = bytes([whole[place] ^ 1 << bit])
            path.write_bytes(whole[:place] + other + whole[place + 1 :])
            with suppress(NoBackup), Reader(path) as reader:
                reader.check()


def test_it_tells_how_much_it_unpacks_to_and_what_is_more_than_the_disk_is_refused(
    tmp_path,
):
    path = tmp_path / "a"
    with archive.writing(path) as writer:
        writer.rows("users/people.rows", [bytes(10**7)], is_binary=False)
        writer.end(manifest.written(about()), None)
    assert path.stat().st_size < 10**6
    home = Home(tmp_path / "home")
    with Reader(path) as reader:
        assert reader.size == 10**7 + len(reader.text)
        check_room(home, reader.size, 0)
    with pytest.raises(PlatformError, match="MB left"):
        check_room(home, 10**15, 0)


def test_secrets_that_are_too_large_are_refused(tmp_path):
    path = tmp_path / "a"
    write(path)
    change(path, archive.SECRETS, bytes(archive.MOST_TEXT_BYTES + 1))
    with Reader(path) as reader, pytest.raises(NoBackup, match="makes no sense"):
        reader.secrets()


@pytest.mark.parametrize(
    "text", [b"", b"PK\x05\x06" + bytes(18), b"%PDF-1.4", b"SQLite format 3\x00" * 9]
)
def test_a_foreign_file_is_refused(tmp_path, text):
    (tmp_path / "a").write_bytes(text)
    with pytest.raises(NoBackup):
        Reader(tmp_path / "a")


def test_rows_that_somebody_changed_are_refused(tmp_path):
    path = tmp_path / "a"
    write(path)
    change(path, "users/people.rows", b'[1,"another",2]\n')
    with Reader(path) as reader, pytest.raises(NoBackup, match=r"people\.rows"):
        reader.check()


@pytest.mark.parametrize(
    "told",
    [
        b"[]",
        b"{}",
        b'{"format": 1}',
        b'{"format": 1, "made": 1, "services": []}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path, told):
    write(tmp_path / "a")
    change(tmp_path / "a", MANIFEST, told)
    with pytest.raises(NoBackup, match="makes no sense"):
        Reader(tmp_path / "a")


def test_another_format_is_told_from_nonsense(tmp_path):
    found = json.loads(manifest.written(about())) | {"format": 2}
    with pytest.raises(NoBackup, match="has format 2"):
        manifest.read(json.dumps(found).encode())


@given(some.dictionaries(some.text(string.ascii_letters, min_size=1), some.text()))
@settings(deadline=None, max_examples=3)
def test_secrets_open_with_their_passphrase_and_manifest_alone(secrets):
    data = sealed.seal(secrets, "a passphrase", b"manifest")
    assert sealed.unseal(data, "a passphrase", b"manifest") == secrets
    for wrong in (("another one", b"manifest"), ("a passphrase", b"another")):
        with pytest.raises(sealed.WrongPassphrase):
            sealed.unseal(data, *wrong)
    for nonsense in (b"", b"{}", b'{"salt": 1}', data.replace(b"{", b"")):
        with pytest.raises(NoBackup):
            sealed.unseal(nonsense, "a passphrase", b"manifest")


def test_what_this_checkout_does_not_know_is_refused(monkeypatch):
    monkeypatch.setenv("MF_ROOT", str(ADMIN.parent))
    assert list(fits.check(about())) == ["users"]
    with pytest.raises(NoBackup, match="newer release of users than"):
        fits.check(about(revision="9999"))
    with pytest.raises(NoBackup, match="service echo"):
        fits.check(about(service="echo"))


def test_of_the_registry_only_what_people_wished_comes_back(monkeypatch):
    monkeypatch.setenv("MF_ROOT", str(ADMIN.parent))
    registry = FakeRegistry()
    registry.put("/rights/7", "made of a row that is gone now")
    registry.put("/services/users/upstream/users-1", "127.0.0.1:1")
    wish = {"/desired/users": "2"}
    write_keys(registry, wish | {"/services/users/upstream/x": "127.0.0.1:2"})
    assert registry.tree("/services").values == {
        "/services/users/upstream/users-1": "127.0.0.1:1"
    }
    assert registry.tree("/desired").values == wish
    assert not registry.tree("/rights").values
