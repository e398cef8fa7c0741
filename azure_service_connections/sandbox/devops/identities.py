"""Addresses of identities: the people and groups of an organization under the ids that it gives them itself.

An identity's id is not the object id that Entra ID knows it by; approvals and roles are given to the former.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.access import identity_id
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import organization_named, projects_of
from azure_service_connections.sandbox.entra.principals import groups_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

PROJECT_GROUPS: Final = (
    "Build Administrators",
    "Contributors",
    "Endpoint Administrators",
    "Endpoint Creators",
    "Project Administrators",
    "Readers",
    "Release Administrators",
)
"""The groups that every project has."""

ORGANIZATION_GROUPS: Final = ("Project Collection Administrators", "Project Collection Valid Users")


@dataclass(frozen=True)
class Identity:
    """A person, a program or a group as an organization knows it."""

    id: str
    name: str
    """What the service calls its provider's display name: of a group with its scope in brackets."""
    account: str
    mail: str
    descriptor: str
    """Its subject descriptor: `aad.` a person, `aadsp.` a program, `aadgp.` and `vssgp.` a group."""
    group: bool
    object_id: str = ""
    """Its id in Entra ID, unless the organization made it."""
    project_id: str = ""
    """The project that a group belongs to."""

    def document(self) -> dict[str, Any]:
        """The identity on the wire; clients read its properties without asking whether they are there."""
        return {
            "id": self.id,
            "descriptor": f"Microsoft.TeamFoundation.Identity;{self.descriptor}"
            if self.group
            else f"Microsoft.IdentityModel.Claims.ClaimsIdentity;{self.account}",
            "subjectDescriptor": self.descriptor,
            "providerDisplayName": self.name,
            "isActive": True,
            "isContainer": self.group,
            "members": [],
            "memberOf": [],
            "memberIds": [],
            "properties": {
                "SchemaClassName": _text("Group" if self.group else "User"),
                "Account": _text(self.account),
                "Mail": _text(self.mail),
            },
            "resourceVersion": 2,
            "metaTypeId": 1 if self.group else 0,
        }

    def reference(self) -> dict[str, Any]:
        """The identity as other objects refer to it."""
        return {
            "displayName": self.name,
            "id": self.id,
            "uniqueName": self.account,
            "isContainer": self.group,
            "descriptor": self.descriptor,
        }


def identities_of(cloud: Cloud, organization: Document) -> Iterator[Identity]:
    """Everybody in an organization: the people, programs and groups of its tenant, and its own groups."""
    tenant = organization["tenantId"]
    for user in cloud.store.find("users", tenantId=tenant):
        name = user["userPrincipalName"]
        yield _of_tenant(cloud, organization, user, user["displayName"], name, "aad")
    for principal in cloud.store.find("service-principals", tenantId=tenant):
        name = principal.get("displayName") or principal["id"]
        yield _of_tenant(cloud, organization, principal, name, principal["id"], "aadsp")
    for group in cloud.store.find("groups", tenantId=tenant):
        name = f"[TEAM FOUNDATION]\\{group['displayName']}"
        yield _of_tenant(cloud, organization, group, name, group["displayName"], "aadgp")
    for name in ORGANIZATION_GROUPS:
        yield _own_group(cloud, organization, organization["name"], name, "")
    for project in projects_of(cloud, organization):
        for name in (*PROJECT_GROUPS, f"{project['name']} Team"):
            yield _own_group(cloud, organization, project["name"], name, project["id"])


def find(cloud: Cloud, organization: Document, identifier: str) -> Identity | None:
    """The identity with this id, or None."""
    wanted = identifier.lower()
    return next((each for each in identities_of(cloud, organization) if each.id == wanted), None)


def includes(cloud: Cloud, identity: Identity, object_id: str) -> bool:
    """Whether somebody of the tenant is an identity, or a member of the group that it is."""
    if not identity.object_id:
        return False
    return identity.object_id == object_id or identity.object_id in groups_of(cloud, object_id)


@ROUTES.get("/{organization}/_apis/identities")
def read(cloud: Cloud, request: Request, organization: str) -> Response:
    """Identities by a name, by ids or by descriptors; who is not found is left out."""
    document = organization_named(cloud, organization)
    found = [each.document() for each in identities_of(cloud, document) if _is_wanted(request, each)]
    return Response(body={"count": len(found), "value": found})


@ROUTES.get("/{organization}/_apis/identities/{identity}")
def read_one(cloud: Cloud, request: Request, organization: str, identity: str) -> Response:
    """One identity by its id."""
    found = find(cloud, organization_named(cloud, organization), identity)
    if found is None:
        raise DevOpsError(
            404,
            "IdentityNotFoundException",
            f"TF14045: The identity with id '{identity}' could not be found.",
        )
    return Response(body=found.document())


@ROUTES.get("/{organization}/_apis/groups")
def list_groups(cloud: Cloud, request: Request, organization: str) -> Response:
    """The groups that the organization made itself, in the projects that are asked for or in all."""
    document = organization_named(cloud, organization)
    scopes = [scope.strip().lower() for scope in (request.argument("scopeIds") or "").split(",") if scope]
    found = [
        each.document()
        for each in identities_of(cloud, document)
        if each.descriptor.startswith("vssgp.") and (not scopes or each.project_id in scopes)
    ]
    return Response(body={"count": len(found), "value": found})


def _is_wanted(request: Request, identity: Identity) -> bool:
    ids, subjects = request.argument("identityIds"), request.argument("subjectDescriptors")
    if ids is not None:
        return identity.id in ids.lower().split(",")
    if subjects is not None:
        return identity.descriptor in subjects.split(",")
    search = (request.argument("searchFilter") or "").lower()
    wanted = (request.argument("filterValue") or "").casefold()
    names = {identity.name.casefold(), identity.name.rpartition("\\")[2].casefold()}
    accounts = set() if identity.group else {identity.account.casefold()}
    if search == "general":
        return wanted in names | accounts
    if search == "displayname":
        return wanted in names
    if search in ("accountname", "mailaddress"):
        return wanted in accounts
    raise invalid("Value cannot be null. (Parameter 'searchFilter')", "ArgumentNullException")


def _of_tenant(
    cloud: Cloud, organization: Document, held: Document, name: str, account: str, kind: str
) -> Identity:
    return Identity(
        id=identity_id(cloud, organization, held["id"]),
        name=name,
        account=account,
        mail=account if kind == "aad" else "",
        descriptor=_descriptor(kind, held["id"]),
        group=kind == "aadgp",
        object_id=held["id"],
    )


def _own_group(cloud: Cloud, organization: Document, scope: str, name: str, project_id: str) -> Identity:
    identifier = cloud.identifiers.derived("group", organization["id"], project_id, name.casefold())
    return Identity(
        id=identity_id(cloud, organization, identifier),
        name=f"[{scope}]\\{name}",
        account=name,
        mail="",
        descriptor=_descriptor("vssgp", identifier),
        group=True,
        project_id=project_id,
    )


def _descriptor(kind: str, identifier: str) -> str:
    return f"{kind}.{base64.urlsafe_b64encode(identifier.encode()).decode().rstrip('=')}"


def _text(value: str) -> dict[str, str]:
    return {"$type": "System.String", "$value": value}
