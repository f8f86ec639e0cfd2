"""A backup while people chat, brought back as whatever kind of platform."""

import json
import os
import zipfile
from types import SimpleNamespace

import pytest
import requests
from chat import ADMIN, Person, Platform
from moving import kill_when
from talking import Talker, check_nothing_is_wrong, stored

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """Have a file with a passphrase, and commands know it."""
    file = tmp_path_factory.mktemp("secret") / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MF_BACKUP_PASSPHRASE_FILE", str(file))
        yield file


def files_of(person, url):
    """Return the content of all files that somebody sees."""
    found = [one for message in stored(url) for one in message["files"]]
    return {
        one["url"]: requests.get(
            url + one["url"], headers=person.session.headers, timeout=60
        ).content
        for one in found
    }


@pytest.fixture(scope="module")
def backup(platform, secret, tmp_path_factory):
    """Back a monolith up while people chat; return the file, and what there was."""
    platform.environ["MF_BACKUP_PASSPHRASE_FILE"] = str(secret)
    ada = Person(platform.url, "ada of the backup")
    content = os.urandom(600_000)
    upload = {"file": ("some data", content)}
    sent = ada.send("POST", "/api/rooms/1/files", files=upload).json()
    body = {"source": "with a file", "files": [sent["id"]]}
    ada.send("POST", "/api/messages", json=body)
    talkers = [Talker(platform.url) for _ in range(3)]
    for one in talkers:
        one.start()
    before = [ada.say(f"number {number}") for number in range(20)]
    file = tmp_path_factory.mktemp("backup") / "chat.mfbackup"
    told = json.loads(platform.run("mfbackup", str(file), "--json").stdout)
    for one in talkers:
        while len(one.acknowledged) < 15:
            assert one.is_alive() and not one.failures
            one.join(0.1)
        one.done.set()
        one.join()
    return SimpleNamespace(
        file=file, told=told, ada=ada, before=before, content=content, talkers=talkers
    )


def check_restored(backup, source_url, url):
    """See that all is there that was acknowledged before, and fits together."""
    there, here = stored(source_url), stored(url)
    by_id = {one["id"]: one for one in here}
    assert [by_id[one["id"]] for one in backup.before] == backup.before
    last = here[-1]["change"]
    assert here == [one for one in there if one["change"] <= last]
    people = requests.get(f"{url}/api/users", timeout=60).json()["users"]
    assert {one["user_id"] for one in here} <= {one["id"] for one in people}
    assert list(files_of(backup.ada, url).values()) == [backup.content]


def test_it_is_brought_back_as_services_and_from_there_as_a_monolith(
    platform, another, backup, tmp_path
):
    check_nothing_is_wrong(backup.talkers, platform.url)
    services = Platform(tmp_path / "services")
    file = tmp_path / "again.mfbackup"
    try:
        done = services.run("mfrestore", str(backup.file))
        assert done.stdout.splitlines()[-1].rstrip("/") == services.url
        check_restored(backup, platform.url, services.url)
        # Who was signed in still is, and everybody goes on.
        backup.ada.url = services.url
        said = backup.ada.say("in the services")
        services.run("mfbackup", str(file))
        services.run("mfbackup", "--verify", str(file))
        before = stored(services.url)
        assert before[-1] == said
    finally:
        backup.ada.url = platform.url
        services.run("mfdown", check=False)
    another.run("mfrestore", str(file), "--monolith", "--no-secrets")
    assert stored(another.url) == before
    ada = backup.ada.session.headers
    answer = requests.get(f"{another.url}/api/tokens", headers=ada, timeout=60)
    assert answer.status_code == 401
    backup.ada.url = another.url
    assert backup.ada.sign_in()
    backup.ada.url = platform.url


def test_an_interrupted_restore_lets_nothing_start_before_it_is_done(
    another, backup, secret
):
    another.environ["MF_BACKUP_PASSPHRASE_FILE"] = str(secret)
    command = [ADMIN / "bin" / "mfrestore", str(backup.file), "--monolith"]
    kill_when(command, another.environ, "rows, equal")
    refused = another.up(check=False)
    assert refused.returncode == 1 and "mfrestore FILE" in refused.stderr
    another.run("mfrestore", str(backup.file), "--monolith")
    assert [one["id"] for one in stored(another.url)][-1] >= backup.before[-1]["id"]
    backup.ada.url = another.url
    assert backup.ada.send("GET", "/api/tokens").ok
    # Where there is a chat nothing is replaced but by that word; then it is kept.
    another.run("mfdown")
    refused = another.run("mfrestore", str(backup.file), check=False)
    assert refused.returncode == 1 and "has a chat already" in refused.stderr
    another.run("mfrestore", str(backup.file), "--replace")
    (kept,) = (another.home / "replaced").iterdir()
    assert (kept / "messages.db").exists()


@pytest.fixture
def changed(backup, tmp_path):
    """Return copies of the backup that are no good, by what is said of them."""
    whole = backup.file.read_bytes()
    wrong = {name: tmp_path / name for name in ("cut", "flipped", "newer", "foreign")}
    wrong["cut"].write_bytes(whole[: len(whole) // 2])
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    wrong["flipped"].write_bytes(flipped)
    wrong["foreign"].write_bytes(b"%PDF-1.4 something else")
    with (
        zipfile.ZipFile(backup.file) as one,
        zipfile.ZipFile(wrong["newer"], "w") as to,
    ):
        for name in one.namelist():
            data = one.read(name)
            if name == "manifest.json":
                data = data.replace(b'"revision": "0', b'"revision": "9')
            to.writestr(name, data)
    return wrong


def test_what_is_no_good_changes_nothing(another, changed):
    for name, file in changed.items():
        for command in (("mfrestore", "--monolith"), ("mfbackup", "--verify")):
            done = another.run(*command, str(file), check=False)
            assert done.returncode == 1 and not done.stdout, name
            (said,) = done.stderr.splitlines()
            assert f"{file} is no good: " in said
            assert ("newer release" in said) == (name == "newer")
    assert not (another.home / "settings.env").exists()


def test_a_wrong_passphrase_and_none_are_told(platform, another, backup, tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("another one\n")
    another.environ["MF_BACKUP_PASSPHRASE_FILE"] = str(file)
    done = another.run("mfrestore", str(backup.file), "--monolith", check=False)
    assert done.returncode == 1 and "does not open" in done.stderr
    assert not list((another.home / "monolith").glob("*.db*"))
    another.environ.pop("MF_BACKUP_PASSPHRASE_FILE")
    done = another.run("mfrestore", str(backup.file), "--monolith", check=False)
    assert done.returncode == 2 and "--no-secrets" in done.stderr
    platform.environ.pop("MF_BACKUP_PASSPHRASE_FILE")
    done = platform.run("mfbackup", str(tmp_path / "b"), check=False)
    assert done.returncode == 2 and "--no-secrets" in done.stderr
    assert not list(tmp_path.glob("b*"))
    told = json.loads(platform.run("mfstatus", "--json").stdout)["backup"]
    assert "--no-secrets" in told["problem"]
    assert "The last backup failed" in platform.run("mfstatus").stdout
