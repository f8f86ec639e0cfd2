"""What holds however instances run: the same commands, the same registry.

A new runtime has to pass these tests and needs no others.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pymysql
import pytest
import requests
from daemons import wait_for
from handling import handle
from platforms import Platform
from repositories import commit
from under_load import under_load

from mfplatform.state import memory


def names(platform: Platform) -> list[str]:
    return [one["instance"] for one in platform.status()["instances"]]


def etcd(platform: Platform, method: str, key: str, **form: str) -> None:
    url = f"{platform.registry}/v2/keys/services/{key}"
    requests.request(method, url, data=form, timeout=30).raise_for_status()


def test_mfstatus_shows_the_runtime_and_all_parts_running(platform: Platform) -> None:
    status = platform.status()
    assert status["runtime"] == platform.runtime
    parts = {one["name"]: one["state"] for one in status["parts"]}
    assert set(parts.values()) == {"running"}
    assert set(parts) >= {"etcd", "registry", "mariadb", "redis", "haproxy", "renderer"}
    (instance,) = status["instances"]
    assert (instance["health"], instance["routed"]) == ("ready", "ready")
    assert instance["pid"] and instance["since"] and instance["version"] == "1"


def test_mfup_knows_the_runtime_by_its_folder(platform: Platform) -> None:
    shown = platform.done("mfup", "--help")
    assert re.search(rf"^    --{platform.runtime} +\w", shown, re.MULTILINE)


def test_the_registry_says_where_an_instance_is(platform: Platform) -> None:
    (instance,) = platform.status()["instances"]
    tree = platform.done("etcd-dump", "/services/echo").splitlines()
    told = dict(line.strip().split(" = ") for line in tree if " = " in line)
    assert told["location"] == "/api/echo"
    assert told["balance"] == "roundrobin"
    assert told[instance["instance"]] == instance["address"]
    network = platform.host.rpartition(".")[0]
    assert instance["address"].startswith(f"{network}.")


def test_mfrun_prints_the_name_of_an_instance_that_is_routed(
    platform: Platform,
) -> None:
    name = platform.done("mfrun", "echo", "1", "--", "GREETING=good day")
    assert name.startswith("echo-")
    told = [platform.get("/api/echo")[1] for _ in range(6)]
    greetings = {one["instance"]: one["greeting"] for one in told}
    assert greetings.pop(name) == "good day"
    assert list(greetings.values()) == [None]


def test_an_instance_gets_what_the_contract_promises(platform: Platform) -> None:
    given = set(platform.get("/api/echo")[1]["environment"])
    contract = "LB LB_ALGORITHM ETCD REDIS SECRET_KEY JWT_SECRET_KEY DATABASE_URL"
    contract += " SERVICE_NAME SERVICE_URL SERVICE_ADDRESS SERVICE_VERSION"
    contract += " INSTANCE_NAME HOST_IP_ADDRESS"
    assert given >= set(contract.split())


def test_a_service_may_have_more_locations_than_one(platform: Platform) -> None:
    status, told = platform.get("/api/sounds/1")
    assert status == 200
    assert "SERVICE_LOCATIONS" in told["environment"]


def test_five_mfrun_at_once_give_five_instances(platform: Platform) -> None:
    before = names(platform)
    with ThreadPoolExecutor(5) as pool:
        new = list(pool.map(lambda _: platform.done("mfrun", "echo"), range(5)))
    assert sorted(names(platform)) == sorted(before + new)
    answers = {platform.get("/api/echo")[1]["instance"] for _ in range(12)}
    assert answers == set(before + new)


def test_an_instance_that_dies_at_its_start_leaves_its_last_words_only(
    platform: Platform,
) -> None:
    before = names(platform)
    result = platform.mf("mfrun", "echo", "--", "ECHO_FAILS=yes")
    assert (result.returncode, result.stdout) == (1, "")
    assert "stopped right after its start" in result.stderr
    assert "echo fails as it was told" in result.stderr
    assert names(platform) == before


def test_an_image_that_was_never_built_is_named(platform: Platform) -> None:
    result = platform.mf("mfrun", "echo", "7")
    assert result.returncode == 1
    # Other tests of this file may have built more.
    named = re.search(r"there is no image echo:7 \(there are: (.+)\)", result.stderr)
    assert named is not None
    assert {"1", "latest"} <= set(named[1].split(", "))
    assert "7" not in named[1].split(", ")
    assert "mfbuild echo@7" in result.stderr


def test_mfkill_under_load_loses_no_request(platform: Platform) -> None:
    killed = [platform.done("mfrun", "echo") for _ in range(2)]
    with under_load(platform, clients=3) as statuses:
        assert [platform.done("mfkill", name) for name in killed] == killed
    assert statuses == {200}
    assert not set(killed) & set(names(platform))


def test_mfkill_stops_an_instance_that_hangs(handled: Platform) -> None:
    name = handled.done("mfrun", "echo")
    handle(handled, "freeze", name)
    assert handled.done("mfkill", name) == name
    assert name not in names(handled)


def test_mfkill_all_leaves_the_platform(platform: Platform) -> None:
    assert platform.done("mfkill", "all").startswith("echo-")
    assert platform.get("/api/echo")[0] in (404, 503)
    assert "nothing to do" in platform.mf("mfkill", "echo").stderr
    platform.done("mfrun", "echo")
    assert platform.works()


@pytest.mark.parametrize("name", ["instance", "haproxy", "etcd"])
def test_what_is_killed_is_back(handled: Platform, name: str) -> None:
    if name == "instance":
        (name,) = names(handled)
    killed = handled.pid(name)
    handle(handled, "kill", name)
    wait_for(lambda: handled.works() and handled.pid(name) != killed, 30)
    assert handled.get("/api/echo")[0] == 200


def test_what_stands_still_runs_and_goes_on(handled: Platform) -> None:
    (row,) = handled.status()["instances"]
    name, url = row["instance"], f"http://{row['address']}/healthz"
    taken = handle(handled, "memory", name)
    assert 1_000_000 < taken["used"] < (taken["most"] or memory.available())
    handle(handled, "freeze", name)
    with pytest.raises(requests.Timeout):
        requests.get(url, timeout=1)
    assert handled.pid(name) == row["pid"]
    handle(handled, "thaw", name)
    assert requests.get(url, timeout=60).status_code == 200
    # There is nothing to go on, and nobody.
    handle(handled, "thaw", name)
    handle(handled, "kill", "echo-0")


def test_mflogs_shows_what_an_instance_said_even_when_it_is_gone(
    platform: Platform,
) -> None:
    name = platform.done("mfrun", "echo")
    shown = platform.done("mflogs", name)
    assert shown.startswith(name) and f"{name} starts" in shown
    platform.done("mfkill", name)
    assert f"{name} starts" in platform.done("mflogs", "echo")


def test_mfenv_leads_to_the_database_and_the_registry(platform: Platform) -> None:
    lines = platform.done("mfenv", "echo").splitlines()
    env = dict(line.split("=", 1) for line in lines)
    assert env["LB"] == f"http://{platform.host}:{platform.settings['SERVICES_PORT']}"
    with requests.get(f"{env['ETCD']}/v2/keys/services/echo/location") as answer:
        assert b"/api/echo" in answer.content
    user, _, rest = env["DATABASE_URL"].partition("://")[2].partition(":")
    password, _, server = rest.partition("@")
    port = int(server.split("/")[0].split(":")[1])
    pymysql.connect(
        host=platform.host, port=port, user=user, password=password, database="echo"
    ).close()


class Own(BaseHTTPRequestHandler):
    """A server in somebody's shell, on the loopback address only."""

    def do_GET(self) -> None:
        body = b'{"instance": "mine"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def own_port() -> Any:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    Thread(target=server.serve_forever, daemon=True).start()
    yield str(server.server_port)
    server.shutdown()
    server.server_close()


