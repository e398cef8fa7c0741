"""What a deny assignment is: whom it stands against, where, and what it takes.

Source: Azure's page "Understand Azure deny assignments". One names its principals, of which one id stands for
everybody, and those whom it leaves out; it wins over every role.
"""

from collections.abc import Iterable

from azure_service_connections.sandbox.arm.patterns import permits
from azure_service_connections.sandbox.arm.scopes import parse
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

COLLECTION = "deny-assignments"
KIND = "Microsoft.Authorization/denyAssignments"
EVERYONE = "00000000-0000-0000-0000-000000000000"
"""The id of the principal that stands for all (type `SystemDefined`)."""


def make(
    cloud: Cloud,
    tenant_id: str,
    *,
    name: str,
    scope: str,
    actions: Iterable[str],
    principals: Iterable[str] = (EVERYONE,),
    excluded: Iterable[str] = (),
    not_actions: Iterable[str] = (),
) -> Document:
    """Keep one, as a deployment stack would make it. Actions are patterns, principals object ids."""
    place = parse(scope).text.rstrip("/")
    guid = cloud.identifiers.derived("deny-assignment", tenant_id, place.lower(), name)
    document = {
        "id": f"{place}/providers/{KIND}/{guid}",
        "name": guid,
        "tenantId": tenant_id,
        "scope": place or "/",
        "denyAssignmentName": name,
        "permissions": [
            {
                "actions": list(actions),
                "notActions": list(not_actions),
                "dataActions": [],
                "notDataActions": [],
            }
        ],
        "principals": [_principal(each) for each in principals],
        "excludePrincipals": [_principal(each) for each in excluded],
    }
    cloud.store.put(COLLECTION, str(document["id"]).lower(), document)
    return document


def stands_against(document: Document, holders: Iterable[str]) -> bool:
    """Whether one is against a principal, given with the groups that it is in by lower-cased ids."""
    known = set(holders)
    excluded = {each["id"].lower() for each in document["excludePrincipals"]}
    named = {each["id"].lower() for each in document["principals"]}
    return not known & excluded and (EVERYONE in named or bool(known & named))


def takes(document: Document, action: str, *, data: bool) -> bool:
    """Whether one takes an action, or a data action."""
    given, left = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return any(permits(each[given], each[left], action) for each in document["permissions"])


def presented(document: Document) -> Document:
    """One as Azure answers it."""
    return {
        "id": document["id"],
        "name": document["name"],
        "type": KIND,
        "properties": {
            "denyAssignmentName": document["denyAssignmentName"],
            "description": "",
            "permissions": document["permissions"],
            "scope": document["scope"],
            "doNotApplyToChildScopes": False,
            "principals": document["principals"],
            "excludePrincipals": document["excludePrincipals"],
            "isSystemProtected": True,
        },
    }


def _principal(object_id: str) -> Document:
    kind = "SystemDefined" if object_id == EVERYONE else "ServicePrincipal"
    return {"id": object_id.lower(), "type": kind}
