"""The Helm chart: sound, and the same objects as kustomize has."""

import os
import subprocess

import pytest
import yaml
from rendered import HELM, INSTALL, TOOLS, containers, kustomize, pods

PATH = f"{TOOLS}:{os.environ['PATH']}"


@pytest.fixture(scope="module")
def chart(tmp_path_factory):
    """Return the folder of a chart."""
    if not TOOLS.exists():
        pytest.skip("kubectl is not here: mftest kubernetes installs it")
    folder = tmp_path_factory.mktemp("chart")
    command = [INSTALL / "chart", folder]
    done = subprocess.run(command, env=os.environ | {"PATH": PATH}, text=True)
    assert done.returncode == 0
    return folder


def test_all_that_kustomize_names_is_in_the_chart(chart):
    text = "".join(file.read_text() for file in (chart / "templates").iterdir())
    for one in (*kustomize(INSTALL / "small"), *kustomize(INSTALL / "production")):
        name = one["metadata"]["name"]
        if one["kind"] == "ConfigMap":
            # What comes last is a hash of what is in it.
            name = name.rpartition("-")[0]
        if one["kind"] != "Namespace":
            assert f"\nkind: {one['kind']}\n" in text
            assert f"\n  name: {name}" in text


def test_helm_makes_the_same_of_it(chart):
    helm = HELM / "helm"
    if not helm.exists():
        pytest.skip("helm is not here: mftest kubernetes installs it")
    linted = subprocess.run([helm, "lint", "--strict", chart], capture_output=True)
    assert linted.returncode == 0, linted.stdout
    command = [helm, "template", "x", chart, "--namespace", "microflack"]
    done = subprocess.run([*command, "--set", "door=true"], capture_output=True)
    assert done.returncode == 0, done.stderr
    made = [one for one in yaml.safe_load_all(done.stdout) if one]
    wanted = kustomize(INSTALL / "small")
    assert _names(made) == _names(wanted)
    assert _images(made) == _images(wanted)


def _names(objects):
    return sorted(
        (one["kind"], one["metadata"]["name"].replace("-migrate-1", "-migrate"))
        for one in objects
        if one["kind"] != "Namespace"
    )


def _images(objects):
    """Return each container's image, without its tag."""
    return sorted(
        one["image"].partition(":")[0]
        for _, _, spec in pods(objects)
        for one in containers(spec).values()
    )