def answers(platform: Platform, path: str) -> set[str]:
    found = (platform.get(path) for _ in range(8))
    return {body.get("instance", "") for _, body in found}


def test_mfdev_brings_traffic_to_a_server_in_the_shell(
    platform: Platform, own_port: str
) -> None:
    platform.done("mfdev", "start", "echo", own_port)
    wait_for(lambda: "mine" in answers(platform, "/api/echo"))
    platform.done("mfdev", "stop", "echo")
    wait_for(lambda: "mine" not in answers(platform, "/api/echo"))


def test_a_monolith_takes_part_with_two_keys_and_leaves_with_one_delete(
    platform: Platform, own_port: str
) -> None:
    etcd(platform, "PUT", "monolith/location", value="/api")
    etcd(platform, "PUT", "monolith/upstream/server", value=f"127.0.0.1:{own_port}")
    wait_for(lambda: answers(platform, "/api/anything") == {"mine"})
    assert "mine" not in answers(platform, "/api/echo")
    etcd(platform, "DELETE", "monolith?recursive=true")
    wait_for(lambda: platform.get("/api/anything")[0] == 404)


def test_a_release_from_history_runs_beside_the_others(platform: Platform) -> None:
    (platform.folder / ".gitignore").write_text(".microflack/\n__pycache__/\n")
    commit(platform.folder, "echo 2", "echo 2")
    platform.done("mfbuild", "echo@2")
    name = platform.done("mfrun", "echo", "2")
    (row,) = [i for i in platform.status()["instances"] if i["instance"] == name]
    assert row["health"] == "ready"
    assert "nothing to do" in platform.done("mfbuild", "echo@2")


