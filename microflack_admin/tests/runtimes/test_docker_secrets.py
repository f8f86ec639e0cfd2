"""A secrets store for containers."""

import json
from pathlib import Path

from engines import Engine
from platforms import Platform
from test_docker import inspect, instances

from mfplatform.secrets_store import start, store
from mfplatform.state.home import Home


def environment(engine: Engine, platform: Platform) -> dict[str, str]:
    """Return what the process of the one instance has in its environment."""
    (one,) = instances(engine, platform)
    told = Path(f"/proc/{one['State']['Pid']}/environ").read_text().split("\0")
    return dict(line.split("=", 1) for line in told if line)


def test_containers_get_their_secrets_from_a_store(
    engine: Engine, another: Platform
) -> None:
    another.done("mfup", "--docker")
    before = environment(engine, another)
    another.done("mfup", "--secrets", "openbao")
    assert another.works()
    parts = {part["name"] for part in another.status()["parts"]}
    assert {"openbao", "leases"} <= parts
    given = environment(engine, another)
    assert given["JWT_SECRET_KEY"] == before["JWT_SECRET_KEY"]
    assert given["DATABASE_URL"] != before["DATABASE_URL"]
    assert start.SECRET_ID not in given
    # Neither who may ask the engine nor the disk has it.
    shown = json.dumps(inspect(engine, another))
    key = store.key_file(Home(another.home)).read_text()
    for secret in (given["JWT_SECRET_KEY"], given["DATABASE_URL"], key):
        assert secret not in shown
    for file in another.home.glob("instances/*/*"):
        assert given["JWT_SECRET_KEY"] not in file.read_text()
    # The engine starts what died, and it comes in again.
    (one,) = instances(engine, another)
    engine.docker("restart", one["Id"])
    another.done("mfup")
    assert another.works()
    assert environment(engine, another)["DATABASE_URL"] != given["DATABASE_URL"]
    another.done("mfsecrets", "seal")
    assert another.get("/api/echo")[0] == 200
    another.done("mfsecrets", "unseal")
    another.done("mfup", "--secrets", "files")
    assert another.works()
    after = environment(engine, another)
    assert after["JWT_SECRET_KEY"] == before["JWT_SECRET_KEY"]
