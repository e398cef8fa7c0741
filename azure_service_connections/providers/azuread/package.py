"""The azuread package as the local cloud offers it: pulumi_azuread 6.11.1, cut to what connections need."""

from typing import Final

import httpx

from azure_service_connections.providers.azuread.application import Application
from azure_service_connections.providers.azuread.application_certificate import ApplicationCertificate
from azure_service_connections.providers.azuread.application_password import ApplicationPassword
from azure_service_connections.providers.azuread.application_registration import ApplicationRegistration
from azure_service_connections.providers.azuread.federated_credential import ApplicationFederatedCredential
from azure_service_connections.providers.azuread.flexible_federated_credential import (
    ApplicationFlexibleFederatedCredential,
)
from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.lookups import ON_PREMISES, USER_LISTS, USER_TEXTS, Lookups
from azure_service_connections.providers.azuread.service_principal import ServicePrincipal
from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.plugin import Plugin
from azure_service_connections.providers.resource_type import Function
from azure_service_connections.providers.settings import Settings

_CONFIGURATION: Final = {
    **dict.fromkeys(
        (
            *("adoPipelineServiceConnectionId", "clientCertificate", "clientCertificatePassword"),
            *(
                "clientCertificatePath",
                "clientId",
                "clientIdFilePath",
                "clientSecret",
                "clientSecretFilePath",
            ),
            *(
                "environment",
                "metadataHost",
                "msiEndpoint",
                "oidcRequestToken",
                "oidcRequestUrl",
                "oidcToken",
            ),
            *("oidcTokenFilePath", "partnerId", "tenantId"),
        ),
        "string",
    ),
    **dict.fromkeys(
        ("disableTerraformPartnerId", "useAksWorkloadIdentity", "useCli", "useMsi", "useOidc"), "boolean"
    ),
}


def _strings(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "string")


def _kinds(kind: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, kind)


class AzureadPlugin(Plugin[GraphClient]):
    """The plugin; it signs in when the engine configures it."""

    name = "azuread"
    version = "6.11.1"
    configuration = _CONFIGURATION

    def __init__(self, pauses: Pauses | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """`pauses` are those of the environment, `transport` is the network, unless given."""
        super().__init__(pauses, transport)
        kinds: tuple[type[GraphResource], ...] = (
            Application,
            ApplicationCertificate,
            ApplicationFederatedCredential,
            ApplicationFlexibleFederatedCredential,
            ApplicationPassword,
            ApplicationRegistration,
            ServicePrincipal,
        )
        self.resources = {kind.token: kind(self.client) for kind in kinds}
        self.functions = {function.token: function for function in _functions(Lookups(self.client))}

    def connect(
        self, settings: Settings, pauses: Pauses, transport: httpx.BaseTransport | None
    ) -> GraphClient:
        """Read the metadata document and sign in, as the published plugin does at this point."""
        return GraphClient(settings, pauses, transport)


def _functions(lookups: Lookups) -> list[Function]:
    application, principal = _outputs(Application), _outputs(ServicePrincipal)
    for one, many in (
        ("api", "apis"),
        ("publicClient", "publicClients"),
        ("singlePageApplication", "singlePageApplications"),
        ("web", "webs"),
        ("optionalClaims", "optionalClaims"),
    ):
        del application[one]
        application[many] = "objects"
    for name in ("logoImage", "password", "preventDuplicateNames", "templateId"):
        del application[name]
    for name in ("owners", "samlSingleSignOn", "useExisting"):
        del principal[name]
    user_keys = _strings("employeeId", "mail", "mailNickname", "objectId", "userPrincipalName")
    users_keys = _kinds(
        "strings", "employeeIds", "mailNicknames", "mails", "objectIds", "userPrincipalNames"
    ) | _kinds("boolean", "ignoreMissing", "returnAll")
    group_flags = _kinds("boolean", "includeTransitiveMembers", "mailEnabled", "securityEnabled")
    return [
        Function(
            "azuread:index/getClientConfig:getClientConfig",
            {},
            _strings("clientId", "id", "objectId", "tenantId"),
            lookups.client_config,
        ),
        Function(
            "azuread:index/getApplication:getApplication",
            _strings("clientId", "displayName", "identifierUri", "objectId"),
            {"id": "string", "identifierUri": "string", **application},
            lookups.application,
        ),
        Function(
            "azuread:index/getServicePrincipal:getServicePrincipal",
            _strings("clientId", "displayName", "objectId"),
            {"id": "string", "samlSingleSignOns": "objects", **principal},
            lookups.service_principal,
        ),
        Function(
            "azuread:index/getUser:getUser",
            user_keys,
            {
                **_strings(
                    "id", "objectId", "costCenter", "division", "managerId", *USER_TEXTS, *ON_PREMISES
                ),
                **_kinds("boolean", "accountEnabled", "onpremisesSyncEnabled", "showInAddressList"),
                **_kinds("strings", *USER_LISTS),
            },
            lookups.user,
        ),
        Function(
            "azuread:index/getUsers:getUsers",
            users_keys,
            {"id": "string", "users": "objects", **users_keys},
            lookups.users,
        ),
        Function(
            "azuread:index/getGroup:getGroup",
            {**_strings("displayName", "mailNickname", "objectId"), **group_flags},
            {
                **_strings("description", "displayName", "id", "mail", "mailNickname", "objectId"),
                **_strings("onpremisesDomainName", "onpremisesGroupType", "onpremisesNetbiosName"),
                **_strings("onpremisesSamAccountName", "onpremisesSecurityIdentifier", "preferredLanguage"),
                **_strings("theme", "visibility"),
                **group_flags,
                **_kinds("boolean", "assignableToRole", "autoSubscribeNewMembers", "externalSendersAllowed"),
                **_kinds(
                    "boolean", "hideFromAddressLists", "hideFromOutlookClients", "onpremisesSyncEnabled"
                ),
                **_kinds("boolean", "writebackEnabled"),
                **_kinds(
                    "strings", "behaviors", "members", "owners", "provisioningOptions", "proxyAddresses"
                ),
                **_kinds("strings", "types"),
                "dynamicMemberships": "objects",
            },
            lookups.group,
        ),
    ]


def _outputs(resource: type[GraphResource]) -> dict[str, str]:
    return {name: known.kind for name, known in resource.properties.items()}
