"""The templates: sound, made, changed and removed whole."""

import subprocess

import pytest
from amazon import ADMIN, ECS, TOOLS

from mfplatform.state.home import read_env

TEMPLATES = sorted(ECS.glob("*.yaml"))
SERVICES = {
    file.parent.name.removeprefix("microflack_"): read_env(file)
    for file in sorted(ADMIN.parent.glob("microflack_*/service.env"))
}
STACKS = ["network", "balancer", "data", "registry", *SERVICES]


def test_templates_are_sound():
    command = [TOOLS / "cfn-lint", "--regions", "eu-west-1", "--"]
    done = subprocess.run([*command, *TEMPLATES], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--platform", "other"], "--images and --access are needed the first time"),
        (["--access", "all"], "--access needs open or members, not 'all'"),
        (["--images"], "--images needs where the images are"),
        (["--size", "huge"], "--size needs small or production, not 'huge'"),
        (["--certificate", "x"], "--certificate needs the ARN of a certificate"),
        (["nobody"], "there is no service 'nobody'"),
        (["--bucket", "x"], "--bucket needs the name of a bucket of S3, not 'x'"),
        (["--fast"], "unknown option --fast"),
    ],
)
def test_a_wrong_call_changes_nothing(amazon, arguments, said):
    before = amazon.stacks()
    done = amazon.deploy(*arguments)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[0]
    assert amazon.stacks() == before


def test_all_stacks_are_made(deployed):
    assert deployed.stacks() == {
        f"microflack-{name}": "CREATE_COMPLETE" for name in STACKS
    }


@pytest.mark.parametrize("balancer", ["Public", "Inner"])
def test_longer_paths_come_first(deployed, balancer):
    rules = deployed.rules(deployed.output("balancer", f"{balancer}Listener"))
    found = [rule["Conditions"][0]["PathPatternConfig"]["Values"] for rule in rules]
    expected = [
        [
            pattern
            for path in (one["SERVICE_URL"], *one.get("SERVICE_LOCATIONS", "").split())
            for pattern in ((path, f"{path}/*") if path != "/" else ("/*",))
        ]
        for one in SERVICES.values()
    ]
    assert sorted(found) == sorted(expected)
    lengths = [max(map(len, values)) for values in found]
    assert lengths == sorted(lengths, reverse=True)


def test_the_gate_gives_the_rights_that_services_declare(deployed):
    given = deployed.environment(deployed.containers("registry")["gate"])
    for service, settings in SERVICES.items():
        for verb in ("READS", "WRITES"):
            declared = settings.get(f"REGISTRY_{verb}", "")
            assert given.get(f"{verb}_{service}", "") == declared
        assert (f"PASSWORD_{service}" in given) == ("REGISTRY_READS" in settings)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_what_it_declares_and_no_more(deployed, service):
    settings, containers = SERVICES[service], deployed.containers(service)
    needs = {
        "DATABASE_URL": settings["NEEDS_DB"],
        "REDIS": settings["NEEDS_REDIS"],
        "JWT_SECRET_KEY": settings["NEEDS_JWT_KEY"],
        "SERVICE_KEY": settings["NEEDS_SERVICE_KEY"],
        "WEB_PUSH_KEY": settings.get("NEEDS_WEB_PUSH_KEY", "no"),
        "ETCD": "yes" if "REGISTRY_READS" in settings else "no",
    }
    given = deployed.environment(containers["service"])
    assert {n: "yes" if n in given else "no" for n in needs} == needs
    assert ("setup" in containers) == (settings["NEEDS_DB"] == "yes")
    assert "ROOT_PASSWORD" not in given


def test_one_service_is_changed_and_nothing_else(deployed):
    done = deployed.deploy("--access", "members", "--bucket", "files", "messages")
    assert done.returncode == 0, done.stderr
    states = deployed.stacks()
    assert states.pop("microflack-messages") == "UPDATE_COMPLETE"
    assert set(states.values()) == {"CREATE_COMPLETE"}
    given = deployed.environment(deployed.containers("messages")["service"])
    assert given["ACCESS"] == "members"
    assert given["FILES_STORE"] == "s3://files"


def test_all_is_removed_in_the_end(deployed):
    done = deployed.deploy("--delete")
    assert done.returncode == 0, done.stderr
    assert deployed.stacks() == {}
    assert deployed.ask("secretsmanager", "list_secrets")["SecretList"] == []
