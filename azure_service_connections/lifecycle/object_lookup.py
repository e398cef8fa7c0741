"""Looks pending objects up by what makes each of them unique, with the credentials of its provider."""

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from azure_service_connections.lifecycle import (
    azure_objects,
    devops_checks,
    entra_objects,
    object_owners,
)
from azure_service_connections.lifecycle.devops_objects import (
    find_pipeline_authorization,
    find_service_connection,
    service_connection_is_there,
)
from azure_service_connections.lifecycle.entra_objects import (
    find_application,
    find_certificate,
    find_federated_credential,
    find_flexible_credential,
    find_service_principal,
    remove_password,
)
from azure_service_connections.lifecycle.found_object import Absent, Found, Lookup, Unclear
from azure_service_connections.lifecycle.http_client import HttpClient
from azure_service_connections.lifecycle.pending_operations import PendingOperation, State, plain
from azure_service_connections.lifecycle.services import Services

WAITS: Final = (1.0, 2.0, 4.0)
"""Seconds before a directory object that was not found is looked for again: Entra ID lags behind itself."""

_SERVICE_CONNECTION: Final = "azuredevops:index/serviceendpoint"
_PIPELINE_AUTHORIZATION: Final = "azuredevops:index/pipelineAuthorization:PipelineAuthorization"
_CONNECTION_ROLE: Final = "azuredevops:index/securityroleAssignment:SecurityroleAssignment"
_IN_ENTRA: Mapping[str, Callable[[Services, Mapping[str, Any], set[str]], Lookup]] = MappingProxyType(
    {
        "azuread:index/application:Application": find_application,
        "azuread:index/servicePrincipal:ServicePrincipal": find_service_principal,
        "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": (
            find_federated_credential
        ),
        "azuread:index/applicationFlexibleFederatedIdentityCredential:"
        "ApplicationFlexibleFederatedIdentityCredential": find_flexible_credential,
        "azuread:index/applicationPassword:ApplicationPassword": remove_password,
        "azuread:index/applicationCertificate:ApplicationCertificate": find_certificate,
    }
)
_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "clientId": "ARM_CLIENT_ID",
        "clientSecret": "ARM_CLIENT_SECRET",
        "clientCertificatePath": "ARM_CLIENT_CERTIFICATE_PATH",
        "clientCertificatePassword": "ARM_CLIENT_CERTIFICATE_PASSWORD",
        "tenantId": "ARM_TENANT_ID",
        "environment": "ARM_ENVIRONMENT",
        "metadataHost": "ARM_METADATA_HOSTNAME",
        "oidcToken": "ARM_OIDC_TOKEN",
        "oidcTokenFilePath": "ARM_OIDC_TOKEN_FILE_PATH",
        "subscriptionId": "ARM_SUBSCRIPTION_ID",
        "orgServiceUrl": "AZDO_ORG_SERVICE_URL",
        "personalAccessToken": "AZDO_PERSONAL_ACCESS_TOKEN",
    }
)
"""The inputs of a provider and the variables that stand for them where they are missing."""


class ObjectLookup:
    """Finds objects; what a provider's inputs say goes before the environment, as it does for the engine."""

    def __init__(
        self,
        state: State,
        environment: Mapping[str, str],
        http: HttpClient | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`state` was exported with secrets shown: credentials of providers are among them."""
        self._state = state
        self._environment = environment
        self._http = http or HttpClient()
        self._pause = pause
        self._services: dict[str | None, Services] = {}

    def close(self) -> None:
        """Close the connections to the services."""
        for services in self._services.values():
            services.close()
        self._http.close()

    def find_all(self, operations: Sequence[PendingOperation]) -> dict[str, Lookup]:
        """What has become of objects that were being made, by URN.

        What is not found in Entra ID is looked for again after a while. Raises ServiceError where a service
        refuses to tell.
        """
        found = {each.urn: self._find(each) for each in operations}
        for seconds in WAITS:
            missing = [each for each in operations if _may_lag(each, found[each.urn])]
            if not missing:
                break
            self._pause(seconds)
            found |= {each.urn: self._find(each) for each in missing}
        return found

    def is_there(self, operation: PendingOperation) -> bool | None:
        """Whether an object that was being deleted still exists, or None where that is not looked up."""
        type_token, services = operation.type, self._services_of(operation.provider)
        inputs = plain(operation.inputs)
        if type_token in _IN_ENTRA:
            return entra_objects.is_there(services, operation.id)
        if azure_objects.knows(type_token):
            return azure_objects.is_there(services, type_token, operation.id)
        if type_token == _PIPELINE_AUTHORIZATION:
            return isinstance(find_pipeline_authorization(services, inputs), Found)
        if _is_service_connection(type_token, inputs):
            return service_connection_is_there(services, inputs, operation.id)
        if devops_checks.knows(type_token):
            return devops_checks.check_is_there(services, inputs, operation.id)
        return True if type_token == _CONNECTION_ROLE else None

    def dispute(self, operation: PendingOperation, found: Found) -> str:
        """Why an object that was found by its name is not the declared one; empty where it is."""
        type_token, services = operation.type, self._services_of(operation.provider)
        inputs = plain(operation.inputs)
        if _is_service_connection(type_token, inputs):
            return object_owners.dispute_service_connection(services, inputs, found.id)
        if type_token in _IN_ENTRA:
            return entra_objects.dispute(services, inputs, found.id)
        return azure_objects.dispute(services, type_token, inputs, found.id)

    def _find(self, operation: PendingOperation) -> Lookup:
        shown = next((each for each in self._state.pending if each.urn == operation.urn), operation)
        inputs = plain(shown.inputs)
        services = self._services_of(operation.provider)
        type_token = operation.type
        if finder := _IN_ENTRA.get(type_token):
            return finder(services, inputs, self._state.ids(type_token))
        if azure_objects.knows(type_token):
            subscription = services.environment.get("ARM_SUBSCRIPTION_ID")
            return azure_objects.find_resource(services, type_token, inputs, subscription)
        if type_token == _PIPELINE_AUTHORIZATION:
            return find_pipeline_authorization(services, inputs)
        if _is_service_connection(type_token, inputs):
            return find_service_connection(services, inputs)
        if devops_checks.knows(type_token):
            return devops_checks.find_check(services, type_token, inputs, self._state.ids(type_token))
        if type_token == _CONNECTION_ROLE:
            # Given again by the next run, it is the same one.
            return Absent("the next `pulumi up` gives the role, whether it is there already or not")
        return Unclear(
            f"objects of the type {type_token} are not looked up; look for it yourself and, if it is there, "
            "delete it or import it with `pulumi import`"
        )

    def _services_of(self, provider: str | None) -> Services:
        if provider not in self._services:
            resource = self._state.resource(provider) or {}
            inputs = plain(resource.get("inputs") or {})
            said = {
                variable: value
                for name, variable in _VARIABLES.items()
                if isinstance(value := inputs.get(name), str) and value
            }
            self._services[provider] = Services({**self._environment, **said}, self._http)
        return self._services[provider]


def _is_service_connection(type_token: str, inputs: Mapping[str, Any]) -> bool:
    named = "serviceEndpointName" in inputs or "name" in inputs
    return named and type_token.lower().startswith(_SERVICE_CONNECTION)


def _may_lag(operation: PendingOperation, found: Lookup) -> bool:
    return operation.type in _IN_ENTRA and isinstance(found, Absent) and not found.done