def test_a_change_is_built_beside_what_runs(platform: Platform) -> None:
    (before,) = names(platform)
    with open(platform.folder / "microflack_echo" / "echo.py", "a") as source:
        source.write("# a change\n")
    assert "built" in platform.done("mfbuild", "echo")
    platform.done("mfrun", "echo", "latest")
    assert before in names(platform)


def test_an_upgrade_replaces_what_runs_and_can_be_taken_back(
    platform: Platform,
) -> None:
    (before,) = names(platform)
    (platform.folder / "microflack_echo" / "VERSION").write_text("3\n")
    platform.done("mfbuild", "echo")
    platform.done("mfupgrade", "roll", "echo", "--watch", "1")
    (row,) = platform.status()["instances"]
    assert (row["version"], row["routed"]) == ("3", "ready")
    assert row["instance"] != before
    platform.done("mfupgrade", "rollback", "echo")
    assert {one["version"] for one in platform.status()["instances"]} == {"1"}


def test_secrets_stand_on_no_command_line(platform: Platform) -> None:
    files = [platform.home / "secrets.env", platform.home / "secrets" / "echo.env"]
    text = "\n".join(file.read_text() for file in files)
    secrets = [line.split("=", 1)[1] for line in text.splitlines() if line]
    command = ["ps", "axww", "-o", "args"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert len(secrets) >= 5
    assert not [secret for secret in secrets if secret in shown]


def test_everything_listens_on_one_address_and_no_more(platform: Platform) -> None:
    command = ["ss", "-ltn"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # These have a listener only while a certificate or figures are asked for, with a
    # store, or where there are more hosts than one.
    others = {"ACME_PORT", "OPENBAO_PORT", "OPENBAO_CLUSTER_PORT", "IMAGES_PORT"}
    others |= {"PROMETHEUS_PORT"}
    settings = {k: v for k, v in platform.settings.items() if k not in others}
    ports = [v for k, v in settings.items() if k.endswith("_PORT") and v]
    found = [one["address"].split(":") for one in platform.status()["instances"]]
    ports += [port for host, port in found if host == platform.host]
    assert len(ports) >= 6
    for port in ports:
        rows = [row.split()[3] for row in shown.splitlines() if f":{port} " in row]
        assert len(rows) == 1
        assert rows[0] in (f"127.0.0.1:{port}", f"{platform.host}:{port}")


def test_what_ran_comes_back_with_its_data_after_mfdown(platform: Platform) -> None:
    platform.done("mfrun", "echo", "--", "GREETING=back")
    before = names(platform)
    platform.done("mfdown")
    assert platform.mf("mfstatus").returncode == 1
    assert "echo-" in platform.done("mflogs", "echo", "-n", "3")
    platform.done("mfup")
    assert names(platform) == before
    greetings = {platform.get("/api/echo")[1]["greeting"] for _ in range(4)}
    assert greetings == {"back", None}


def test_mfup_again_changes_nothing(platform: Platform) -> None:
    before = platform.lasting_status(), platform.settings
    result = platform.mf("mfup")
    assert (platform.lasting_status(), platform.settings) == before
    assert "Starting" not in result.stderr


def test_the_runtime_of_a_platform_cannot_be_changed(platform: Platform) -> None:
    other = "--docker" if platform.runtime == "process" else "--process"
    result = platform.mf("mfup", other)
    assert result.returncode == 1
    assert "cannot be changed" in result.stderr
    assert platform.works()
