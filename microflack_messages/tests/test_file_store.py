"""Files in an S3 store: a real one, SeaweedFS."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import exif, picture
from uploading import upload, uploaded

from microflack_common.config import ConfigError
from microflack_common.errors import ServiceUnavailable
from microflack_common.testing import SECRET, ServerProcess, free_port, started
from microflack_messages.config import Config
from microflack_messages.files import removal, s3_store
from microflack_messages.files.models import File, FileChunk
from microflack_messages.files.s3_store import Address, S3Store
from microflack_messages.models import db

BUCKET, ID, KEY = "chat", "the-id", "the/secret+key"
LARGE = b"".join(number.to_bytes(4, "big") for number in range(300_000))


class SeaweedFS(ServerProcess):
    """A real weed that stores into a folder."""

    def __init__(self, folder: Path) -> None:
        ports = [free_port() for _ in range(8)]
        self.endpoint = f"http://127.0.0.1:{ports[0]}"
        may_do = {"accessKey": ID, "secretKey": KEY}
        identity = {"name": "chat", "credentials": [may_do], "actions": ["Admin"]}
        config = folder / "s3.json"
        config.write_text(json.dumps({"identities": [identity]}))
        parts = ("s3", "master", "volume", "filer")
        names = [f"{one}.port{kind}" for kind in ("", ".grpc") for one in parts]
        options = [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
        super().__init__(
            [weed(), "server", "-ip=127.0.0.1", f"-dir={folder}", "-s3",
             f"-s3.config={config}", "-volume.max=2",
             "-master.volumeSizeLimitMB=64", *options]
        )  # fmt: skip

    def answers(self) -> bool:
        """Have the bucket, or say that it cannot be had yet."""
        try:
            client = s3_store._connect(address(self.endpoint))
            client.create_bucket(Bucket=BUCKET)
        except Exception:
            return False
        return True


def weed():
    """Return where the server's program is."""
    return str(Path(sys.executable).with_name("weed"))


def address(endpoint):
    return Address(endpoint, BUCKET, "files/", "us-east-1", ID, KEY)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a running store with a bucket."""
    with started(SeaweedFS(tmp_path_factory.mktemp("weed"))) as server:
        yield server


@pytest.fixture(scope="module")
def settings(settings, server):
    """Return settings with the store."""
    host = server.endpoint.removeprefix("http://")
    url = f"s3+http://{ID}:the%2Fsecret%2Bkey@{host}/{BUCKET}/files"
    return settings | {"FILES_STORE": url}


@pytest.fixture(scope="module")
def s3(server):
    """Return the store as its users know it."""
    return s3_store._connect(address(server.endpoint))


def names(s3):
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix="files/")
    return [one["Key"] for one in found.get("Contents", [])]


def test_files_are_kept_there_and_not_in_the_database(app, client, ada, s3):
    file = uploaded(client, LARGE, ada)
    assert client.get(file["url"], headers=ada, buffered=True).data == LARGE
    part = client.get(file["url"], headers=ada | {"Range": "bytes=999999-1000003"})
    assert (part.status_code, part.data) == (206, LARGE[999_999:1_000_004])
    assert f"files/{file['url'].rpartition('/')[2]}" in names(s3)
    with app.app_context():
        assert db.session.query(FileChunk).count() == 0


def test_pictures_are_cleaned_there_too(client, ada):
    file = uploaded(client, picture("JPEG", exif=exif()), ada)
    assert b"Ada" not in client.get(file["url"], headers=ada).data
    small = client.get(file["thumbnail_url"], headers=ada)
    assert small.data.startswith(b"RIFF")


def test_what_goes_goes_there_too(app, client, ada, s3):
    uploaded(client, picture("PNG"), ada)
    with app.app_context():
        db.session.query(File).update({"expires_at": 1})
        db.session.commit()
    before = names(s3)
    removal.remove(app)
    assert len(names(s3)) == len(before) - 2


def test_files_from_before_stay_in_the_database(app, another, client, ada):
    before = another(FILES_STORE="").test_client()
    file = uploaded(before, b"hello", ada)
    assert client.get(file["url"], headers=ada).data == b"hello"


def test_without_the_setting_what_is_there_is_not_found_but_named(another, client, ada):
    file = uploaded(client, b"hello", ada)
    answer = another(FILES_STORE="").test_client().get(file["url"], headers=ada)
    assert answer.status_code == 503
    assert "FILES_STORE" in answer.json["error"]


def test_while_it_is_away_all_else_works(another, post, ada):
    url = f"s3+http://a:b@127.0.0.1:{free_port()}/{BUCKET}"
    client = another(FILES_STORE=url).test_client()
    answer = upload(client, b"hello", ada)
    assert answer.status_code == 503
    assert "store of files is away" in answer.json["error"]
    assert client.get("/readyz").status_code == 200
    assert post()["files"] == []


def test_it_says_whose_secret_is_wrong(server):
    wrong = S3Store(address(server.endpoint)._replace(secret_key="wrong"))
    with pytest.raises(ServiceUnavailable):
        list(wrong.read("x", 0, 5))


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("s3://b", (None, "b", "", "", None, None)),
        ("s3://b/a/c?region=eu-west-1", (None, "b", "a/c/", "eu-west-1", None, None)),
        (
            "s3+https://i:s%2F@h:8/b/p",
            ("https://h:8", "b", "p/", "us-east-1", "i", "s/"),
        ),
        ("s3+http://h/b", ("http://h", "b", "", "us-east-1", None, None)),
    ],
)
def test_addresses_are_understood(url, found):
    assert s3_store.parse(url) == Address(*found)


@pytest.mark.parametrize("url", ["/tmp", "http://h/b", "s3+https://h", "s3://", "s3:b"])
def test_an_address_that_makes_no_sense_is_named(url):
    with pytest.raises(ConfigError, match="FILES_STORE must be s3://BUCKET"):
        Config({"JWT_SECRET_KEY": SECRET, "FILES_STORE": url})


def test_the_service_loads_neither_library_before_it_needs_it(settings):
    command = "from microflack_messages.app import create_app\n"
    command += "import sys; create_app(); print(sorted(sys.modules))"
    own = settings | {"PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", command], env=own, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    loaded = said.stdout
    assert "'flask'" in loaded
    for name in ("'PIL'", "'boto3'", "'botocore'"):
        assert name not in loaded
