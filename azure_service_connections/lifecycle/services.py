"""The three services as the operator reaches them: Microsoft Graph, Azure Resource Manager, Azure DevOps."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote

from azure_service_connections.lifecycle.cloud_addresses import CloudAddresses, cloud_addresses
from azure_service_connections.lifecycle.credentials import OperatorCredentials
from azure_service_connections.lifecycle.errors import ServiceError, SettingError
from azure_service_connections.lifecycle.http_client import Answer, HttpClient

MAIN_VERSION = "7.1"
"""The API version of what Azure DevOps has released."""
PREVIEW_VERSION = "7.1-preview.1"
"""The API version of what Azure DevOps never released: pipeline permissions."""


class Services:
    """The services, signed in when they are first asked for something."""

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

    def graph(self, method: str, path: str, **more: Any) -> Answer:
        """A request to Microsoft Graph v1.0; `path` starts with a slash."""
        url = f"{self.addresses.graph}/v1.0{path}"
        return self.http.send(method, url, headers=self._bearer(self.addresses.graph), **more)

    def azure(
        self, method: str, path: str, version: str, parameters: Mapping[str, str] | None = None
    ) -> Answer:
        """A request to Azure Resource Manager; `path` is a full id or a list's address."""
        return self.http.send(
            method,
            f"{self.addresses.resource_manager}{quote(path)}",
            headers=self._bearer(self.addresses.audience),
            parameters={"api-version": version, **(parameters or {})},
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
            answer = self.http.send("GET", following, headers=self._bearer(self.addresses.audience))

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

        `organization` is its address. Default: AZDO_ORG_SERVICE_URL.
        """
        base = organization or self.environment.get("AZDO_ORG_SERVICE_URL", "")
        if not base:
            raise SettingError(
                "AZDO_ORG_SERVICE_URL is not set, so the Azure DevOps organization is unknown; "
                "set it to the organization's address, such as https://dev.azure.com/contoso."
            )
        return self.http.send(
            method,
            f"{base.rstrip('/')}{quote(path)}",
            headers={
                "Authorization": self.credentials.devops(),
                "Accept": f"application/json;api-version={version}",
                "X-TFS-FedAuthRedirect": "Suppress",
            },
            parameters={"api-version": version, **(parameters or {})},
            body=body,
        )

    def _bearer(self, resource: str) -> dict[str, str]:
        return {"Authorization": self.credentials.bearer(resource)}


def checked(answer: Answer, doing: str) -> Any:
    """The document of an answer; ServiceError with the service's code and words where it is a refusal."""
    _check(answer, doing)
    return answer.document


def _check(answer: Answer, doing: str) -> None:
    if answer.successful and answer.document is not None:
        return
    code = answer.code or f"HTTP {answer.status}"
    words = answer.message or "no reason is given"
    raise ServiceError(f"{doing} was refused with {code}: {words.rstrip('.')}.", answer.status, answer.code)
