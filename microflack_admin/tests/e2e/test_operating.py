"""What an operator does while people chat."""

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from chat import released_services


def test_a_second_mfup_changes_nothing(platform):
    before = json.loads(platform.run("mfstatus", "--json").stdout)
    result = platform.run("mfup")
    assert result.stdout.splitlines()[-1].rstrip("/") == platform.url
    after = json.loads(platform.run("mfstatus", "--json").stdout)
    # It fills by itself.
    del before["disk"], after["disk"]
    assert after == before


def test_every_service_that_is_here_runs_and_is_healthy(platform):
    status = json.loads(platform.run("mfstatus", "--json").stdout)
    running = {one["service"] for one in status["instances"]}
    assert running == {"ui", "users", "tokens", "messages", "socketio"}
    assert {one["health"] for one in status["instances"]} == {"ready"}


def test_a_second_instance_shares_the_work_and_leaves_without_a_trace(platform, person):
    ada = person("ada")
    name = platform.run("mfrun", "users").stdout.strip()
    try:
        for _ in range(20):
            ada.send("GET", "/api/users")
        log = platform.run("mflogs", name).stdout
        assert "GET /api/users 200" in log
    finally:
        platform.run("mfkill", name)
    assert [one["instance"] for one in platform.instances("users")] != [name]
    ada.send("GET", "/api/users")


def test_a_request_can_be_followed_through_all_services(platform, person):
    ada = person("ada")
    # What a client calls its request is not believed: two could share an id.
    own = {"X-Request-ID": "followed-0001"}
    answer = ada.send("POST", "/api/tokens", check=False, headers=own)
    request_id = answer.headers["X-Request-ID"]
    assert request_id not in own.values()
    lines = platform.run("mflogs", "tokens", "--json").stdout.splitlines()
    assert any(request_id in line for line in lines)


def test_no_secret_stands_in_a_log_or_on_a_command_line(platform):
    text = (platform.home / "secrets.env").read_text()
    secrets = re.findall(r"^\w+=(.+)$", text, re.MULTILINE)
    for file in (platform.home / "secrets").glob("*.env"):
        secrets += re.findall(r"^\w+=(.+)$", file.read_text(), re.MULTILINE)
    assert len(secrets) >= 6
    logs = platform.run("mflogs").stdout
    commands = subprocess.run(
        ["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True
    ).stdout
    for secret in secrets:
        assert secret not in logs
        assert secret not in commands


def test_all_secrets_are_for_their_owner_only(platform):
    files = [platform.home / "secrets.env", platform.home / "settings.env"]
    files += (platform.home / "secrets").iterdir()
    files += (platform.home / "instances").glob("*/env")
    assert len(files) > 5
    for file in files:
        assert file.stat().st_mode & 0o077 == 0, file


def test_the_statistics_need_the_password(platform):
    address = f"http://127.0.0.1:{platform.setting('OPERATOR_PORT')}/stats"
    assert requests.get(address, timeout=30).status_code == 401
    text = (platform.home / "secrets.env").read_text()
    password = re.search(r"^STATS_PASSWORD=(.+)$", text, re.MULTILINE)[1]
    answer = requests.get(address, auth=("admin", password), timeout=30)
    assert answer.status_code == 200
    assert "users-1" in answer.text


@pytest.mark.parametrize("service", ["users", "messages"])
def test_an_environment_for_development_can_be_printed(platform, service):
    lines = platform.run("mfenv", service).stdout.splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    assert values["SERVICE_NAME"] == service
    assert "mysql+pymysql://" in values["DATABASE_URL"]


def test_every_release_can_be_built_from_history_and_run(platform):
    releases = {}
    for name, number in released_services():
        releases.setdefault(name, []).append(number)
    assert set(releases) >= {"ui", "users", "tokens", "messages", "socketio"}
    all_of_them = [f"{name}@{n}" for name in releases for n in releases[name]]
    platform.run("mfbuild", *all_of_them)

    def run_all(name):
        # Each alone: some of them may not run beside the newest.
        platform.run("mfkill", name)
        for number in releases[name]:
            instance = platform.run("mfrun", name, number).stdout.strip()
            (row,) = (i for i in platform.instances(name) if i["instance"] == instance)
            assert (row["version"], row["health"]) == (number, "ready")
            platform.run("mfkill", instance)
        platform.run("mfrun", name, "latest")

    with ThreadPoolExecutor() as pool:
        list(pool.map(run_all, releases))


def test_stopping_and_starting_keeps_everything(platform, person):
    message = person("ada").say("this stays")
    platform.run("mfdown")
    assert platform.run("mfstatus", check=False).returncode == 1
    platform.run("mfup")
    address = platform.url + message["_links"]["self"]
    assert requests.get(address, timeout=30).json()["source"] == "this stays"
