"""Resources as rules see them, without an engine."""

from datetime import date
from typing import Any

from policies.estate import Estate
from policies.resource import Resource
from policies.resource_types import (
    APPLICATION,
    APPLICATION_TRUST,
    AZURERM_CONNECTION,
    GENERIC_CONNECTION,
    ROLE_ASSIGNMENT,
    SERVICE_PRINCIPAL,
)
from policies.rule import ResourceRule, Rule, StackRule
from policies.rules import RULES
from policies.verdict import judge_resource, judge_stack

TODAY = date(2026, 11, 24)
SUBSCRIPTION = "/subscriptions/6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
DEVOPS = "https://vstoken.dev.azure.com/8ad1697e-e582-4afb-a2bf-484c7bba3d8b"


def rule(name: str) -> Rule:
    """A rule by its name."""
    return next(each for each in RULES if each.name == name)


def urn(resource_type: str, name: str) -> str:
    return f"urn:pulumi:test::test::{resource_type}::{name}"


def resource(
    resource_type: str,
    name: str = "payments",
    /,
    *,
    protected: bool = True,
    sources: dict[str, Resource] | None = None,
    **properties: Any,
) -> Resource:
    made_from = {key: (each.urn,) for key, each in (sources or {}).items()}
    return Resource(resource_type, name, urn(resource_type, name), properties, protected, made_from)


def said_of_resource(name: str, judged: Resource, **given: Any) -> list[str]:
    """What a rule of one resource says."""
    asked = rule(name)
    assert isinstance(asked, ResourceRule)
    return [each.message for each in judge_resource(asked, judged, given, TODAY)]


def said_of_stack(name: str, *resources: Resource, today: date = TODAY, **given: Any) -> list[str]:
    """What a rule of a stack says."""
    asked = rule(name)
    assert isinstance(asked, StackRule)
    return [each.message for each in judge_stack(asked, Estate(resources), given, today)]


def azurerm(name: str = "payments", **properties: Any) -> Resource:
    """A connection as a state holds it."""
    return resource(
        AZURERM_CONNECTION,
        name,
        **{
            "id": f"id-of-{name}",
            "serviceEndpointName": name,
            "serviceEndpointAuthenticationScheme": "WorkloadIdentityFederation",
            "credentials": {"serviceprincipalid": f"client-of-{name}"},
            "azurermSubscriptionId": SUBSCRIPTION.rsplit("/", 1)[1],
            "workloadIdentityFederationIssuer": ENTRA,
            "workloadIdentityFederationSubject": f"/eid1/c/pub/t/x/a/y/sc/organization/id-of-{name}",
            **properties,
        },
    )


def generic(name: str = "payments", **properties: Any) -> Resource:
    """A connection of the resource that can say every field, as a state holds it."""
    return resource(
        GENERIC_CONNECTION,
        name,
        **{
            "id": f"id-of-{name}",
            "name": name,
            "type": "azurerm",
            "authorizationScheme": "WorkloadIdentityFederation",
            "authorizationParameters": {"serviceprincipalid": f"client-of-{name}", "tenantid": TENANT},
            "parameters": {
                "creationMode": "Manual",
                "environment": "AzureCloud",
                "scopeLevel": "Subscription",
            },
            **properties,
        },
    )


def application(name: str = "payments", **properties: Any) -> Resource:
    return resource(
        APPLICATION,
        name,
        **{"id": f"/applications/object-of-{name}", "clientId": f"client-of-{name}", **properties},
    )


def principal(name: str = "payments", **properties: Any) -> Resource:
    return resource(
        SERVICE_PRINCIPAL,
        name,
        **{"clientId": f"client-of-{name}", "objectId": f"principal-of-{name}", **properties},
    )


def trust(name: str = "payments", **properties: Any) -> Resource:
    """The federated credential of an application."""
    return resource(
        APPLICATION_TRUST,
        name,
        **{
            "applicationId": f"/applications/object-of-{name}",
            "issuer": ENTRA,
            "subject": f"/eid1/c/pub/t/x/a/y/sc/organization/id-of-{name}",
            "audiences": ["api://AzureADTokenExchange"],
            **properties,
        },
    )


def role(name: str = "payments", **properties: Any) -> Resource:
    return resource(
        ROLE_ASSIGNMENT,
        name,
        **{
            "principalId": f"principal-of-{name}",
            "principalType": "ServicePrincipal",
            "scope": SUBSCRIPTION,
            "roleDefinitionId": definition("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
            **properties,
        },
    )


def definition(guid: str) -> str:
    return f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
