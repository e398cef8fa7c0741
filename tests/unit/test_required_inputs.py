"""Every input that is required, with the sentence for where it is missing.

What is required is read from the models and the components' inputs: a new one without a sentence fails here.
"""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from complete_connections import GROUPS, said_of, written
from pydantic import BaseModel

from azure_service_connections.catalogue.combinations import IDENTITIES, SCOPES
from azure_service_connections.configuration.models import Connection
from components.errors import InputError
from components.input_check import InputCheck
from components.package import COMPONENTS
from components.shapes import fields

REQUIRED = {
    "project": "is missing; write the name or the id of the project",
    "servicePrincipal.clientId": "is missing; write the client id of the application",
    "servicePrincipal.tenantId": "is missing; write the id of the tenant",
    "webApp.resourceId": "is missing; write the id of the App Service",
    "webApp.publishProfile": "is missing; write the publish profile, encrypted",
    "subscription.id": "is missing; write its id",
    "subscription.name": "is missing; write its name",
    "resourceGroup.subscriptionId": "is missing; write the id of the subscription",
    "resourceGroup.subscriptionName": "is missing; write the name of the subscription",
    "resourceGroup.name": "is missing; write its name",
    "managementGroup.id": "is missing; write its id",
    "managementGroup.name": "is missing; write its name",
    "workspace.subscriptionId": "is missing; write the id of the subscription",
    "workspace.subscriptionName": "is missing; write the name of the subscription",
    "workspace.resourceGroup": "is missing; write the name of its resource group",
    "workspace.name": "is missing; write its name",
    "workspace.location": "is missing; write its Azure region, such as westeurope",
    "cloud.environment": "is missing; write the name of the cloud",
    "credential.certificate.certificate": "is missing; write the certificate in PEM form",
    "credential.certificate.privateKey": "is missing; write its private key, encrypted",
    "roles.look.role": "is missing; write the name of a built-in role, a GUID or a full id",
    "trusts.hub.issuer": "is missing; write the issuer of the tokens that are trusted",
    "sharedWith[0].project": "is missing; write the name or the id of the project",
    "permissions.team.who": (
        "is missing; write the user principal name of a person, the name of a group or an identity's id"
    ),
    "checks.approvals.lead.approvers": "is missing; write the people and groups who are asked",
    "checks.businessHours.days": "is missing; write the days of the week",
    "checks.businessHours.start": "is missing; write the time of day from when on",
    "checks.businessHours.end": "is missing; write the time of day until when",
    "checks.businessHours.timeZone": (
        "is missing; write the name of a time zone, such as W. Europe Standard Time"
    ),
    "checks.requiredTemplates[0].repository": "is missing; write the repository that holds it",
    "checks.requiredTemplates[0].path": "is missing; write its path in the repository",
}

REQUIRED_OF_COMPONENTS = {
    "AppRegistrationArgs": {},
    "ApprovalArgs": {"approvers": "the people and groups who are asked"},
    "AgentIdentityArgs": {},
    "AutomaticArgs": {},
    "BusinessHoursArgs": {
        "days": "the days of the week",
        "start": "the time of day from when on",
        "end": "the time of day until when",
        "timeZone": "the name of a time zone, such as W. Europe Standard Time",
    },
    "CertificateArgs": {
        "certificate": "the certificate in PEM form",
        "privateKey": "its private key, encrypted",
    },
    "ChecksArgs": {},
    "ClientSecretArgs": {
        "applicationId": "it",
        "expires": "when it ends, as 2027-01-31T00:00:00Z",
    },
    "CloudArgs": {"environment": "the name of the cloud"},
    "ConnectionChecksArgs": {
        "projectId": "the id of the project",
        "connectionId": "the id of the connection",
        "checks": "it",
    },
    "ConnectionRolesArgs": {
        "projectId": "the id of the project",
        "connectionId": "the id of the connection",
        "permissions": "it",
    },
    "CredentialArgs": {},
    "ExistingServicePrincipalArgs": {
        "clientId": "the client id of the application",
        "tenantId": "the id of the tenant",
    },
    "FederatedCredentialArgs": {
        "credentialName": "it",
        "issuer": "the issuer of the tokens that are trusted",
    },
    "ManagedIdentityArgs": {},
    "ManagementGroupArgs": {"id": "its id", "name": "its name"},
    "OwnCredentialArgs": {},
    "PermissionArgs": {"identityId": "the id that Azure DevOps gives to the person or group"},
    "PipelineAccessArgs": {
        "projectId": "the id of the project",
        "connectionId": "the id of the connection",
    },
    "PipelineArgs": {"id": "its id"},
    "RequiredTemplateArgs": {
        "repository": "the repository that holds it",
        "path": "its path in the repository",
    },
    "ResourceGroupArgs": {
        "subscriptionId": "the id of the subscription",
        "subscriptionName": "the name of the subscription",
        "name": "its name",
    },
    "RoleArgs": {"role": "the name of a built-in role, a GUID or a full id"},
    "RoleAssignmentArgs": {
        "principalId": "the object id of the service principal",
        "role": "the name of a built-in role, a GUID or a full id",
        "scope": "the full id of a subscription, a resource group or a resource",
    },
    "SecretArgs": {},
    "ServiceConnectionArgs": {"projectId": "the id of the project"},
    "SubscriptionArgs": {"id": "its id", "name": "its name"},
    "TrustArgs": {"issuer": "the issuer of the tokens that are trusted"},
    "WebAppArgs": {
        "resourceId": "the id of the App Service",
        "publishProfile": "the publish profile, encrypted",
    },
    "WorkspaceArgs": {
        "subscriptionId": "the id of the subscription",
        "subscriptionName": "the name of the subscription",
        "resourceGroup": "the name of its resource group",
        "name": "its name",
        "location": "its Azure region, such as westeurope",
    },
}


