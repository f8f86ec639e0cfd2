"""The manifests: sound, up to date, and as the services declare."""

import subprocess

import pytest
import yaml
from rendered import (
    INSTALL,
    SERVICES,
    TOOLS,
    containers,
    kustomize,
    pods,
    variables,
)

from mfplatform.kubernetes.declared import routes

OVERLAYS = ["small", "production"]
OLDEST, NEWEST = "1.25", "1.37"


@pytest.fixture(scope="module", autouse=True)
def tools():
    if not TOOLS.exists():
        pytest.skip("kubectl is not here: mftest kubernetes installs it")


@pytest.fixture(scope="module", params=OVERLAYS)
def objects(request):
    """Return all objects of an overlay."""
    return kustomize(INSTALL / request.param)


def validate(objects, folder):
    file = folder / "all.yaml"
    file.write_text(yaml.safe_dump_all(objects))
    script = INSTALL.parents[1] / "tests" / "kubernetes" / "validate.py"
    command = [TOOLS / "python", script, file, OLDEST, "1.31", NEWEST]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_they_fit_the_schemas_of_all_versions(objects, tmp_path):
    assert validate(objects, tmp_path) == []


def test_a_misspelt_field_would_be_found(objects, tmp_path):
    (wrong,) = (one for one in objects if one["kind"] == "Ingress" and _is_chat(one))
    wrong = {**wrong, "spec": {**wrong["spec"], "rulez": []}}
    assert len(validate([wrong], tmp_path)) == 3


def _is_chat(one):
    return one["metadata"]["name"] == "chat"


def test_each_path_leads_to_its_service(objects):
    found = {
        path["path"]: path["backend"]["service"]["name"]
        for one in objects
        if one["kind"] == "Ingress"
        for path in one["spec"]["rules"][0]["http"]["paths"]
        if path["pathType"] == "Prefix"
    }
    assert found == {path: one.name for path, one in routes(list(SERVICES.values()))}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_what_it_declares_and_no_more(objects, service):
    declared = SERVICES[service].settings
    named = {name: (labels, spec) for name, labels, spec in pods(objects)}
    labels, spec = named[f"Deployment/{service}"]
    given = variables(containers(spec)["service"])
    needs = {
        "DATABASE_URL": declared["NEEDS_DB"],
        "REDIS": declared["NEEDS_REDIS"],
        "JWT_SECRET_KEY": declared["NEEDS_JWT_KEY"],
        "SERVICE_KEY": declared["NEEDS_SERVICE_KEY"],
        "WEB_PUSH_KEY": declared.get("NEEDS_WEB_PUSH_KEY", "no"),
        "FILES_STORE": declared.get("NEEDS_FILES", "no"),
        "ETCD": "yes" if "REGISTRY_READS" in declared else "no",
    }
    assert {n: "yes" if n in given else "no" for n in needs} == needs
    assert not {"ROOT_PASSWORD", "SERVICE_NAME"} & set(given)
    asks = {"database": "DATABASE_URL", "queue": "REDIS", "registry": "ETCD"}
    for label, name in asks.items():
        assert (labels.get(f"microflack/{label}") == "yes") == (name in given)
    has_job = f"Job/{service}-migrate" in named
    assert has_job == (declared["NEEDS_DB"] == "yes")


def test_every_pod_is_restricted(objects):
    for name, _, spec in pods(objects):
        own = spec["securityContext"]
        assert own["runAsNonRoot"] and own["runAsUser"], name
        assert own["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        for container in containers(spec).values():
            locked = container["securityContext"]
            assert locked == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


def test_no_secret_has_a_value_here(objects):
    assert "Secret" not in {one["kind"] for one in objects}
    for name, _, spec in pods(objects):
        for container in containers(spec).values():
            for variable in variables(container).values():
                value = variable.get("value", "")
                assert "PASSWORD" not in variable["name"] or not value, name
                assert "@" not in value or "$(" in value, name


@pytest.mark.parametrize("service", SERVICES)
def test_who_leaves_serves_on_first(objects, service):
    spec = next(s for name, _, s in pods(objects) if name == f"Deployment/{service}")
    container = containers(spec)["service"]
    (_, pause) = container["lifecycle"]["preStop"]["exec"]["command"]
    # What gunicorn takes at most is in microflack_common/serve.py.
    assert spec["terminationGracePeriodSeconds"] > int(pause) + 38
    assert {"startupProbe", "readinessProbe", "livenessProbe"} < set(container)
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
