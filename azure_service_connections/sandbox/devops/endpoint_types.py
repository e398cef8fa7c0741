"""The types of service connections: which fields each takes, by authentication scheme.

The fields of `azurerm` are those of the REST reference's example; the ones that were seen later are in it
too, none of them required. Whether the real service asks for required fields beyond their visibility rules on
POST is not documented; a client that composes any type does (an empty text is enough for it).
"""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.organizations import organization_named
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()

SUBSCRIPTION: Final = "Subscription"
MANAGEMENT_GROUP: Final = "ManagementGroup"
WORKSPACE: Final = "AzureMLWorkspace"

ENVIRONMENTS: Final = {
    "AzureCloud": "https://management.azure.com/",
    "AzureChinaCloud": "https://management.chinacloudapi.cn/",
    "AzureUSGovernment": "https://management.usgovcloudapi.net/",
    "AzureGermanCloud": "https://management.microsoftazure.de",
    "AzureStack": "",
}

_REQUIRED_DATA: Final = {
    "environment": "Environment",
    "scopeLevel": "Scope Level",
    "subscriptionId": "Subscription Id",
    "subscriptionName": "Subscription Name",
    "resourceGroupName": "Resource Group Name",
    "mlWorkspaceName": "Machine Learning Workspace Name",
    "mlWorkspaceLocation": "Machine Learning Workspace Location",
    "managementGroupId": "Management Group Id",
    "managementGroupName": "Management Group Name",
}
_OPTIONAL_DATA: Final = (
    "oboAuthorization",
    "creationMode",
    "azureSpnRoleAssignmentId",
    "azureSpnPermissions",
    "spnObjectId",
    "appObjectId",
    "resourceId",
    "identityType",
    "isDraft",
    "revertSchemeDeadline",
    "serviceManagementReference",
)

_COMMON_PARAMETERS: Final = ("accessToken", "role", "scope", "accessTokenFetchingMethod")
_SCHEMES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "ServicePrincipal": (
        ("serviceprincipalid", "authenticationType", "tenantid"),
        ("serviceprincipalkey", "servicePrincipalCertificate", *_COMMON_PARAMETERS),
    ),
    "WorkloadIdentityFederation": (
        ("serviceprincipalid", "tenantid"),
        (
            "workloadIdentityFederationIssuer",
            "workloadIdentityFederationSubject",
            "workloadIdentityFederationIssuerType",
            *_COMMON_PARAMETERS,
        ),
    ),
    "ManagedServiceIdentity": (("tenantid",), ()),
    "PublishProfile": (("publishProfile",), ("tenantid", "accessToken", "accessTokenFetchingMethod")),
}
"""By scheme: required parameters, optional ones."""

_CONFIDENTIAL: Final = ("serviceprincipalkey", "servicePrincipalCertificate", "publishProfile", "accessToken")


def schemes_of(endpoint_type: str) -> tuple[str, ...]:
    """The authentication schemes of a type; none for an unknown type."""
    return {"azurerm": tuple(_SCHEMES), "generic": ("UsernamePassword",)}.get(endpoint_type.lower(), ())


def known_data(endpoint_type: str) -> frozenset[str] | None:
    """The names of the fields under `data` that a type takes, in lower case; None where any are taken."""
    if endpoint_type.lower() != "azurerm":
        return None
    return frozenset(name.lower() for name in (*_REQUIRED_DATA, *_OPTIONAL_DATA))


@ROUTES.get("/{organization}/_apis/serviceendpoint/types")
def list_types(cloud: Cloud, request: Request, organization: str) -> Response:
    """The types, one of them where `type` is given, with the schemes that `scheme` leaves."""
    organization_named(cloud, organization)
    wanted, scheme = (request.argument("type") or "").lower(), (request.argument("scheme") or "").lower()
    found = [each for each in (_azurerm(), _generic()) if not wanted or each["name"] == wanted]
    if scheme:
        found = [
            each
            for each in found
            if any(s["scheme"].lower() == scheme for s in each["authenticationSchemes"])
        ]
    return Response(body={"count": len(found), "value": found})


def _azurerm() -> dict[str, Any]:
    return {
        "name": "azurerm",
        "displayName": "Azure Resource Manager",
        "description": "Service connection type for Azure Resource Manager connections",
        "endpointUrl": {
            "displayName": "Server Url",
            "helpText": "",
            "value": ENVIRONMENTS["AzureCloud"],
            "isVisible": "false",
            "dependsOn": {
                "input": "environment",
                "map": [{"key": name, "value": url} for name, url in ENVIRONMENTS.items() if url],
            },
        },
        "dataSources": [
            {
                "name": "TestConnection",
                "endpointUrl": "{{{endpoint.url}}}subscriptions/{{{endpoint.subscriptionId}}}"
                "?api-version=2016-06-01",
                "resultSelector": "jsonpath:$",
            }
        ],
        "dependencyData": [],
        "trustedHosts": [],
        "authenticationSchemes": [
            {
                "scheme": scheme,
                "displayName": scheme,
                "authorizationUrl": "",
                "requiresOAuth2Configuration": False,
                "authorizationHeaders": [],
                "clientCertificates": [],
                "dataSourceBindings": [],
                "properties": {},
                "inputDescriptors": [
                    *(_field(name, name, name not in _CONFIDENTIAL) for name in needed),
                    *(_field(name, name, False) for name in other),
                ],
            }
            for scheme, (needed, other) in _SCHEMES.items()
        ],
        "inputDescriptors": [
            *(_field(name, label, True) for name, label in _REQUIRED_DATA.items()),
            *(_field(name, name, False) for name in _OPTIONAL_DATA),
        ],
        "helpLink": {"href": "https://go.microsoft.com/fwlink/?LinkID=623000"},
    }


def _generic() -> dict[str, Any]:
    return {
        "name": "generic",
        "displayName": "Generic",
        "description": "Generic connection type",
        "endpointUrl": {"displayName": "Server Url", "isVisible": "true"},
        "dataSources": [],
        "authenticationSchemes": [
            {
                "scheme": "UsernamePassword",
                "displayName": "Basic Authentication",
                "inputDescriptors": [
                    _field("username", "Username", False),
                    _field("password", "Password", False),
                ],
            }
        ],
        "inputDescriptors": [],
    }


def _field(name: str, label: str, required: bool) -> dict[str, Any]:
    return {
        "id": name,
        "name": label,
        "description": label,
        "inputMode": "passwordBox" if name in _CONFIDENTIAL else "textBox",
        "isConfidential": name in _CONFIDENTIAL,
        "useInDefaultDescription": False,
        "validation": {"dataType": "string", "isRequired": required},
    }
