"""NetworkPolicies: what pods ask for is allowed, in both directions, and nothing else.

No plugin that enforces them is needed: they are read as Kubernetes says that they are
meant (https://kubernetes.io/docs/concepts/services-networking/network-policies).
"""

import ipaddress
import re

import pytest
from rendered import INSTALL, SERVICES, kustomize, pods, variables

PORTS = (22, 53, 80, 443, 2379, 3306, 5000, 6379, 8080, 8081, 8082)
INTERNET, PRIVATE = "203.0.113.7", ("10.0.0.5", "169.254.169.254", "192.168.1.1")
# What stands in a Secret: deploy makes it, or who has a queue elsewhere.
QUEUE = "queue:6379"
# A namespace's label by which the controller of the Ingress is let in.
INGRESS = {"microflack/ingress": "yes"}


@pytest.fixture(scope="module", params=["small", "production"])
def objects(request):
    """Return all objects of an overlay."""
    return kustomize(INSTALL / request.param)


def selects(selector, labels):
    """Tell whether a selector fits; ours use nothing but matchLabels."""
    assert set(selector) <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()


def is_peer(rule, key, labels, address, space):
    """Tell whether a rule is about a pod's labels, or an address outside."""
    if key not in rule:
        return True
    return any(_fits(one, labels, address, space) for one in rule[key])


def _fits(one, labels, address, space):
    if "ipBlock" in one:
        block, number = one["ipBlock"], address and ipaddress.ip_address(address)
        inside = number and number in ipaddress.ip_network(block["cidr"])
        but = (ipaddress.ip_network(net) for net in block.get("except", ()))
        return bool(inside) and not any(number in net for net in but)
    # Without a namespace's selector it is about pods of ours.
    if "namespaceSelector" in one:
        return selects(one["namespaceSelector"], space or {})
    return space is None and labels is not None and selects(one["podSelector"], labels)


def allows(objects, way, labels, other, port, address=None, space=None):
    """Tell whether a pod may be asked (Ingress) at a port, or ask (Egress)."""
    rules, peers = way.lower(), {"Ingress": "from", "Egress": "to"}[way]
    specs = [
        one["spec"]
        for one in objects
        if one["kind"] == "NetworkPolicy"
        and way in one["spec"]["policyTypes"]
        and selects(one["spec"]["podSelector"], labels)
    ]
    assert specs, "nobody is left to what the cluster does without a policy"
    return any(
        is_peer(rule, peers, other, address, space)
        and port in [one["port"] for one in rule["ports"]]
        for spec in specs
        for rule in spec.get(rules, ())
    )


def asked(objects, kind, spec):
    """Return the names and ports that a kind of pod is told to ask."""
    name = kind.partition("/")[2]
    if name == "balancer":
        text = (INSTALL / "base" / "haproxy.cfg").read_text()
        server = r"^    server\S* .*?([\w-]+)(?:\.\S+)?:(\d+)"
        return set(re.findall(server, text, re.M))
    given = [v for c in spec["containers"] for v in variables(c).values()]
    texts = [QUEUE if one["name"] == "REDIS" else one.get("value", "") for one in given]
    found = {pair for text in texts for pair in re.findall(r"([\w)]+):(\d{4})\b", text)}
    return found - {("0", "5000")}


def wanted(objects):
    """Yield who asks whom at which port; None is who is outside."""
    places = {
        one["metadata"]["name"]: one["spec"]
        for one in objects
        if one["kind"] == "Service"
    }
    for kind, _, spec in pods(objects):
        for name, port in asked(objects, kind, spec):
            # Who migrates asks nobody but database, queue and registry.
            if kind.startswith("Job/") and name == "balancer":
                continue
            name = name.replace("DATABASE_HOST)", "database")
            if name not in places:
                yield kind, None, int(port)
            for other, labels, _ in pods(objects):
                if name in places and selects(
                    {"matchLabels": places[name]["selector"]}, labels
                ):
                    yield kind, other, int(port)


def test_pods_ask_each_other_what_they_are_told_to_and_nothing_else(objects):
    known = list(pods(objects))
    found = {
        (kind, other, port)
        for kind, labels, _ in known
        for other, others, _ in known
        for port in PORTS
        if allows(objects, "Egress", labels, others, port)
        and allows(objects, "Ingress", others, labels, port)
    }
    assert found == {one for one in wanted(objects) if one[1]}
    assert len(found) > len(SERVICES)


def test_they_reach_outside_what_they_need_and_nothing_else(objects):
    outside = {(kind, port) for kind, other, port in wanted(objects) if not other}
    for kind, labels, _ in pods(objects):
        name = kind.partition("/")[2].removesuffix("-migrate")
        for port in PORTS:
            told = port == 53 or (kind, port) in outside
            public = name in SERVICES and SERVICES[name].internet and port in (80, 443)
            for address in (INTERNET, *PRIVATE):
                may = allows(objects, "Egress", labels, None, port, address)
                assert may == (told or (public and address == INTERNET)), (kind, port)


def test_from_outside_people_come_and_the_ingress_and_nobody_else(objects):
    for kind, labels, _ in pods(objects):
        for port in PORTS:
            people = kind == "Deployment/balancer" and port == 8080
            service = kind.removeprefix("Deployment/") in SERVICES and port == 5000
            stranger = allows(objects, "Ingress", labels, None, port, INTERNET, {})
            assert stranger == people, (kind, port)
            controller = allows(objects, "Ingress", labels, None, port, None, INGRESS)
            assert controller == (people or service), (kind, port)
