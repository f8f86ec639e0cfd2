"""What the template says: the functions, their settings and their routes."""

import re
from functools import cache
from pathlib import Path

import yaml

LAMBDA = Path(__file__).parents[2] / "install" / "lambda"
TEMPLATE = LAMBDA / "template.yaml"
SECRET = re.compile(r"\{\{resolve:secretsmanager:\$\{Secret\}:SecretString:(\w+)\}\}")


class Tagged(str):
    """The value of one of CloudFormation's functions, such as ``!Ref Api``."""

    tag = ""
    # Of one that takes a list.
    parts = ()


class _Loader(yaml.SafeLoader):
    pass


def _tagged(loader, tag, node):
    is_list = isinstance(node, yaml.SequenceNode)
    found = Tagged("" if is_list else node.value)
    found.tag = tag
    if is_list:
        found.parts = loader.construct_sequence(node, deep=True)
    return found


_Loader.add_multi_constructor("!", _tagged)


@cache
def read():
    """Return the template."""
    return yaml.load(TEMPLATE.read_text(), _Loader)


def functions():
    """Return the settings of each function, by the name of its service."""
    resources = read()["Resources"]
    common = read()["Globals"]["Function"]["Environment"]["Variables"]
    found = {}
    for one in resources.values():
        if one["Type"] == "AWS::Serverless::Function":
            own = one["Properties"]["Environment"]["Variables"]
            found[own["SERVICE_NAME"]] = common | own
    return found


def routes():
    """Return which service each route leads to, by its key."""
    resources = read()["Resources"]
    found = {}
    for one in resources.values():
        if one["Type"] == "AWS::ApiGatewayV2::Route":
            own = one["Properties"]
            integration = own["Target"].removeprefix("integrations/${").rstrip("}")
            uri = resources[integration]["Properties"]["IntegrationUri"]
            function = re.search(r"\$\{(\w+)\.Arn\}", uri)[1]
            settings = resources[function]["Properties"]["Environment"]["Variables"]
            found[own["RouteKey"]] = settings["SERVICE_NAME"]
    return found


def resolve(settings, secrets, parameters, address):
    """Return settings as CloudFormation gives them to a function.

    A parameter that is not given has its default. Raises KeyError for one that has
    none, and for a secret that is not given.
    """
    said = read()["Parameters"].items()
    given = {name: one["Default"] for name, one in said if "Default" in one}
    given |= parameters
    return {
        name: str(_value(value, secrets, given, address))
        for name, value in settings.items()
    }


def _value(value, secrets, parameters, address):
    secret = SECRET.fullmatch(value)
    if secret:
        return secrets[secret[1]]
    tag = getattr(value, "tag", "")
    if tag == "If":
        # HasBucket is whether there is a Bucket.
        condition, one, other = value.parts
        chosen = one if parameters[condition.removeprefix("Has")] else other
        return _value(chosen, secrets, parameters, address)
    if tag == "Sub":
        return re.sub(r"\$\{(\w+)\}", lambda found: parameters[found[1]], value)
    if tag == "GetAtt":
        assert value == "Api.ApiEndpoint"
        return address
    return parameters[value] if tag == "Ref" else value
