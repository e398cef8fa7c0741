"""Who the operator is: tokens from the variables that the engine's plugins read as well."""

import base64
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import AzureError, ClientAuthenticationError
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
from azure_service_connections.lifecycle.organizations import token_variables

_RENEWED_BEFORE_SECONDS: Final = 120

# The library warns of each refused sign-in on its own; here that is said once, in the error.
logging.getLogger("azure.identity").addHandler(logging.NullHandler())

Credential = (
    AzureCliCredential
    | CertificateCredential
    | ClientAssertionCredential
    | ClientSecretCredential
    | ManagedIdentityCredential
)


class OperatorCredentials:
    """Signs in as ARM_* say, at the first time that a token is needed; safe between threads.

    A token is asked for once and kept until two minutes before its end.
    """

    def __init__(self, environment: Mapping[str, str], addresses: Callable[[], CloudAddresses]) -> None:
        """`addresses` answers where the cloud is; it is asked when the first token is needed."""
        self._environment = environment
        self._addresses = addresses
        self._lock = threading.RLock()
        self._credential: Credential | None = None
        self._tokens: dict[str, tuple[str, float]] = {}

    def bearer(self, resource: str) -> str:
        """The Authorization header for a service; ServiceError where the sign-in is refused."""
        with self._lock:
            token, until = self._tokens.get(resource, ("", 0.0))
            if time.time() >= until - _RENEWED_BEFORE_SECONDS:
                token, until = self._sign_in(resource)
                self._tokens[resource] = token, until
            return f"Bearer {token}"

    def renewed(self, resource: str, refused: str) -> str:
        """The Authorization header after a service refused the one that was sent: that of a new sign-in.

        Where another thread has signed in meanwhile, its token is taken.
        """
        with self._lock:
            token, _ = self._tokens.get(resource, ("", 0.0))
            if refused == f"Bearer {token}":
                self._tokens.pop(resource)
                # The library keeps tokens as well; a new credential has none.
                self.close()
                self._credential = None
            return self.bearer(resource)

    def tenant(self, resource: str) -> str:
        """The id of the tenant that the operator is signed in to, in lower case; empty where none is told."""
        return str(self.claims(resource).get("tid", "")).lower()

    def claims(self, resource: str) -> Mapping[str, Any]:
        """What the operator's token for a service says of the operator; nothing where it cannot be read."""
        _, _, rest = self.bearer(resource).partition(".")
        payload = rest.partition(".")[0]
        try:
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except ValueError:
            # What is in a token is for the service that it is made out to; it may be anything.
            return {}
        return claims if isinstance(claims, dict) else {}

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._credential is not None:
            self._credential.close()

    def devops(self, organization: str = "") -> str:
        """The Authorization header for Azure DevOps: a personal access token, else a token of Entra ID.

        AZDO_PERSONAL_ACCESS_TOKEN_<NAME> is that of one organization, AZDO_PERSONAL_ACCESS_TOKEN that of all
        others.
        """
        if (token := self.personal_access_token(organization)[1]) is not None:
            return f"Basic {base64.b64encode(f':{token}'.encode()).decode()}"
        return self.bearer(DEVOPS_RESOURCE)

    def personal_access_token(self, organization: str) -> tuple[str, str | None]:
        """The variable with the token for an organization, and the token; None where there is none."""
        for variable in token_variables(organization):
            if token := self._environment.get(variable):
                return variable, token
        return "", None

    def _sign_in(self, resource: str) -> tuple[str, float]:
        if self._credential is None:
            self._credential = _credential(self._environment, self._addresses())
        try:
            token = self._credential.get_token(f"{resource}/.default")
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
        except AzureError as error:
            raise ServiceError(
                f"The sign-in service {self._addresses().login} does not answer "
                f"({str(error).strip().splitlines()[0]}); check that it can be reached."
            ) from error
        return token.token, float(token.expires_on)


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
