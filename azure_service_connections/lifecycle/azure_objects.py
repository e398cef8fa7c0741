"""Looks up what an interrupted run may have made in Azure, by the ids that follow from the inputs."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from azure_service_connections.lifecycle.found_object import Absent, Found, Lookup, Unclear
from azure_service_connections.lifecycle.object_owners import (
    dispute_credential,
    dispute_managed_identity,
    dispute_role_assignment,
)
from azure_service_connections.lifecycle.services import Services, checked

_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_VERSION_IN_TOKEN = re.compile(r"/v\d{8}\w*(?=:)")

IdOf = Callable[[Mapping[str, Any], str], str]


def _in_group(inputs: Mapping[str, Any], subscription: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}"


def _group(inputs: Mapping[str, Any], subscription: str) -> str:
    return _in_group(inputs, subscription)


def _managed_identity(inputs: Mapping[str, Any], subscription: str) -> str:
    return f"{_in_group(inputs, subscription)}/providers/{_IDENTITY}/{inputs['resourceName']}"


def _identity_credential(inputs: Mapping[str, Any], subscription: str) -> str:
    name = inputs["federatedIdentityCredentialResourceName"]
    return f"{_managed_identity(inputs, subscription)}/federatedIdentityCredentials/{name}"


def _role_assignment(inputs: Mapping[str, Any], subscription: str) -> str:
    scope, name = str(inputs["scope"]).rstrip("/"), inputs["roleAssignmentName"]
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"


_IDS: Mapping[str, tuple[IdOf, str, bool]] = MappingProxyType(
    {
        "azure-native:managedidentity:UserAssignedIdentity": (_managed_identity, "2023-01-31", True),
        "azure-native:managedidentity:FederatedIdentityCredential": (
            _identity_credential,
            "2023-01-31",
            True,
        ),
        "azure-native:authorization:RoleAssignment": (_role_assignment, "2022-04-01", False),
        "azure-native:resources:ResourceGroup": (_group, "2021-04-01", True),
    }
)
"""How an id is put together, the API version to ask with, and whether the subscription is needed for it."""


def knows(type_token: str) -> bool:
    """Whether resources of a type can be looked up here; a token may name an API version."""
    return _VERSION_IN_TOKEN.sub("", type_token) in _IDS


def is_there(services: Services, type_token: str, identifier: str) -> bool:
    """Whether the resource with this id still exists."""
    answer = services.azure("GET", identifier, _IDS[_VERSION_IN_TOKEN.sub("", type_token)][1])
    if answer.status == 404:
        return False
    checked(answer, f"Reading {identifier}")
    return True


def find_resource(
    services: Services, type_token: str, inputs: Mapping[str, Any], subscription: str | None
) -> Lookup:
    """A resource by its id in Azure; `subscription` is the one that its provider works in."""
    id_of, version, in_subscription = _IDS[_VERSION_IN_TOKEN.sub("", type_token)]
    if in_subscription and not subscription:
        return Unclear(
            "the subscription of its provider is unknown; look for it in Azure and delete it if the run "
            "made it"
        )
    try:
        identifier = id_of(inputs, subscription or "")
    except KeyError as error:
        return Unclear(
            f"its input {error} is not known; look for it in Azure and delete it if the run made it"
        )
    answer = services.azure("GET", identifier, version)
    if answer.status == 404:
        return Absent()
    document = checked(answer, f"Reading {identifier}")
    return Found(str(document.get("id") or identifier))


def dispute(services: Services, type_token: str, inputs: Mapping[str, Any], identifier: str) -> str:
    """Why the resource with this id is not the declared one; empty where it is."""
    id_of, version, _ = _IDS[_VERSION_IN_TOKEN.sub("", type_token)]
    found = checked(services.azure("GET", identifier, version), f"Reading {identifier}")
    if id_of is _identity_credential:
        return dispute_credential(inputs, found.get("properties") or {})
    if id_of is _role_assignment:
        return dispute_role_assignment(inputs, found)
    if id_of is _managed_identity:
        trusts = services.azure_list(f"{identifier}/federatedIdentityCredentials", version)
        return dispute_managed_identity(inputs, found, len(list(trusts)))
    return ""
