"""What a saved plan says of a connection that stays: what is to be, without what there was."""

from collections.abc import Iterator
from typing import Final

from azure_service_connections.lifecycle.review.azure_scope import Level
from azure_service_connections.lifecycle.review.credentials import sign_in_risk
from azure_service_connections.lifecycle.review.endpoint import FEDERATED, WORDS, EndpointState
from azure_service_connections.lifecycle.review.finding import Finding, Kind, Risk
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.known_names import KnownNames
from azure_service_connections.lifecycle.review.phrase import Name
from azure_service_connections.lifecycle.review.preview import Step
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind

_SCHEME: Final = frozenset({"serviceEndpointAuthenticationScheme", "authorizationScheme"})
_CREDENTIALS: Final = frozenset({"credentials", "authorizationParameters"})
_NAME: Final = frozenset({"serviceEndpointName", "name"})
_SCOPE: Final = frozenset(
    {"azurermSubscriptionId", "azurermManagementGroupId", "resourceGroup", "parameters"}
)


def planned_findings(group: Group, step: Step, after: EndpointState, known: KnownNames) -> Iterator[Finding]:
    """What a connection is to be from now on, for each property that the plan changes."""
    changed = {each.split(".")[0] for each in step.changed}
    if changed & _NAME and after.name:
        what = ("is renamed to ", (Name(after.name),), ": pipelines refer to it by name")
        yield Finding(Kind.CONNECTION, Risk.MEDIUM, *what)
    if changed & _SCHEME and after.sign_in:
        how = f"signs in {WORDS[after.sign_in]} from now on"
        yield Finding(Kind.CREDENTIAL, sign_in_risk(after.sign_in), how)
    elif changed & _CREDENTIALS and after.sign_in == FEDERATED:
        yield Finding(Kind.IDENTITY, Risk.MEDIUM, "signs in as another identity")
    elif changed & _CREDENTIALS and not group.of(ResourceKind.SECRET):
        yield Finding(Kind.CREDENTIAL, Risk.MEDIUM, "signs in with another secret or as another identity")
    if changed & _SCOPE and (scope := after.scope) is not None:
        risk = Risk.HIGH if scope.level < Level.SUBSCRIPTION else Risk.MEDIUM
        yield Finding(Kind.SCOPE, risk, "its scope becomes ", scope.words(known))
