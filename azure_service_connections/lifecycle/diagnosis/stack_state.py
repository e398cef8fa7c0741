"""What a stack's state says that its connections are, whichever program made it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from azure_service_connections.lifecycle.diagnosis.check_facts import Facts, kind_of, stated_facts

_VERSION: Final = re.compile(r"^(azure-native:\w+)/v\w+:")
_AZURE_RM: Final = "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM"
_GENERIC: Final = "azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2"
_PERMISSION: Final = "azuredevops:index/pipelineAuthorization:PipelineAuthorization"
_APPLICATIONS: Final = (
    "azuread:index/application:Application",
    "azuread:index/applicationRegistration:ApplicationRegistration",
)
_KEYS: Final = (
    "azuread:index/applicationPassword:ApplicationPassword",
    "azuread:index/applicationCertificate:ApplicationCertificate",
)
_TRUST_OF_APPLICATION: Final = re.compile(
    r"azuread:index/application(Flexible)?FederatedIdentityCredential:.*"
)
_MEMBER: Final = "azuread:index/groupMember:GroupMember"
_IDENTITY: Final = "azure-native:managedidentity:UserAssignedIdentity"
_TRUST_OF_IDENTITY: Final = "azure-native:managedidentity:FederatedIdentityCredential"
_ROLE: Final = "azure-native:authorization:RoleAssignment"


@dataclass(frozen=True)
class StatedConnection:
    """A connection in a state."""

    project_id: str
    description: str
    subscription_id: str
    management_group: str
    shared_with: frozenset[str] | None
    """Lower-cased ids of other projects; None for a kind of connection that a state cannot share."""


@dataclass(frozen=True)
class StatedCheck:
    """A check in a state."""

    kind: str
    project_id: str
    facts: Facts


@dataclass
class StackState:
    """What a state says. Ids are in lower case."""

    connections: dict[str, StatedConnection] = field(default_factory=dict)
    owned: set[str] = field(default_factory=set)
    """Object ids of applications and Azure ids of managed identities that the stack made."""
    trusts: set[tuple[str, str, str]] = field(default_factory=set)
    """Identity (as in `owned`), issuer, and subject or expression of each federated credential."""
    keys: set[str] = field(default_factory=set)
    """Key ids of secrets and certificates."""
    roles: dict[str, str] = field(default_factory=dict)
    """Conditions of role assignments, by id."""
    groups: set[str] = field(default_factory=set)
    """Groups that the stack puts members into."""
    pipelines: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    """Projects and ids of the pipelines that may use a connection, by its id."""
    open: set[str] = field(default_factory=set)
    """Connections that every pipeline may use."""
    checks: dict[str, dict[int, StatedCheck]] = field(default_factory=dict)
    """Checks by id, by the connection's id."""


def read_state(export: Mapping[str, Any]) -> StackState:
    """The part of an exported state that is about connections; what was only looked up is left out."""
    state = StackState()
    for resource in (export.get("deployment") or {}).get("resources") or ():
        if resource.get("custom") and not resource.get("external") and not resource.get("delete"):
            kind = _VERSION.sub(r"\1:", str(resource["type"]))
            outputs = {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}
            _add(state, kind, str(resource.get("id") or ""), outputs)
    return state


def _add(state: StackState, kind: str, identifier: str, outputs: Mapping[str, Any]) -> None:
    key = identifier.lower()
    if kind in (_AZURE_RM, _GENERIC):
        state.connections[key] = _connection(kind, outputs)
    elif kind == _PERMISSION and str(outputs.get("type")) == "endpoint":
        _add_permission(state, outputs)
    elif check := kind_of(kind):
        if str(outputs.get("targetResourceType")) == "endpoint":
            held = state.checks.setdefault(_text(outputs, "targetResourceId").lower(), {})
            facts = stated_facts(check, outputs)
            held[int(identifier)] = StatedCheck(check, _text(outputs, "projectId").lower(), facts)
    elif kind in _APPLICATIONS:
        state.owned.add(key.rpartition("/")[2])
        state.keys.update(_password_of(outputs))
    elif kind in _KEYS:
        state.keys.add(_text(outputs, "keyId").lower())
    elif kind == _IDENTITY:
        state.owned.add(key)
    elif _TRUST_OF_APPLICATION.fullmatch(kind):
        parent = _text(outputs, "applicationId").lower().rpartition("/")[2]
        told = _text(outputs, "subject") or _text(outputs, "claimsMatchingExpression")
        state.trusts.add((parent, _text(outputs, "issuer"), told))
    elif kind == _TRUST_OF_IDENTITY:
        parent = key.partition("/federatedidentitycredentials/")[0]
        state.trusts.add((parent, _text(outputs, "issuer"), _text(outputs, "subject")))
    elif kind == _ROLE:
        state.roles[key] = _text(outputs, "condition")
    elif kind == _MEMBER:
        state.groups.add(_text(outputs, "groupObjectId").lower().rpartition("/")[2])


def _connection(kind: str, outputs: Mapping[str, Any]) -> StatedConnection:
    shared: Sequence[str] = outputs.get("sharedProjectIds") or ()
    fields = outputs.get("parameters") if kind == _GENERIC else {}
    fields = fields if isinstance(fields, dict) else {}
    return StatedConnection(
        _text(outputs, "projectId").lower(),
        _text(outputs, "description"),
        (_text(outputs, "azurermSubscriptionId") or _text(fields, "subscriptionId")).lower(),
        (_text(outputs, "azurermManagementGroupId") or _text(fields, "managementGroupId")).lower(),
        frozenset(str(each).lower() for each in shared),
    )


def _add_permission(state: StackState, outputs: Mapping[str, Any]) -> None:
    connection = _text(outputs, "resourceId").lower()
    pipeline = outputs.get("pipelineId")
    if not pipeline:
        state.open.add(connection)
        return
    held = state.pipelines.setdefault(connection, set())
    for name in ("projectId", "pipelineProjectId"):
        if project := _text(outputs, name):
            held.add((project.lower(), int(pipeline)))


def _password_of(outputs: Mapping[str, Any]) -> set[str]:
    """The key of a password that an application was made with."""
    password = outputs.get("password")
    return {str(password["keyId"]).lower()} if isinstance(password, dict) and password.get("keyId") else set()


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
