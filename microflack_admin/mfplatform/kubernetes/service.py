"""The manifests of one service: a Service, a Deployment, and a Job that migrates."""

from mfplatform.kubernetes.declared import SHARED, Declared
from mfplatform.kubernetes.texts import indented

Variables = list[tuple[str, str]]


def manifest(one: Declared, template: str, job: str) -> str:
    """Return all of a service; ``job`` is left out where there is no database."""
    parts = [template, *([job] if one.database else [])]
    values = {
        "NAME": one.name,
        "LABELS": indented(_labels(one), 8),
        "ENVIRONMENT": indented(_lines(environment(one)), 12),
        "PEERS": PEERS.replace("@NAME@", one.name) if one.sticky else "",
    }
    text = "".join(parts)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


# Its instances by their own addresses, for who keeps clients on one of them.
PEERS = """\
---
apiVersion: v1
kind: Service
metadata:
  name: @NAME@-instances
  labels: {app.kubernetes.io/name: @NAME@}
spec:
  clusterIP: None
  selector: {app.kubernetes.io/name: @NAME@, microflack/kind: service}
  ports: [{name: http, port: 5000, targetPort: http, protocol: TCP}]
"""


def _labels(one: Declared) -> str:
    needs = {
        "database": one.database,
        "queue": one.queue,
        "registry": one.registry,
        "internet": one.internet,
    }
    return "".join(f'microflack/{k}: "yes"\n' for k, wanted in needs.items() if wanted)


def environment(one: Declared) -> Variables:
    """Return its variables: a name, and the rest of its entry as YAML.

    There is no SERVICE_NAME: who has none does not register, as Kubernetes knows who
    serves. The registry says what was ended and who may do what.
    """
    found = [
        ("LB", "value: http://balancer:8081"),
        ("ACCESS", _setting("access")),
        ("SERVICE_ADDRESS", 'value: "0.0.0.0:5000"'),
        ("MALLOC_ARENA_MAX", 'value: "1"'),
    ]
    if one.needs("NEEDS_FILES"):
        found.append(("FILES_STORE", _secret("files", "store", optional=True)))
    for name, key, need in SHARED:
        if one.needs(need):
            found.append((name, _secret("keys", key)))
    if one.queue:
        found.append(("REDIS", _secret("queue", "address")))
    if one.registry:
        url = f"http://{one.name}:$(REGISTRY_PASSWORD)@registry:2379"
        found.append(("REGISTRY_PASSWORD", _secret(one.name, "registry-password")))
        found.append(("ETCD", f'value: "{url}"'))
    return found + (_database(one) if one.database else [])


def _database(one: Declared) -> Variables:
    url = f"mysql+pymysql://{one.name}:$(DATABASE_PASSWORD)@$(DATABASE_HOST):3306"
    return [
        ("DATABASE_HOST", _setting("database-host")),
        ("DATABASE_PASSWORD", _secret(one.name, "database-password")),
        ("DATABASE_URL", f'value: "{url}/{one.name}?charset=utf8mb4"'),
    ]


def _setting(key: str) -> str:
    return f"valueFrom: {{configMapKeyRef: {{name: settings, key: {key}}}}}"


def _secret(name: str, key: str, optional: bool = False) -> str:
    more = ", optional: true" if optional else ""
    return f"valueFrom: {{secretKeyRef: {{name: {name}, key: {key}{more}}}}}"


def _lines(variables: Variables) -> str:
    return "".join(f"- {{name: {name}, {rest}}}\n" for name, rest in variables)
