"""Moto's server on a port of its own, which is printed; it ends with its standard input.

The template goes to it as it was packaged. What moto's CloudFormation (5.2) cannot do is mended here instead:

- ValidateTemplate takes every remark of cfn-lint for an error. CloudFormation's own knows nothing of remarks; errors
  are left in.
- It makes these resources and cannot delete them, for want of a method: the removal of the stack would fail with
  "the vpc has dependencies", or leave them behind.
- A change set leaves the stack the outputs that it had.
- AWS::NoValue in a list is an item there, None. CloudFormation leaves it out.
"""

import sys

from moto.cloudformation import models as cloudformation
from moto.cloudformation import parsing
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.route_tables import RouteTable
from moto.ecs.models import Cluster, ecs_backends
from moto.server import ThreadedMotoServer

lint = cloudformation.validate_template_cfn_lint
cloudformation.validate_template_cfn_lint = lambda template: [
    remark for remark in lint(template) if remark.rule.severity == "error"
]


def delete_internet_gateway(gateway, account, region):
    ec2 = ec2_backends[account][region]
    if gateway.vpc:
        ec2.detach_internet_gateway(gateway.id, gateway.vpc.id)
    ec2.delete_internet_gateway(gateway.id)


# The associations of a route table go with it: moto cannot delete those by themselves either.
RouteTable.delete = lambda table, account, region: ec2_backends[account][region].route_tables.pop(table.id)
NatGateway.delete = lambda gateway, account, region: ec2_backends[account][region].delete_nat_gateway(gateway.id)
ElasticAddress.delete = lambda address, account, region: ec2_backends[account][region].release_address(
    allocation_id=address.allocation_id
)
InternetGateway.delete = delete_internet_gateway
Cluster.delete = lambda cluster, account, region: ecs_backends[account][region].delete_cluster(cluster.name)

clean = parsing.clean_json


def clean_json(value, resources):
    cleaned = clean(value, resources)
    return [item for item in cleaned if item is not None] if isinstance(value, list) else cleaned


parsing.clean_json = clean_json

execute = cloudformation.CloudFormationBackend.execute_change_set


def execute_change_set(backend, change_set_name, stack_name=None):
    execute(backend, change_set_name, stack_name)
    for stack in backend.stacks.values():
        stack._parse_template()
        stack.output_map = stack._create_output_map()


cloudformation.CloudFormationBackend.execute_change_set = execute_change_set

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
