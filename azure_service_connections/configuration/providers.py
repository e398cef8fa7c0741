"""Providers beside the default ones: one for each subscription, one for each organization.

The azure-native provider works in one subscription and does not start without one. A managed identity needs
the provider of its own subscription; roles are given through that one, or else through the provider of the
subscription that the connection reaches.

Each takes over what the stack configures for the default provider of its kind.
"""

import os
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi.runtime
import pulumi_azure_native as azure_native
import pulumi_azuredevops as azuredevops

_AZURE_NATIVE_TEXTS = (
    "clientCertificatePassword",
    "clientCertificatePath",
    "clientId",
    "clientSecret",
    "location",
    "metadataHost",
    "msiEndpoint",
    "oidcRequestToken",
    "oidcRequestUrl",
    "oidcToken",
    "oidcTokenFilePath",
    "partnerId",
    "tenantId",
)
_AZURE_NATIVE_SWITCHES = (
    "disableInstanceDiscovery",
    "disablePulumiPartnerId",
    "useDefaultAzureCredential",
    "useMsi",
    "useOidc",
)
_AZUREDEVOPS_TEXTS = (
    "clientCertificate",
    "clientCertificatePassword",
    "clientCertificatePath",
    "clientId",
    "clientIdFilePath",
    "clientSecret",
    "clientSecretPath",
    "oidcAzureServiceConnectionId",
    "oidcRequestToken",
    "oidcRequestUrl",
    "oidcToken",
    "oidcTokenFilePath",
    "personalAccessToken",
    "tenantId",
)
_AZUREDEVOPS_SWITCHES = ("useCli", "useMsi", "useOidc")


NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
"""Stands for a subscription where a connection reaches more than one: roles at a management group name no
subscription, but the azure-native provider does not sign in without the id of one."""


class Providers:
    """The providers of one run, each made when it is first asked for."""

    def __init__(self) -> None:
        """Start without a provider."""
        self._subscriptions: dict[str, azure_native.Provider] = {}
        self._organizations: dict[str, azuredevops.Provider] = {}

    def of_subscription(self, subscription_id: str) -> azure_native.Provider:
        """The azure-native provider that works in a subscription."""
        key = subscription_id.lower()
        if key not in self._subscriptions:
            environment = (
                pulumi.Config("azure-native").get("environment")
                # The SDK fills in "public" for an explicit provider, over these variables.
                or os.environ.get("ARM_ENVIRONMENT")
                or os.environ.get("AZURE_ENVIRONMENT")
            )
            self._subscriptions[key] = azure_native.Provider(
                f"subscription-{key}",
                subscription_id=key,
                environment=environment,
                auxiliary_tenant_ids=pulumi.Config("azure-native").get_object("auxiliaryTenantIds"),
                **_settings("azure-native", _AZURE_NATIVE_TEXTS, _AZURE_NATIVE_SWITCHES),
            )
        return self._subscriptions[key]

    def of_organization(self, url: str | None) -> azuredevops.Provider | None:
        """The azuredevops provider of an organization, or None for the one that is configured anyway."""
        if url is None:
            return None
        key = url.rstrip("/").lower()
        if key not in self._organizations:
            self._organizations[key] = azuredevops.Provider(
                f"organization-{key.removeprefix('https://')}",
                org_service_url=url,
                auxiliary_tenant_ids=pulumi.Config("azuredevops").get_object("auxiliaryTenantIds"),
                **_settings("azuredevops", _AZUREDEVOPS_TEXTS, _AZUREDEVOPS_SWITCHES),
            )
        return self._organizations[key]


def _settings(namespace: str, texts: Sequence[str], switches: Sequence[str]) -> dict[str, Any]:
    """What the stack configures for a provider, as arguments of one; secrets stay secrets."""
    config = pulumi.Config(namespace)
    settings: dict[str, Any] = {}
    for key in texts:
        secret = pulumi.runtime.is_config_secret(config.full_key(key))
        value = config.get_secret(key) if secret else config.get(key)
        if value is not None:
            settings[_python_name(key)] = value
    for key in switches:
        if (switch := config.get_bool(key)) is not None:
            settings[_python_name(key)] = switch
    return settings


def _python_name(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
