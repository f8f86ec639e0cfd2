"""moto's server, which also takes the kinds of resources that it does not know yet.

    python cloud.py PORT

Of those it keeps what a template says, and answers what other templates ask of them.
Secrets are made in moto's own Secrets Manager.
"""

import json
import re
import secrets
import sys
from typing import ClassVar

from moto.cloudformation import parsing
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.secretsmanager import secretsmanager_backends
from repairs import repair
from werkzeug.serving import run_simple

RESOLVE = re.compile(r"{{resolve:secretsmanager:(.+?):SecretString}}")


class Kept:
    """A resource that is nothing but what the template says of it."""

    kind = ""
    attributes: ClassVar = {}

    def __init__(self, name, properties):
        self.name, self.properties = f"{name}-{secrets.token_hex(4)}", properties

    @property
    def physical_resource_id(self):
        return self.name

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def cloudformation_type(cls):
        return cls.kind

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr in cls.attributes

    def get_cfn_attribute(self, name):
        return self.attributes[name].format(name=self.name.lower())

    @classmethod
    def create_from_cloudformation_json(cls, name, template, account, region, **_):
        return cls(name, template.get("Properties", {}))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, cloudformation_json, **_
    ):
        original_resource.properties = cloudformation_json.get("Properties", {})
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, name, template, account, region):
        pass

    def is_created(self):
        return True


class Queue(Kept):
    kind = "AWS::ElastiCache::ReplicationGroup"
    attributes: ClassVar = {
        "PrimaryEndPoint.Address": "{name}.ng.0001.use1.cache.amazonaws.com"
    }


class QueueSubnets(Kept):
    kind = "AWS::ElastiCache::SubnetGroup"


class Namespace(Kept):
    kind = "AWS::ServiceDiscovery::PrivateDnsNamespace"


class DiscoveredName(Kept):
    kind = "AWS::ServiceDiscovery::Service"
    attributes: ClassVar = {
        "Arn": "arn:aws:servicediscovery:us-east-1:123456789012:service/{name}"
    }


class Range(Kept):
    kind = "AWS::ApplicationAutoScaling::ScalableTarget"


class Scaling(Kept):
    kind = "AWS::ApplicationAutoScaling::ScalingPolicy"


class Secret(Kept):
    kind = "AWS::SecretsManager::Secret"

    @classmethod
    def create_from_cloudformation_json(cls, name, template, account, region, **_):
        secret = cls(name, template["Properties"])
        backend = secretsmanager_backends[account][region]

        def known(found):
            return backend.get_secret_value(found[1], None, None)["SecretString"]

        wanted = secret.properties.get("GenerateSecretString", {})
        length = int(wanted.get("PasswordLength", 32))
        text = secret.properties.get("SecretString") or secrets.token_hex(length // 2)
        text = RESOLVE.sub(known, text)
        made = backend.create_secret(secret.name, text, *[None] * 5, [], False)
        secret.name = json.loads(made)["ARN"]
        return secret

    @classmethod
    def delete_from_cloudformation_json(cls, name, template, account, region):
        backend = secretsmanager_backends[account][region]
        backend.delete_secret(name, None, True)


def extend():
    """Have moto know the resources above, and do what it leaves undone."""
    repair()
    known = parsing.get_model_list()
    own = [Queue, QueueSubnets, Namespace, DiscoveredName, Range, Scaling, Secret]
    parsing.get_model_list = lambda: [*known, *own]


def main():
    """Serve until it is told to stop."""
    extend()
    application = DomainDispatcherApplication(create_backend_app)
    run_simple("127.0.0.1", int(sys.argv[1]), application, threaded=True)


if __name__ == "__main__":
    main()
