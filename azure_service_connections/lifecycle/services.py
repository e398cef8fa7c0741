"""The three services as the operator reaches them: Microsoft Graph, Azure Resource Manager, Azure DevOps."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote

from azure_service_connections.lifecycle.cloud_addresses import (
    DEVOPS_RESOURCE,
    CloudAddresses,
    cloud_addresses,
)
from azure_service_connections.lifecycle.credentials import OperatorCredentials
from azure_service_connections.lifecycle.errors import ServiceError, SettingError, SignedOutError
from azure_service_connections.lifecycle.http_client import Answer, HttpClient
from azure_service_connections.lifecycle.organizations import organization_name

MAIN_VERSION = "7.1"
"""The API version of what Azure DevOps has released."""
PREVIEW_VERSION = "7.1-preview.1"
"""The API version of what Azure DevOps never released: pipeline permissions."""

_SIGN_IN_PAGES = (203, 302)
_UNAUTHORIZED = 401


class Services:
    """The services, signed in when they are first asked for something; safe between threads.

    A token that a service does not take any more is got anew, once for a request.
    """

    def __init__(self, environment: Mapping[str, str] | None = None, http: HttpClient | None = None) -> None:
        """Addresses and credentials come from the environment: that of the process unless given."""
        self.environment = os.environ if environment is None else environment
        self.http = http or HttpClient()
        self._addresses: CloudAddresses | None = None
        self.credentials = OperatorCredentials(self.environment, lambda: self.addresses)

    def __enter__(self) -> Self:
        """Leave the block to close the connections."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections to the services."""
        self.close()

    def close(self) -> None:
        """Close the connections to the services."""
        self.credentials.close()
        self.http.close()

    @property
    def addresses(self) -> CloudAddresses:
        """Where the services of the cloud are; found out once."""
        if self._addresses is None:
            self._addresses = cloud_addresses(self.environment, self.http)
        return self._addresses

    @property
    def tenant(self) -> str:
        """The id of the tenant whose directory Microsoft Graph shows the operator, in lower case."""
        if told := self.credentials.tenant(self.addresses.graph):
            return told
        organizations = checked(self.graph("GET", "/organization"), "Reading the operator's tenant")["value"]
        return str(organizations[0]["id"]).lower()

    def graph(self, method: str, path: str, *, version: str = "v1.0", **more: Any) -> Answer:
        """A request to Microsoft Graph; `path` starts with a slash, `version` is v1.0 or beta."""
        return self._to_graph(method, f"{self.addresses.graph}/{version}{path}", **more)

    def graph_list(
        self, path: str, doing: str, *, version: str = "v1.0", parameters: Mapping[str, str] | None = None
    ) -> Iterator[Any]:
        """The entries of a list of Microsoft Graph, page after page.

        ServiceError where it is refused; `doing` names what was being done.
        """
        answer = self.graph("GET", path, version=version, parameters=parameters)
        while True:
            _check(answer, doing)
            yield from answer.document.get("value", ())
            following = answer.document.get("@odata.nextLink")
            if not following:
                return
            answer = self._to_graph("GET", following)

    def azure(
        self,
        method: str,
        path: str,
        version: str,
        parameters: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """A request to Azure Resource Manager; `path` is a full id or a list's address."""
        return self._to_azure(
            method,
            f"{self.addresses.resource_manager}{quote(path)}",
            parameters={"api-version": version, **(parameters or {})},
            body=body,
        )

    def azure_list(
        self, path: str, version: str, parameters: Mapping[str, str] | None = None
    ) -> Iterator[Any]:
        """The entries of a list of Azure Resource Manager, page after page; ServiceError where refused."""
        answer = self.azure("GET", path, version, parameters)
        while True:
            _check(answer, f"Listing {path} in Azure")
            yield from answer.document.get("value", ())
            following = answer.document.get("nextLink")
            if not following:
                return
            answer = self._to_azure("GET", following)

    def devops(
        self,
        method: str,
        path: str,
        *,
        organization: str | None = None,
        version: str = MAIN_VERSION,
        parameters: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """A request to Azure DevOps; `path` is below the organization and starts with a slash.

        `organization` is its address. Default: AZDO_ORG_SERVICE_URL. SignedOutError where the organization
        does not take the operator's token.
        """
        base = (organization or self.environment.get("AZDO_ORG_SERVICE_URL", "")).rstrip("/")
        if not base:
            raise SettingError(
                "AZDO_ORG_SERVICE_URL is not set, so the Azure DevOps organization is unknown; "
                "set it to the organization's address, such as https://dev.azure.com/contoso."
            )

        def ask(authorization: str) -> Answer:
            return self.http.send(
                method,
                f"{base}{quote(path)}",
                headers={
                    "Authorization": authorization,
                    "Accept": f"application/json;api-version={version}",
                    "X-TFS-FedAuthRedirect": "Suppress",
                },
                parameters={"api-version": version, **(parameters or {})},
                body=body,
                service=base,
            )

        authorization = self.credentials.devops(base)
        answer = ask(authorization)
        if _signed_out(answer) and authorization.startswith("Bearer"):
            answer = ask(self.credentials.renewed(DEVOPS_RESOURCE, authorization))
        if _signed_out(answer):
            raise SignedOutError(self._not_signed_in(base), _UNAUTHORIZED, answer.code)
        return answer

    def _not_signed_in(self, organization: str) -> str:
        variable, token = self.credentials.personal_access_token(organization)
        name = organization_name(organization)
        if token is not None:
            return (
                f"The organization {name} does not take the personal access token of {variable}: it has "
                "expired, was revoked or is another organization's; make a new one and set it."
            )
        return (
            f"The organization {name} does not take the operator's token of Entra ID; add the operator to "
            "the organization, or set AZDO_PERSONAL_ACCESS_TOKEN."
        )

    def _to_graph(self, method: str, url: str, **more: Any) -> Answer:
        return self._send(self.addresses.graph, "Microsoft Graph", method, url, **more)

    def _to_azure(self, method: str, url: str, **more: Any) -> Answer:
        return self._send(self.addresses.audience, "Azure Resource Manager", method, url, **more)

    def _send(self, resource: str, service: str, method: str, url: str, **more: Any) -> Answer:
        authorization = self.credentials.bearer(resource)
        answer = self.http.send(
            method, url, headers={"Authorization": authorization}, service=service, **more
        )
        # A tenant that the operator is not in refuses every token; a new one would not help.
        if answer.status == _UNAUTHORIZED and answer.code != "InvalidAuthenticationTokenTenant":
            renewed = {"Authorization": self.credentials.renewed(resource, authorization)}
            answer = self.http.send(method, url, headers=renewed, service=service, **more)
        return answer


def checked(answer: Answer, doing: str) -> Any:
    """The document of an answer; ServiceError with the service's code and words where it is a refusal."""
    _check(answer, doing)
    return answer.document


def _signed_out(answer: Answer) -> bool:
    """Whether Azure DevOps asks for a sign-in, as a refusal or with the page on which people do it."""
    return answer.status == _UNAUTHORIZED or (answer.status in _SIGN_IN_PAGES and answer.document is None)


def _check(answer: Answer, doing: str) -> None:
    if answer.successful and answer.document is not None:
        return
    code = answer.code or f"HTTP {answer.status}"
    words = answer.message or "no reason is given"
    raise ServiceError(f"{doing} was refused with {code}: {words.rstrip('.')}.", answer.status, answer.code)
