"""Whether what a plan removes has still lost its other half."""

from collections.abc import Sequence

from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.orphans import find_orphans
from azure_service_connections.lifecycle.plan.plan_file import Removal
from azure_service_connections.lifecycle.services import Services


def still_orphaned(
    services: Services, organizations: Sequence[str], removals: Sequence[Removal]
) -> set[tuple[str, str]]:
    """Kind and id of those of some removals that are orphans now, with all organizations looked at anew."""
    connections = read_estate(services, organizations)
    found = {(each.kind, each.id.lower()) for each in find_orphans(services, organizations, connections)}
    return {(each.kind, each.id) for each in removals if (each.kind, each.id.lower()) in found}
