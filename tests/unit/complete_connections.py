"""Connections of a stack with every group of keys complete, and what the loader says of them."""

from collections.abc import Mapping
from typing import Any

from mock_cloud import SUBSCRIPTION, TENANT, managed_identity

from azure_service_connections.configuration.loader import load
from azure_service_connections.configuration.mistakes import ConfigurationError

SITE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Web/sites/shop"
MANAGED = managed_identity("rg", "id-a")
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
END = "2027-01-31T00:00:00Z"
HUB = "https://token.actions.githubusercontent.com"

GROUPS: dict[str, Any] = {
    "appRegistration": {},
    "managedIdentity": {"resourceId": MANAGED},
    "servicePrincipal": {"clientId": TENANT, "tenantId": TENANT},
    "automatic": {},
    "agentIdentity": {},
    "webApp": {"resourceId": SITE, "publishProfile": "profile"},
    "subscription": {"id": SUBSCRIPTION, "name": "Payments"},
    "resourceGroup": {"subscriptionId": SUBSCRIPTION, "subscriptionName": "Payments", "name": "rg"},
    "managementGroup": {"id": "corp", "name": "Contoso"},
    "workspace": {
        "subscriptionId": SUBSCRIPTION,
        "subscriptionName": "Payments",
        "resourceGroup": "rg",
        "name": "ml-fraud",
        "location": "westeurope",
    },
    "cloud": {"environment": "AzureCloud"},
    "credential": {"certificate": {"certificate": PEM, "privateKey": KEY}},
    "roles": {"look": {"role": "Reader"}},
    "trusts": {"hub": {"issuer": HUB, "subject": "s"}},
    "sharedWith": [{"project": "Platform"}],
    "permissions": {"team": {"who": "ada@contoso.example"}},
    "checks": {
        "approvals": {"lead": {"approvers": ["ada@contoso.example"]}},
        "businessHours": {
            "days": ["monday"],
            "start": "08:00",
            "end": "18:00",
            "timeZone": "W. Europe Standard Time",
        },
        "requiredTemplates": [{"repository": "templates", "path": "deploy.yml"}],
    },
}
"""Each group of keys, complete."""


def written(*groups: str, **more: Any) -> dict[str, Any]:
    """A connection with these groups of keys."""
    return {"project": "Payments", **{name: GROUPS[name] for name in groups}, **more}


def said_of(connection: Mapping[str, Any]) -> list[str]:
    """What is wrong with a connection of the key `a`; nothing where it is right."""
    try:
        load({"a": connection})
    except ConfigurationError as error:
        return [str(mistake) for mistake in error.mistakes]
    return []
