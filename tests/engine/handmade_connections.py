"""Connections made by hand, as portals and scripts make them, under names of their own."""

import ssl
from typing import Any

import httpx
from engine_stack import Sandbox

PAYMENTS = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
ROLES = {
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
}
SUBSCRIPTION = {"scopeLevel": "Subscription", "subscriptionId": PAYMENTS, "subscriptionName": "Payments prod"}
NETWORK = (
    "/subscriptions/6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03/resourceGroups/rg-identities"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-network"
)
AUDIENCE = "api://AzureADTokenExchange"
TASK = "fe1de3ee-a436-41b4-bb20-f6eb4cb879a7"
BRANCH_CONTROL = "86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b"
APPROVAL = "8c6f20a7-a545-4486-9777-f762fafe0d4d"
LOCK = "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563"
HOURS = "445fde2f-6c39-441c-807f-8a59ff2e075f"


class Portal:
    """Somebody who makes things by hand in the services of a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._environment = sandbox.environment
        trust = ssl.create_default_context(cafile=sandbox.environment["SSL_CERT_FILE"])
        self._client = httpx.Client(verify=trust, trust_env=False)
        self._base = sandbox.environment["SANDBOX_URL"]
        self.tenant = sandbox.environment["ARM_TENANT_ID"]
        answer = self._client.post(
            f"{self._base}/{self.tenant}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": sandbox.environment["ARM_CLIENT_ID"],
                "client_secret": sandbox.environment["ARM_CLIENT_SECRET"],
                "scope": f"{self._base}/.default",
            },
        )
        self._bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self._basic = httpx.BasicAuth("", sandbox.environment["AZDO_PERSONAL_ACCESS_TOKEN"])
        self.organization = sandbox.environment["AZDO_ORG_SERVICE_URL"].rstrip("/")

    def close(self) -> None:
        self._client.close()

    def graph(self, method: str, path: str, body: Any = None) -> Any:
        return self._sent(method, f"{self._base}/v1.0{path}", body, headers=self._bearer)

    def azure(self, method: str, path: str, version: str, body: Any = None) -> Any:
        return self._sent(
            method, f"{self._base}{path}", body, params={"api-version": version}, headers=self._bearer
        )

    def devops(self, method: str, path: str, body: Any = None, version: str = "7.1") -> Any:
        return self._sent(
            method, f"{self.organization}{path}", body, params={"api-version": version}, auth=self._basic
        )

    def project(self, name: str) -> dict[str, Any]:
        return dict(self.devops("GET", f"/_apis/projects/{name}"))

    def pipeline(self, project: str, name: str) -> int:
        listed = self.devops("GET", f"/{project}/_apis/pipelines")["value"]
        return next(int(each["id"]) for each in listed if each["name"] == name)

    def application(self, name: str, **settings: Any) -> dict[str, str]:
        """An app registration with its service principal."""
        made = self.graph("POST", "/applications", {"displayName": name, **settings})
        principal = self.graph("POST", "/servicePrincipals", {"appId": made["appId"]})
        return {"id": made["id"], "appId": made["appId"], "principalId": principal["id"]}

    def connection(
        self,
        name: str,
        client_id: str | None,
        scope: dict[str, str] | None = None,
        *,
        project: str = "Payments",
        shared: tuple[str, ...] = (),
        description: str = "",
        scheme: str = "WorkloadIdentityFederation",
        key: str | None = None,
        role_scope: str | None = None,
    ) -> dict[str, Any]:
        """A connection; without a client id Azure DevOps makes the identity."""
        parameters = {"tenantid": self.tenant}
        if client_id is not None:
            parameters["serviceprincipalid"] = client_id
        if key is not None:
            parameters |= {"authenticationType": "spnKey", "serviceprincipalkey": key}
        if role_scope is not None:
            parameters["scope"] = role_scope
        references = []
        for each in (project, *shared):
            known = self.project(each)
            reference = {"id": known["id"], "name": known["name"]}
            references.append({"projectReference": reference, "name": name, "description": description})
        return dict(
            self.devops(
                "POST",
                "/_apis/serviceendpoint/endpoints",
                {
                    "name": name,
                    "type": "azurerm",
                    "url": "https://management.azure.com/",
                    "owner": "library",
                    "description": description,
                    "authorization": {"scheme": scheme, "parameters": parameters},
                    "data": {
                        "environment": "AzureCloud",
                        "creationMode": "Automatic" if client_id is None else "Manual",
                        **(scope or SUBSCRIPTION),
                    },
                    "serviceEndpointProjectReferences": references,
                },
            )
        )

    def trust(self, application: str, name: str, connection: dict[str, Any], description: str = "") -> None:
        """Let an application trust a connection."""
        issuer, subject = self.signs(connection)
        body = {"name": name, "issuer": issuer, "subject": subject, "audiences": [AUDIENCE]}
        if description:
            body["description"] = description
        self.graph("POST", f"/applications/{application}/federatedIdentityCredentials", body)

    def trust_of_identity(self, identity: str, name: str, connection: dict[str, Any]) -> None:
        """Let a managed identity trust a connection."""
        issuer, subject = self.signs(connection)
        properties = {"issuer": issuer, "subject": subject, "audiences": [AUDIENCE]}
        path = f"{identity}/federatedIdentityCredentials/{name}"
        self.azure("PUT", path, "2023-01-31", {"properties": properties})

    def signs(self, connection: dict[str, Any]) -> tuple[str, str]:
        """Issuer and subject of a connection, as its page shows them."""
        project = connection["serviceEndpointProjectReferences"][0]["projectReference"]["id"]
        found = self.devops("GET", f"/{project}/_apis/serviceendpoint/endpoints/{connection['id']}")
        parameters = found["authorization"]["parameters"]
        return (
            parameters["workloadIdentityFederationIssuer"],
            parameters["workloadIdentityFederationSubject"],
        )

    def role(self, principal: str, role: str, scope: str, name: str, **more: str) -> None:
        """A role assignment under a GUID of its own."""
        prefix = f"/subscriptions/{scope.split('/')[2]}" if scope.startswith("/subscriptions/") else ""
        definition = f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"
        self.azure(
            "PUT",
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
            "2022-04-01",
            {
                "properties": {
                    "roleDefinitionId": definition,
                    "principalId": principal,
                    "principalType": "ServicePrincipal",
                    **more,
                }
            },
        )

    def allow(
        self, project: str, connection: dict[str, Any], *pipelines: int, everyone: bool = False
    ) -> None:
        """Let pipelines of a project use a connection."""
        body: dict[str, Any] = {"pipelines": [{"id": each, "authorized": True} for each in pipelines]}
        if everyone:
            body = {"allPipelines": {"authorized": True}}
        path = (
            f"/{self.project(project)['id']}/_apis/pipelines/pipelinepermissions/endpoint/{connection['id']}"
        )
        self.devops("PATCH", path, body, "7.1-preview.1")

    def check(
        self, project: str, connection: dict[str, Any], kind: str, settings: Any, timeout: int
    ) -> dict[str, Any]:
        """A check on a connection."""
        body = {
            "type": {"id": kind, "name": "check"},
            "settings": settings,
            "resource": {"type": "endpoint", "id": connection["id"], "name": connection["name"]},
            "timeout": timeout,
        }
        path = f"/{self.project(project)['id']}/_apis/pipelines/checks/configurations"
        return dict(self.devops("POST", path, body, "7.1-preview.1"))

    def _sent(self, method: str, url: str, body: Any, **more: Any) -> Any:
        answer = self._client.request(method, url, json=body, **more)
        assert answer.status_code < 300, f"{method} {url}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def task(definition: str, name: str, **inputs: str) -> dict[str, Any]:
    """The settings of a check that runs a task of the service."""
    task_name = "evaluatebranchProtection" if definition == BRANCH_CONTROL else "evaluateBusinessHours"
    reference = {"id": definition, "name": task_name, "version": "0.0.1"}
    return {"displayName": name, "definitionRef": reference, "inputs": inputs}
