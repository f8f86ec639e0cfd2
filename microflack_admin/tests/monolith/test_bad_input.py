"""What stands in the way is said in one sentence, and nothing is changed."""

import fcntl
import shutil
import socket
import sqlite3
import subprocess
import time

import pytest
from chat import Person

TOO_SMALL_BYTES = 8 * 1024 * 1024


def refusal(monolith, code=1, **settings):
    """Return the one line with which mfup refuses."""
    result = monolith.up(check=False, **settings)
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    said = [line for line in result.stderr.splitlines() if line.startswith("mfup: ")]
    assert len(said) == 1, result.stderr
    return said[0]


def test_a_port_that_is_taken(another):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(another, MF_PORT=str(port))
    assert f"port {port} is taken by" in said
    assert f"MF_PORT={port + 1}" in said


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MF_PORT", "a", "must be a port number"),
        ("MF_BIND", "localhost", "must be an IPv4 address"),
        ("MF_BIND", "0.0.0.0", "MF_INSECURE=yes"),
        ("MF_ACCESS", "closed", "must be open or members"),
        ("MF_LIMITS", "none", "must be on or off"),
        ("MF_TLS", "own", "speaks no TLS"),
        ("MF_TRACES_TO", "http://127.0.0.1:4318", "is one process"),
        ("MF_WITHOUT", "emails", "there is no 'emails'"),
    ],
)
def test_settings_that_make_no_sense(another, name, value, told):
    assert told in refusal(another, 2, **{name: value})
    assert not (another.home / "settings.env").exists()


def test_no_other_option_goes_with_it(another):
    result = another.run("mfup", "--monolith", "--empty", check=False)
    assert result.returncode == 2
    assert "--monolith takes no other option" in result.stderr


def test_a_platform_that_is_here_already(another):
    another.home.mkdir(exist_ok=True)
    settings = another.home / "settings.env"
    settings.write_text("MF_RUNTIME=process\nMF_PORT=8080\n")
    assert "has a platform" in refusal(another)
    assert settings.read_text() == "MF_RUNTIME=process\nMF_PORT=8080\n"


def test_a_database_of_a_newer_release(own):
    ada = Person(own.url, "ada")
    own.run("mfdown")
    file = own.home / "monolith" / "users.db"
    with sqlite3.connect(file) as database:
        (before,) = database.execute(
            "SELECT version_num FROM schema_revision"
        ).fetchone()
        database.execute("UPDATE schema_revision SET version_num = '9999'")
    said = refusal(own)
    assert f"{file} is of a newer release than users" in said
    with sqlite3.connect(file) as database:
        database.execute("UPDATE schema_revision SET version_num = ?", [before])
    own.up()
    assert ada.sign_in()


def test_a_database_that_is_none(own):
    own.run("mfdown")
    file = own.home / "monolith" / "users.db"
    kept = file.read_bytes()
    file.write_bytes(b"no database" * 1000)
    assert f"{file} cannot be read" in refusal(own)
    file.write_bytes(kept)
    own.up()


def test_two_monoliths_on_one_folder(own):
    own.run("mfdown")
    with open(own.home / "monolith" / "lock", "a") as lock:
        # As one would on another machine, or in a container: nobody sees it here.
        fcntl.flock(lock, fcntl.LOCK_EX)
        (own.home / "monolith" / "process.json").unlink()
        assert "another monolith" in refusal(own)
        down = own.run("mfdown", check=False)
        assert down.returncode == 1 and "another monolith" in down.stderr
    own.up()


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a disk of its own, which is soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "none", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    # That is refused while anything runs there.
    deadline = time.monotonic() + 60
    while subprocess.run(["umount", str(folder)], capture_output=True).returncode:
        if time.monotonic() > deadline:
            subprocess.run(["umount", "-l", str(folder)], check=True)
            pytest.fail(f"something goes on running in {folder}")
        time.sleep(0.1)


@pytest.fixture
def cramped(small_disk, another):
    """Return a monolith on a small disk, which stays until that is down."""
    another.move_to(small_disk / "home")
    return another


def fill(folder, left):
    """Fill a disk, but for so many bytes."""
    # Unbuffered, so that it takes what there is if others have written meanwhile.
    with open(folder / "filling", "wb", buffering=0) as file:
        file.write(bytes(shutil.disk_usage(folder).free - left))


def test_a_disk_that_is_full_at_the_start(cramped, small_disk):
    fill(small_disk, TOO_SMALL_BYTES)
    assert "MB left" in refusal(cramped)


def test_a_disk_that_fills_up_while_people_chat(cramped, small_disk):
    cramped.up()
    ada = Person(cramped.url, "ada")
    said = [ada.say("before")]
    fill(small_disk, 0)
    statuses = set()
    for _ in range(200):
        body = {"source": "x" * 16_000}
        answer = ada.send("POST", "/api/messages", json=body, check=False)
        statuses.add(answer.status_code)
        if answer.ok:
            said.append(answer.json())
        else:
            assert answer.json()["error"]
            break
    assert 503 in statuses
    for one in said:
        assert ada.send("GET", one["_links"]["self"]).json()["source"] == one["source"]
    (small_disk / "filling").unlink()
    assert ada.say("there is room again")