def models_in(hint: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models that a value may be, and how a place in it is written: as it is, in a map, in a list."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield "", hint
    origin = get_origin(hint)
    step = {dict: "*", list: "[0]"}.get(origin, "") if isinstance(origin, type) else ""
    for inner in get_args(hint):
        if origin in (dict, list, Union, UnionType) or not isinstance(inner, str):
            for below, model in models_in(inner):
                yield f"{step}{below}", model


def required_in(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """The places of required keys; a key of the caller's own is `*`."""
    for name, field in model.model_fields.items():
        place = f"{path}.{field.alias or name}".lstrip(".")
        if field.is_required():
            yield place
        for step, inner in models_in(field.annotation):
            yield from required_in(inner, f"{place}{'.' if step == '*' else ''}{step}")


def without(value: Any, path: list[str]) -> Any:
    """A copy of a value that lacks what is at a place."""
    head, *rest = path
    if isinstance(value, list):
        return [without(value[0], rest)]
    copy = dict(value)
    if rest:
        copy[head] = without(copy[head], rest)
    else:
        del copy[head]
    return copy


def test_every_required_key_of_a_stack_has_its_sentence() -> None:
    own = {"roles.look": "roles.*", "trusts.hub": "trusts.*", "permissions.team": "permissions.*"}
    own |= {"checks.approvals.lead": "checks.approvals.*"}
    told = set()
    for place in REQUIRED:
        for spelled, general in own.items():
            place = place.replace(spelled, general)
        told.add(place)
    assert told == set(required_in(Connection))


@pytest.mark.parametrize("place", REQUIRED)
def test_a_required_key_that_is_missing_is_said_with_its_place(place: str) -> None:
    group = place.partition(".")[0].partition("[")[0]
    identity = group if group in IDENTITIES else "appRegistration"
    scope = group if group in SCOPES else "subscription"
    complete = written(identity, scope, *((group,) if group in GROUPS else ()))
    assert said_of(complete) == []
    steps = place.replace("[0]", ".0").split(".")
    assert said_of(without(complete, steps)) == [f"connections.a.{place}: {REQUIRED[place]}"]


def test_every_required_input_of_the_components_has_its_sentence() -> None:
    waiting, told = list(COMPONENTS.values()), {}
    while waiting:
        declared = waiting.pop()
        if declared.__name__ in told:
            continue
        check = InputCheck("Component", "a")
        check.shape({}, declared)
        try:
            check.finish()
            told[declared.__name__] = {}
        except InputError as error:
            told[declared.__name__] = {mistake.path: mistake.problem for mistake in error.mistakes}
        waiting += [field.group for field in fields(declared).values() if field.group is not None]
    assert told == {
        name: {key: f"is missing; write {what}" for key, what in required.items()}
        for name, required in REQUIRED_OF_COMPONENTS.items()
    }
