"""Have services in the swarm, with the secrets and files that they need."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from mfplatform.runtime.swarm import api
from mfplatform.runtime.swarm.service import Service, stored_name

INSTANCE = "microflack.instance"
DIGEST = "microflack.digest"
KINDS = ("secrets", "configs")


def have(service: Service, found: dict[str, Any] | None) -> None:
    """Have the swarm run a service; ``found`` is what it runs of it now."""
    labels = service.labels
    secret = _stored("secrets", service, service.hidden)
    configs = {
        path: _stored("configs", service, text)
        for path, text in service.contents.items()
    }
    spec = service.spec(secret, configs)
    spec["Labels"] = {**labels, DIGEST: service.digest()}
    if found is None:
        api.ask("POST", "services/create", spec)
    else:
        change(found, spec)


def differs(found: Mapping[str, Any], wanted: Service) -> bool:
    """Tell whether what the swarm has is stopped, or not what is wanted."""
    spec = found["Spec"]
    runs = spec["Mode"].get("Replicated", {}).get("Replicas", 1) > 0
    return not runs or spec["Labels"].get(DIGEST) != wanted.digest()


def change(found: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    """Give a service another description."""
    version = found["Version"]["Index"]
    api.ask("POST", f"services/{found['ID']}/update", spec, version=version)


def _stored(kind: str, service: Service, text: str) -> str:
    """Return the id of a secret or config with this content."""
    name = stored_name(service, text)
    for found in api.listed(kind, name=name):
        if found["Spec"]["Name"] == name:
            return str(found["ID"])
    data = b64encode(text.encode()).decode()
    body = {"Name": name, "Labels": dict(service.labels), "Data": data}
    return str(api.ask("POST", f"{kind}/create", body)["ID"])


def forget_unused(label: str) -> None:
    """Remove the secrets and files of what has a label, where no service has them."""
    for kind in KINDS:
        for found in api.listed(kind, label=label):
            try:
                api.remove(f"{kind}/{found['ID']}")
            except api.ApiError as error:
                # It is in use: an answer of 400, as the command line knows it.
                if error.status not in (400, 409):
                    raise
