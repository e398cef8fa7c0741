"""Who the operator is: tokens from the variables that the engine's plugins read as well."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    ManagedIdentityCredential,
)

from azure_service_connections.catalogue.sign_in_errors import explain
from azure_service_connections.lifecycle.cloud_addresses import DEVOPS_RESOURCE, CloudAddresses
from azure_service_connections.lifecycle.errors import ServiceError, SettingError

Credential = (
    AzureCliCredential
    | CertificateCredential
    | ClientAssertionCredential
    | ClientSecretCredential
    | ManagedIdentityCredential
)


class OperatorCredentials:
    """Signs in as ARM_* say, at the first time that a token is needed."""

    def __init__(self, environment: Mapping[str, str], addresses: Callable[[], CloudAddresses]) -> None:
        """`addresses` answers where the cloud is; it is asked when the first token is needed."""
        self._environment = environment
        self._addresses = addresses
        self._credential: Credential | None = None

    def bearer(self, resource: str) -> str:
        """The Authorization header for a service; ServiceError where the sign-in is refused."""
        if self._credential is None:
            self._credential = _credential(self._environment, self._addresses())
        try:
            return f"Bearer {self._credential.get_token(f'{resource}/.default').token}"
        except CredentialUnavailableError as error:
            raise SettingError(
                "The operator cannot sign in to Azure: ARM_CLIENT_ID, ARM_TENANT_ID and ARM_CLIENT_SECRET "
                "are not set and the Azure CLI is not signed in; set them or run `az login`."
            ) from error
        except ClientAuthenticationError as error:
            known = explain(str(error))
            reason = str(known) if known else str(error).strip().splitlines()[0]
            raise ServiceError(
                f"The operator {self._environment.get('ARM_CLIENT_ID', '')} was refused the sign-in: "
                f"{reason}."
            ) from error

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._credential is not None:
            self._credential.close()

    def devops(self) -> str:
        """The Authorization header for Azure DevOps: AZDO_PERSONAL_ACCESS_TOKEN, else a token of Entra ID."""
        token = self._environment.get("AZDO_PERSONAL_ACCESS_TOKEN")
        if token:
            return f"Basic {base64.b64encode(f':{token}'.encode()).decode()}"
        return self.bearer(DEVOPS_RESOURCE)


def _credential(environment: Mapping[str, str], addresses: CloudAddresses) -> Credential:
    tenant, client = environment.get("ARM_TENANT_ID", ""), environment.get("ARM_CLIENT_ID", "")
    common: dict[str, Any] = {
        "authority": addresses.login,
        "disable_instance_discovery": not addresses.well_known,
    }
    if tenant and client:
        if secret := _text_or_file(environment, "ARM_CLIENT_SECRET", "ARM_CLIENT_SECRET_FILE_PATH"):
            return ClientSecretCredential(tenant, client, secret, **common)
        if path := environment.get("ARM_CLIENT_CERTIFICATE_PATH"):
            password = environment.get("ARM_CLIENT_CERTIFICATE_PASSWORD") or None
            return CertificateCredential(tenant, client, path, password=password, **common)
        if _text_or_file(environment, "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH"):
            return ClientAssertionCredential(
                tenant,
                client,
                lambda: _text_or_file(environment, "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH"),
                **common,
            )
    if environment.get("ARM_USE_MSI", "").lower() == "true":
        return ManagedIdentityCredential(client_id=client or None)
    return AzureCliCredential(tenant_id=tenant)


def _text_or_file(environment: Mapping[str, str], text: str, path: str) -> str:
    if given := environment.get(text):
        return given
    if not (named := environment.get(path)):
        return ""
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(
            f"{path} names {named!r}, which cannot be read ({error.strerror}); name a file that can."
        ) from error
