"""Role assignments whose service principal is gone."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.azure_reader import AzureReader
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.inventory.refused import unseen
from azure_service_connections.lifecycle.inventory.workers import Workers
from azure_service_connections.lifecycle.services import Services, checked

_AUTHORIZATION_VERSION: Final = "2022-04-01"
_IDS_AT_A_TIME: Final = 1000
"""Ids that one `getByIds` of Microsoft Graph takes."""


def orphaned_assignments(
    services: Services,
    workers: Workers,
    azure: AzureReader,
    subscriptions: Sequence[str],
    told: Callable[[str], None],
) -> list[Orphan]:
    """The assignments in and above subscriptions to service principals that the directory has not any more.

    Left out are those that were deleted within thirty days, and can come back, and those of other tenants'
    identities. `told` hears what could not be read.
    """
    found: dict[str, Any] = {}
    for answer in workers.all("roles", [partial(_assignments, services, each) for each in subscriptions]):
        if isinstance(answer, str):
            told(answer)
        else:
            found |= {str(each["id"]).lower(): each for each in answer}
    principals = sorted({str(each["properties"]["principalId"]).lower() for each in found.values()})
    if not principals:
        return []
    try:
        there = set(_there(services, principals))
    except ServiceError as error:
        told(unseen("Whom roles are assigned to", error))
        return []
    return [
        Orphan(
            kind="roleAssignment",
            id=str(each["id"]),
            name=azure.role_name(str(each["properties"]["roleDefinitionId"])),
            reason=f"the service principal {each['properties']['principalId']}, which it is for, is gone",
        )
        for _, each in sorted(found.items())
        if str(each["properties"]["principalId"]).lower() not in there
    ]


def _assignments(services: Services, subscription: str) -> list[Any] | str:
    path = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignments"
    try:
        return [
            each
            for each in services.azure_list(path, _AUTHORIZATION_VERSION)
            if each["properties"].get("principalType") == "ServicePrincipal"
            and not each["properties"].get("delegatedManagedIdentityResourceId")
        ]
    except ServiceError as error:
        return unseen(f"The role assignments of {subscription}", error)


def _there(services: Services, principals: Sequence[str]) -> Iterator[str]:
    """The ids of those that exist, or that were deleted lately."""
    for start in range(0, len(principals), _IDS_AT_A_TIME):
        body = {"ids": principals[start : start + _IDS_AT_A_TIME], "types": ["directoryObject"]}
        answer = services.graph("POST", "/directoryObjects/getByIds", body=body)
        document = checked(answer, "Looking for service principals in Entra ID")
        yield from (str(each["id"]).lower() for each in document["value"])
    doing = "Listing the deleted service principals of Entra ID"
    for each in services.graph_list("/directory/deletedItems/microsoft.graph.servicePrincipal", doing):
        yield str(each["id"]).lower()
