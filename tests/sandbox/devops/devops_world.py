"""A sandbox with an organization, its tenant and a subscription, asked in process and over https."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import jwt

from azure_service_connections.sandbox.arm import role_assignment, roles
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import runs
from azure_service_connections.sandbox.entra import (
    access_tokens,
    applications,
    federated_credentials,
    passwords,
    service_principals,
)
from tests.sandbox import answers

TENANT = "7a9d8c1e-52f4-4c3b-9a31-0d6d8a3b1c11"
SUBSCRIPTION = "a1b2c3d4-0000-4000-8000-000000000001"
ORGANIZATION = "5b0f2a94-7e0b-4a4e-9d27-3c1f6e8d7b33"
PROJECT = "33333333-3333-4333-8333-333333333301"
OTHER_PROJECT = "33333333-3333-4333-8333-333333333302"
PERSON = "44444444-4444-4444-8444-444444444401"
TOKEN = "ada-token"
AUDIENCE = "api://AzureADTokenExchange"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"

DEPLOYMENT = """
parameters:
- name: connection
  type: string
  default: payments
steps:
- task: AzureCLI@2
  inputs:
    azureSubscription: ${{ parameters.connection }}
    inlineScript: az group list
"""


class Answer(answers.Answer):
    """What Azure DevOps answers."""

    @property
    def key(self) -> str:
        """The type of the refusal; its body must be whole."""
        assert set(self.body) == {
            "$id",
            "innerException",
            "message",
            "typeName",
            "typeKey",
            "errorCode",
            "eventId",
        }
        return str(self.body["typeKey"])

    @property
    def message(self) -> str:
        """The sentence of the refusal."""
        return str(self.body["message"])


Send = Callable[[str, str, dict[str, str], bytes], Answer]


class World:
    """The organization contoso with two projects, and what clients ask of it."""

    def __init__(self, cloud: Cloud, send: Send, issuer: str = "entra") -> None:
        self.cloud = cloud
        self.send = send
        put = cloud.store.put
        put("tenants", TENANT, {"id": TENANT, "name": "contoso", "domain": "contoso.example"})
        put(
            "users",
            PERSON,
            {
                "id": PERSON,
                "tenantId": TENANT,
                "displayName": "Ada Park",
                "userPrincipalName": "ada@contoso.example",
            },
        )
        put(
            "subscriptions",
            SUBSCRIPTION,
            {"id": SUBSCRIPTION, "name": "Payments production", "tenantId": TENANT, "managementGroup": None},
        )
        self.issuer(issuer)
        put(
            "personal-access-tokens",
            TOKEN,
            {"organization": "Contoso", "owner": "ada@contoso.example", "userId": PERSON},
        )
        for identifier, name in ((PROJECT, "Payments"), (OTHER_PROJECT, "Web shop")):
            put("projects", identifier, {"id": identifier, "name": name, "organization": "Contoso"})
        self.pipeline(1, "deploy-payments", DEPLOYMENT)

    def issuer(self, kind: str) -> None:
        """Set who issues the tokens of new connections."""
        self.cloud.store.put(
            "organizations",
            "contoso",
            {"id": ORGANIZATION, "name": "Contoso", "tenantId": TENANT, "issuer": kind},
        )

    def pipeline(self, number: int, name: str, yaml: str, project: str = PROJECT) -> None:
        """Keep a pipeline."""
        self.cloud.store.put(
            "pipelines",
            f"{project}/{number}",
            {"id": number, "name": name, "projectId": project, "yaml": yaml},
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        /,
        *,
        authorization: str | None = None,
        version: str = "7.1",
        **query: str,
    ) -> Answer:
        """Ask the organization with the person's token; `version` goes into the query."""
        basic = base64.b64encode(f":{TOKEN}".encode()).decode()
        headers = {
            "Authorization": authorization if authorization is not None else f"Basic {basic}",
            "X-TFS-FedAuthRedirect": "Suppress",
            "Content-Type": "application/json",
        }
        if version:
            query["api-version"] = version
        address = f"/Contoso/{path}?{urlencode(query)}"
        return self.send(method, address, headers, b"" if body is None else json.dumps(body).encode())

    def application(self, name: str = "deployer", secret: str = "app-secret") -> Any:
        """An application with a secret and its service principal; the application."""
        registered = applications.register(self.cloud, TENANT, {"displayName": name})
        passwords.add(self.cloud, registered, {"displayName": "first"}, secret)
        self.cloud.store.put("applications", registered["id"], registered)
        service_principals.register(self.cloud, TENANT, registered["appId"])
        return registered

    def principal_of(self, application: Any) -> Any:
        """The service principal of an application."""
        return self.cloud.store.one("service-principals", appId=application["appId"])

    def grant_role(self, application: Any, role: str, scope: str = f"/subscriptions/{SUBSCRIPTION}") -> None:
        """Give an application's principal a role."""
        found = roles.named(self.cloud, TENANT, role)
        assert found is not None, role
        role_assignment.make(
            self.cloud,
            TENANT,
            scope=scope,
            name=self.cloud.identifiers.guid("assignment", f"{scope}{role}"),
            role=found.guid,
            principal_id=self.principal_of(application)["id"],
            principal_type="ServicePrincipal",
        )

    def devops_bearer(self, application: Any) -> str:
        """An Authorization header with an Entra token for Azure DevOps."""
        principal = self.principal_of(application)
        return f"Bearer {access_tokens.issue(self.cloud, TENANT, principal, DEVOPS)}"

    def trust(self, application: Any, endpoint: Any, **values: str) -> Any:
        """A federated credential of the application for a connection's own issuer and subject."""
        parameters = endpoint["authorization"]["parameters"]
        return federated_credentials.add(
            self.cloud,
            application,
            {
                "name": "connection",
                "issuer": parameters["workloadIdentityFederationIssuer"],
                "subject": parameters["workloadIdentityFederationSubject"],
                "audiences": [AUDIENCE],
                **values,
            },
        )

    def connection(self, application: Any = None, name: str = "payments", **changes: Any) -> Any:
        """A connection that the service made of a POST which must succeed."""
        client_id = application["appId"] if application else "44444444-4444-4444-8444-444444444444"
        answer = self.ask(
            "POST", "_apis/serviceendpoint/endpoints", {**described(name, client_id), **changes}
        )
        assert answer.status == 200, answer
        return answer.body

    def read(self, endpoint: Any, project: str = PROJECT) -> Answer:
        """Read a connection."""
        return self.ask("GET", f"{project}/_apis/serviceendpoint/endpoints/{endpoint['id']}")

    def authorize(self, endpoint: Any, pipeline: int = 1, project: str = PROJECT) -> None:
        """Let a pipeline use a connection."""
        answer = self.ask(
            "PATCH",
            f"{project}/_apis/pipelines/pipelinepermissions/endpoint/{endpoint['id']}",
            {"pipelines": [{"id": pipeline, "authorized": True}]},
            version="7.1-preview.1",
        )
        assert answer.status == 200, answer

    def run(self, pipeline: int = 1, project: str = PROJECT, **parameters: Any) -> Answer:
        """Ask for a run of a pipeline."""
        return self.ask(
            "POST",
            f"{quote(project)}/_apis/pipelines/{pipeline}/runs",
            {"templateParameters": parameters} if parameters else {},
        )

    def agent(self, run: Answer) -> dict[str, str]:
        """What the agent of a run is given."""
        assert run.status == 200, run
        return runs.agent_variables(self.cloud, "contoso", run.body["id"])

    def oidc(
        self, agent: dict[str, str], endpoint: Any = None, content: bytes = b"", **headers: str
    ) -> Answer:
        """Ask for an identity token as the agent does."""
        address = urlsplit(agent["SYSTEM_OIDCREQUESTURI"]).path + "?api-version=7.1"
        if endpoint is not None:
            address += f"&serviceConnectionId={endpoint['id']}"
        return self.send(
            "POST",
            address,
            {
                "Authorization": f"Bearer {agent['SYSTEM_ACCESSTOKEN']}",
                "X-TFS-FedAuthRedirect": "Suppress",
                **headers,
            },
            content,
        )

    def exchange(self, application: Any, assertion: str) -> Answer:
        """Exchange an identity token for an access token to Azure."""
        form = {
            "grant_type": "client_credentials",
            "client_id": application["appId"],
            "scope": "https://management.azure.com/.default",
            "client_assertion": assertion,
            "client_assertion_type": ASSERTION_TYPE,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", f"/{TENANT}/oauth2/v2.0/token", headers, urlencode(form).encode())

    def claims(self, token: str, signer: str) -> dict[str, Any]:
        """The claims of a token, its signature checked."""
        claims: dict[str, Any] = jwt.decode(
            token, self.cloud.signing.public_key(signer), algorithms=["RS256"], audience=AUDIENCE
        )
        return claims


def described(name: str = "payments", client_id: str = "44444444-4444-4444-8444-444444444444") -> Any:
    """The body with which the provider makes a federated connection by hand."""
    return {
        "authorization": {
            "parameters": {"serviceprincipalid": client_id, "tenantid": TENANT},
            "scheme": "WorkloadIdentityFederation",
        },
        "data": {
            "creationMode": "Manual",
            "environment": "AzureCloud",
            "scopeLevel": "Subscription",
            "subscriptionId": SUBSCRIPTION,
            "subscriptionName": "Payments production",
        },
        "description": "Deploys payments",
        "name": name,
        "owner": "library",
        "serviceEndpointProjectReferences": [
            {"description": "Deploys payments", "name": name, "projectReference": {"id": PROJECT}}
        ],
        "type": "azurerm",
        "url": "https://management.azure.com/",
    }


def keyed(
    name: str = "legacy", client_id: str = "44444444-4444-4444-8444-444444444444", **changes: Any
) -> Any:
    """The body of a connection that signs in with a secret."""
    body = described(name, client_id)
    body["authorization"] = {
        "scheme": "ServicePrincipal",
        "parameters": {
            "authenticationType": "spnKey",
            "serviceprincipalid": client_id,
            "serviceprincipalkey": "app-secret",
            "tenantid": TENANT,
            **changes,
        },
    }
    return body


def in_process(cloud: Cloud) -> Send:
    """Asks a cloud without a network."""
    return answers.in_process(cloud, Answer)


def over_https(url: str, client: httpx.Client) -> Send:
    """Asks a served cloud through a real client."""
    return answers.over_https(client, url, Answer)
