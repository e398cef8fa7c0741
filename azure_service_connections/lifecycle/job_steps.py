"""What a job has to try with a connection, and how each try has to end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.lifecycle.azure_access import AzureAccess, Grant, covers
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.stack_output import Connection

PATIENCE: Final = 3
"""How often a step that has to succeed is tried again after a refusal, a second apart."""

_READ_GROUP: Final = "Microsoft.Resources/subscriptions/resourceGroups/read"
_READ_MANAGEMENT_GROUP: Final = "Microsoft.Management/managementGroups/read"
_TAG: Final = "Microsoft.Resources/tags/write"
_MANAGEMENT_GROUP_VERSION: Final = "2020-05-01"
_TAG_NAME: Final = "azure-service-connections-verify"

_SUBSCRIPTION_SEGMENTS: Final = 2
_GROUP_SEGMENTS: Final = 4


@dataclass(frozen=True)
class _Kind:
    """A type of resource that costs nothing and holds nothing, and does no harm while it is there."""

    type: str
    version: str
    properties: dict[str, Any]
    more: dict[str, Any]
    location: str = ""
    """Where it has to be; beside its resource group unless given."""


_HARMLESS: Final = (
    _Kind("Microsoft.Network/networkSecurityGroups", "2023-11-01", {}, {}),
    _Kind("Microsoft.ManagedIdentity/userAssignedIdentities", "2023-01-31", {}, {}),
    _Kind("Microsoft.Network/privateDnsZones", "2020-06-01", {}, {}, "global"),
    _Kind("Microsoft.Network/dnsZones", "2018-05-01", {"zoneType": "Public"}, {}, "global"),
    _Kind("Microsoft.Web/serverfarms", "2023-12-01", {}, {"sku": {"name": "F1", "tier": "Free"}}),
    _Kind(
        "Microsoft.Storage/storageAccounts",
        "2023-05-01",
        {"allowBlobPublicAccess": False},
        {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2"},
    ),
    _Kind("Microsoft.Compute/availabilitySets", "2024-03-01", {}, {"sku": {"name": "Aligned"}}),
    _Kind("Microsoft.DataFactory/factories", "2018-06-01", {}, {}),
)


@dataclass(frozen=True)
class Step:
    """One thing that a job tries."""

    name: str
    """token, read, write or outside: the columns of the report."""
    description: dict[str, Any]
    """What the job is told."""
    succeeds: bool
    """How it has to end: with success, or with a refusal."""
    place: str = ""

    def told(self) -> dict[str, Any]:
        """The step as the job's process reads it."""
        return {"step": self.name, "patience": PATIENCE if self.succeeds else 0, **self.description}


def steps_of(connection: Connection, access: AzureAccess, mark: str) -> list[Step]:
    """Sign in, read and write inside the scope, read outside of it; `mark` sets this proof apart from others.

    Reading and writing have to succeed where a role of the connection allows them, or one that its identity
    has besides, and have to be refused elsewhere. Of an identity whose principal the stack does not name
    nothing is known of what it may do, so it only signs in.
    """
    if not connection.principal_id:
        return [Step("token", {"kind": "signIn"}, True)]
    declared = [Grant(role.role_definition_id, role.scope) for role in connection.roles]
    places = list(_places(connection, access))
    grants = {place: declared + _assigned(connection, access, place) for place in places}
    steps = [Step("token", {"kind": "signIn"}, True), _read(access, grants)]
    if (write := _write(access, grants, mark)) is not None:
        steps.append(write)
    if (outside := access.place_outside(connection)) is not None:
        steps.append(Step("outside", _reading(outside.id), False, outside.id))
    return steps


def publishing_steps(connection: Connection, access: AzureAccess, mark: str) -> list[Step]:
    """Sign in to the publishing site of the connection's web app, deploy, read that; and no other web app."""
    site = connection.scope.rpartition("/")[2]
    steps = [
        Step("token", {"kind": "publishSignIn"}, True),
        Step("write", {"kind": "deploy", "name": f"{_TAG_NAME}-{mark}"}, True, connection.scope),
        Step("read", {"kind": "readDeployment"}, True, connection.scope),
    ]
    for other in access.web_apps(subscription_of(connection.scope) or ""):
        if (name := other.rpartition("/")[2]).lower() != site.lower():
            return [*steps, Step("outside", {"kind": "readElsewhere", "site": name}, False, other)]
    return steps


