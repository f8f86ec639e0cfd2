"""The templates for Amazon ECS as they are read: parameters, and services' rights."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from platforms import ADMIN

from mfplatform.state.home import read_env

ECS = ADMIN / "install" / "ecs"
TEMPLATES = sorted(ECS.glob("*.yaml"))
SERVICES = {
    file.parent.name.removeprefix("microflack_"): read_env(file)
    for file in sorted(ADMIN.parent.glob("microflack_*/service.env"))
}


class Loader(yaml.SafeLoader):
    """Reads what CloudFormation's own tags stand before."""


def plain(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", plain)


def read(file: Path) -> dict[str, Any]:
    return yaml.load(file.read_text(), Loader)


def parameters(file: Path) -> dict[str, Any]:
    return read(file).get("Parameters", {})


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.stem)
def test_what_is_wrong_with_a_parameter_is_one_sentence(file: Path) -> None:
    for name, told in parameters(file).items():
        if name != "Paths":
            assert {"AllowedPattern", "AllowedValues", "MinValue"} & set(told), name
            assert told["ConstraintDescription"].startswith("must be"), name


@pytest.mark.parametrize(
    ("file", "name", "good", "bad"),
    [
        ("service", "Service", "users", "Users!"),
        ("service", "Version", "10", ""),
        ("service", "Images", "1.dkr.ecr.eu-west-1.amazonaws.com", "https://x y"),
        ("data", "Platform", "chat-2", "2chat"),
        ("balancer", "Certificate", "", "example.org"),
    ],
)
def test_patterns_take_what_is_good_and_nothing_else(
    file: str, name: str, good: str, bad: str
) -> None:
    pattern = parameters(ECS / f"{file}.yaml")[name]["AllowedPattern"]
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)


def test_the_gate_gives_the_rights_that_services_declare() -> None:
    task = read(ECS / "registry.yaml")["Resources"]["Task"]["Properties"]
    (gate,) = (one for one in task["ContainerDefinitions"] if one["Name"] == "gate")
    given = {one["Name"]: one["Value"] for one in gate["Environment"]}
    accounts = {one["Name"] for one in gate["Secrets"]}
    for service, settings in SERVICES.items():
        for verb in ("READS", "WRITES"):
            declared = settings.get(f"REGISTRY_{verb}", "")
            assert given.get(f"{verb}_{service}", "") == declared
        assert (f"PASSWORD_{service}" in accounts) == ("REGISTRY_READS" in settings)
