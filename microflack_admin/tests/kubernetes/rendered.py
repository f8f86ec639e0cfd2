"""The manifests as kubectl puts them together."""

import os
import subprocess
from pathlib import Path

import yaml

from mfplatform.kubernetes.declared import services

ADMIN = Path(__file__).resolve().parents[2]
INSTALL = ADMIN / "install" / "kubernetes"
RESULTS = Path(os.environ.get("MF_RESULTS", "/nonexistent"))
# Made by mftest: what has kubectl, and what has helm.
TOOLS = RESULTS.parent / "venvs" / "kubernetes" / "bin"
HELM = RESULTS.parent / "venvs" / "helm" / "helm"
SERVICES = {one.name: one for one in services(ADMIN.parent)}


def kustomize(folder):
    """Return all objects of a kustomization."""
    done = subprocess.run(
        [TOOLS / "kubectl", "kustomize", folder], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def pods(objects):
    """Yield each kind of pod: its object's kind and name, its labels, its spec."""
    for one in objects:
        if "template" in one.get("spec", ()):
            template = one["spec"]["template"]
            named = f"{one['kind']}/{one['metadata']['name']}"
            yield named, template["metadata"]["labels"], template["spec"]


def containers(spec):
    """Return all containers of a pod, by their names."""
    found = [*spec.get("initContainers", ()), *spec["containers"]]
    return {one["name"]: one for one in found}


def variables(container):
    """Return the environment as the manifests say it, by name."""
    return {one["name"]: one for one in container.get("env", ())}