def _places(connection: Connection, access: AzureAccess) -> Iterator[str]:
    """The connection's scope, the scopes of its roles inside of it, and a subscription in it, each once."""
    seen: set[str] = set()
    scopes = [connection.scope, *(role.scope for role in connection.roles)]
    if subscription_of(connection.scope) is None:
        below = sorted(access.below(connection.scope) or ())
        scopes += [each for each in below if subscription_of(each)][:1]
    for scope in scopes:
        key = scope.rstrip("/").lower()
        if key not in seen and access.reaches(connection.scope, scope):
            seen.add(key)
            yield scope.rstrip("/")


def _assigned(connection: Connection, access: AzureAccess, place: str) -> list[Grant]:
    try:
        return access.grants(connection.principal_id, place, only_at_or_above=True)
    except ServiceError:
        # An operator who may not see assignments goes by what the stack says.
        return []


def _read(access: AzureAccess, grants: dict[str, list[Grant]]) -> Step:
    for place, held in grants.items():
        if access.permits(held, _read_action(place), place):
            return Step("read", _reading(place), True, place)
    place = next(iter(grants))
    return Step("read", _reading(place), False, place)


def _write(access: AzureAccess, grants: dict[str, list[Grant]], mark: str) -> Step | None:
    """What to write, or None where there is nothing to write to: a management group without subscriptions."""
    for place, held in grants.items():
        if subscription_of(place) and access.permits(held, _TAG, place):
            return Step("write", _tagging(place, mark), True, place)
    for place, held in grants.items():
        for group, location in _groups_in(access, place):
            for kind in _HARMLESS:
                actions = (f"{kind.type}/write", f"{kind.type}/read", f"{kind.type}/delete")
                if all(access.permits(held, action, group) for action in actions):
                    return Step("write", _creating(group, location, kind, mark), True, group)
    for place in grants:
        if subscription_of(place):
            return Step("write", _tagging(place, mark), False, place)
    return None


def _groups_in(access: AzureAccess, place: str) -> Iterator[tuple[str, str]]:
    """The resource group that a place is, or the first one of a subscription."""
    if (subscription := subscription_of(place)) is None:
        return
    for group in access.groups(subscription):
        if covers(place, group.id):
            yield group.id, group.location
            return


def _read_action(place: str) -> str:
    if subscription_of(place) is None:
        return _READ_MANAGEMENT_GROUP
    if place.count("/") <= _GROUP_SEGMENTS:
        return _READ_GROUP
    parts = place.rpartition("/providers/")[2].split("/")
    return f"{parts[0]}/{'/'.join(parts[1::2])}/read"


def _reading(place: str) -> dict[str, Any]:
    subscription = subscription_of(place)
    if subscription is None:
        return {"kind": "readResource", "scope": place, "version": _MANAGEMENT_GROUP_VERSION}
    here = {"subscriptionId": subscription, "scope": place}
    if place.count("/") == _SUBSCRIPTION_SEGMENTS:
        return {"kind": "listGroups", **here}
    if place.count("/") == _GROUP_SEGMENTS:
        return {"kind": "readGroup", **here}
    return {"kind": "readResource", "version": "2024-10-01", **here}


def _tagging(place: str, mark: str) -> dict[str, Any]:
    # A mark of its own: proofs that run side by side do not take each other's tag away.
    return {
        "kind": "tag",
        "subscriptionId": subscription_of(place) or "",
        "scope": place,
        "name": f"{_TAG_NAME}-{mark}",
        "value": "written and removed by a proof",
    }


def _creating(group: str, location: str, kind: _Kind, mark: str) -> dict[str, Any]:
    name = f"verify{mark}"
    return {
        "kind": "create",
        "subscriptionId": subscription_of(group) or "",
        "scope": group,
        "type": kind.type,
        "version": kind.version,
        "name": f"{name}.example" if kind.location else name,
        "body": {"location": kind.location or location, "properties": kind.properties, **kind.more},
    }
