"""How requests find services: by the Ingress, and by the cluster's own balancer."""

from mfplatform.kubernetes.declared import Declared, routes
from mfplatform.kubernetes.texts import indented

# What instances tell at their own port only: the balancer says 404.
HIDDEN = ("/healthz", "/readyz", "/metrics")


def ingress(found: list[Declared], template: str) -> str:
    """Return two Ingresses: annotations about affinity are for all paths of one."""
    plain = [pair for pair in routes(found) if not pair[1].sticky]
    sticky = [pair for pair in routes(found) if pair[1].sticky]
    lines = [_path(path, "Exact", "balancer", "people") for path in HIDDEN]
    lines += [_path(path, "Prefix", one.name, "http") for path, one in plain]
    kept = [_path(path, "Prefix", one.name, "http") for path, one in sticky]
    text = template.replace("@PATHS@", indented("".join(lines), 10))
    return text.replace("@STICKY_PATHS@", indented("".join(kept), 10))


def _path(path: str, kind: str, service: str, port: str) -> str:
    backend = f"service: {{name: {service}, port: {{name: {port}}}}}"
    return f"- {{path: {path}, pathType: {kind}, backend: {{{backend}}}}}\n"


def balancer(found: list[Declared], template: str) -> str:
    """Return the configuration of the HAProxy within the cluster."""
    rules = "".join(
        f"use_backend {one.name}{_condition(path)}\n" for path, one in routes(found)
    )
    backends = "".join(
        (STICKY if one.sticky else PLAIN).replace("@NAME@", one.name) for one in found
    )
    text = template.replace("@RULES@", indented(rules, 4))
    return text.replace("@BACKENDS@", backends)


def _condition(path: str) -> str:
    if path == "/":
        return ""
    return f" if {{ path {path} }} or {{ path_beg {path}/ }}"


# By its Service, which knows who is ready. Each request is a new connection, so that no
# request is on its way on one that an instance which leaves is about to close.
PLAIN = """\

backend @NAME@
    server service @NAME@:5000
"""
# Each of its instances, since the Service would choose another one each time.
STICKY = """\

backend @NAME@
    balance source
    hash-type consistent
    cookie microflack_instance insert indirect nocache httponly dynamic
    dynamic-cookie-key "${NAMESPACE}"
    option httpchk GET /readyz
    default-server check inter 2s fall 3 rise 1
    server-template instance 1-20 \
@NAME@-instances.${NAMESPACE}.svc.${CLUSTER_DOMAIN}:5000 \
resolvers cluster init-addr none
"""
