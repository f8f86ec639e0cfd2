"""What CloudFormation does and moto leaves undone, of what the templates ask for."""

from moto.cloudformation import parsing
from moto.cloudformation.models import CloudFormationBackend
from moto.ec2.models.route_tables import RouteTable
from moto.ecs.models import TaskDefinition, ecs_backends
from moto.elbv2.models import FakeTargetGroup
from moto.rds.models import DBParameterGroup

CLEAN = parsing.clean_json


def without_nothing(value, resources):
    """Leave out of lists what is AWS::NoValue, as CloudFormation does."""
    found = CLEAN(value, resources)
    if isinstance(found, list):
        return [one for one in found if one is not None]
    return found


PREVIOUS = CloudFormationBackend._resolve_update_parameters


def previous_or_default(backend, instance, incoming_params):
    """Have a parameter that was never given keep its default, as CloudFormation has."""
    known = [
        one
        for one in incoming_params
        if "ParameterValue" in one or one["ParameterKey"] in instance.parameters
    ]
    return PREVIOUS(backend, instance, known)


def new_revision(original_resource, **given):
    """Register it anew; who runs it runs the new one then, as a stack has it."""
    account, region = given["account_id"], given["region_name"]
    made = TaskDefinition.create_from_cloudformation_json(
        given["new_resource_name"], given["cloudformation_json"], account, region
    )
    for service in ecs_backends[account][region].services.values():
        if service.task_definition == original_resource.arn:
            service.task_definition = made.arn
    return made


def delete_route_table(table, _account, _region):
    """Delete it with what ties it to subnets, as the stack says."""
    for one in list(table._associations):
        table.ec2_backend.disassociate_route_table(one)
    table.ec2_backend.delete_route_table(table.id)


GROUP = FakeTargetGroup.create_from_cloudformation_json


def with_attributes(name, template, account, region, **options):
    """Make a target group with its attributes."""
    made = GROUP(name, template, account, region, **options)
    for one in template["Properties"].get("TargetGroupAttributes", ()):
        made.attributes[one["Key"]] = one["Value"]
    return made


def repair():
    """Have moto do all that."""
    parsing.clean_json = without_nothing
    CloudFormationBackend._resolve_update_parameters = previous_or_default
    TaskDefinition.update_from_cloudformation_json = new_revision
    RouteTable.delete = delete_route_table
    FakeTargetGroup.create_from_cloudformation_json = with_attributes
    DBParameterGroup.physical_resource_id = property(lambda group: group.name)
