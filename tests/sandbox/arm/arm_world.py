"""A sandbox with two tenants and their subscriptions, asked in process and over https with the same cases."""

import asyncio
import json
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode

import httpx

from azure_service_connections.sandbox.application import create_application
from azure_service_connections.sandbox.arm import role_assignment, roles
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import access_tokens
from azure_service_connections.sandbox.signing import Signing
from azure_service_connections.sandbox.store import Store
from tests.sandbox import answers

TENANT = "1f0c7a52-6a3f-4a0e-9d0c-7b1c2d3e4f01"
OTHER_TENANT = "2f0c7a52-6a3f-4a0e-9d0c-7b1c2d3e4f02"
SUBSCRIPTION = "a1b2c3d4-0000-4000-8000-000000000001"
SECOND_SUBSCRIPTION = "a1b2c3d4-0000-4000-8000-000000000002"
OTHER_SUBSCRIPTION = "a1b2c3d4-0000-4000-8000-000000000003"
AT_SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION}"
AT_GROUP = f"{AT_SUBSCRIPTION}/resourceGroups/rg-payments"
IDENTITIES = f"{AT_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
ASSIGNMENTS = "providers/Microsoft.Authorization/roleAssignments"
DEFINITIONS = "providers/Microsoft.Authorization/roleDefinitions"
VERSION = "2022-04-01"


class Answer(answers.Answer):
    """What Azure Resource Manager answers."""

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.body["error"]["code"])

    @property
    def message(self) -> str:
        """The sentence of a refusal."""
        return str(self.body["error"]["message"])

    @property
    def names(self) -> list[str]:
        """The names in a list."""
        return [str(each["name"]) for each in self.body["value"]]


Send = Callable[[str, str, dict[str, str], bytes], Answer]


class World:
    """Two tenants and what a client may ask of Azure Resource Manager."""

    def __init__(self, cloud: Cloud, send: Send) -> None:
        self.cloud = cloud
        self.send = send
        cloud.signing = _signing()
        for identifier, name in ((TENANT, "contoso"), (OTHER_TENANT, "fabrikam")):
            cloud.store.put(
                "tenants", identifier, {"id": identifier, "name": name, "domain": f"{name}.example"}
            )
        for identifier, name, tenant in (
            (SUBSCRIPTION, "Payments production", TENANT),
            (SECOND_SUBSCRIPTION, "Payments test", TENANT),
            (OTHER_SUBSCRIPTION, "Elsewhere", OTHER_TENANT),
        ):
            cloud.store.put(
                "subscriptions",
                identifier,
                {"id": identifier, "name": name, "tenantId": tenant, "managementGroup": None},
            )
        self.operator = self.principal("operator")
        self.grant(self.operator, "Owner", "/")

    def principal(self, name: str, tenant: str = TENANT) -> str:
        """The object id of a new service principal."""
        identifier = self.cloud.identifiers.guid("service-principal", name)
        self.cloud.store.put(
            "service-principals",
            identifier,
            {
                "id": identifier,
                "appId": self.cloud.identifiers.guid("application", name),
                "tenantId": tenant,
                "displayName": name,
                "servicePrincipalType": "Application",
            },
        )
        return identifier

    def group(self, name: str, *members: str) -> str:
        """The id of a new directory group."""
        identifier = self.cloud.identifiers.guid("group", name)
        self.cloud.store.put(
            "groups",
            identifier,
            {"id": identifier, "tenantId": TENANT, "displayName": name, "members": list(members)},
        )
        return identifier

    def granted(self, role: str, scope: str, **options: Any) -> str:
        """A new service principal that has one role."""
        principal = self.principal(f"{role} at {scope}")
        self.grant(principal, role, scope, **options)
        return principal

    def grant(self, principal: str, role: str, scope: str, tenant: str = TENANT, **options: Any) -> str:
        """Give a role by its name; the id of the assignment."""
        found = roles.named(self.cloud, tenant, role)
        assert found is not None, role
        made = role_assignment.make(
            self.cloud,
            tenant,
            scope=scope,
            name=self.cloud.identifiers.guid("role-assignment", scope),
            role=found.guid,
            principal_id=principal,
            principal_type="ServicePrincipal",
            **options,
        )
        return str(made["id"])

    def token(self, principal: str, resource: str | None = None) -> str:
        """An access token of a service principal."""
        document = self.cloud.store.get("service-principals", principal)
        assert document is not None
        return access_tokens.issue(self.cloud, document["tenantId"], document, resource or self.cloud.url)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: str | None = None,
        token: str | None = None,
        **query: str,
    ) -> Answer:
        """Ask as the operator, as another principal or with any token; `filter` stands for `$filter`."""
        asked = {
            "api-version": VERSION,
            **{key if key != "filter" else "$filter": query[key] for key in query},
        }
        headers = {
            "Authorization": f"Bearer {token or self.token(by or self.operator)}",
            "Content-Type": "application/json",
        }
        address = path if path.startswith("/") else f"/{path}"
        content = b"" if body is None else json.dumps(body).encode()
        separator = "&" if "?" in address else "?"
        return self.send(method, f"{address}{separator}{urlencode(asked)}", headers, content)

    def resource_group(self, path: str = AT_GROUP) -> Answer:
        """Make a resource group."""
        answer = self.ask("PUT", path, {"location": "westeurope"})
        assert answer.status in (200, 201), answer
        return answer

    def identity(self, name: str = "id-payments", location: str = "westeurope") -> Answer:
        """Make a managed identity in the usual group."""
        self.resource_group()
        answer = self.ask("PUT", f"{IDENTITIES}/{name}", {"location": location})
        assert answer.status in (200, 201), answer
        return answer

    def assign(self, principal: str, role: str, scope: str, name: str = "", **properties: Any) -> Answer:
        """Ask for a role assignment as the operator."""
        by = properties.pop("by", None)
        found = roles.named(self.cloud, TENANT, role)
        assert found is not None, role
        name = name or self.cloud.identifiers.guid("name-of-assignment", scope)
        wanted = {
            "roleDefinitionId": f"/{DEFINITIONS}/{found.guid}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
            **properties,
        }
        wanted = {key: value for key, value in wanted.items() if value is not None}
        return self.ask("PUT", f"{scope.rstrip('/')}/{ASSIGNMENTS}/{name}", {"properties": wanted}, by=by)


def in_process(cloud: Cloud) -> Send:
    """Ask the application without a network."""
    application = create_application(cloud)

    def send(method: str, path: str, headers: dict[str, str], content: bytes) -> Answer:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=application)
            async with httpx.AsyncClient(transport=transport, base_url=cloud.url) as client:
                return await client.request(method, cloud.url + path, headers=headers, content=content)

        return answers.answered(asyncio.run(ask()), Answer)

    return send


def over_https(client: httpx.Client) -> Send:
    """Ask the application through a socket."""
    return answers.over_https(client, str(client.base_url).rstrip("/"), Answer)


@cache
def _signing() -> Signing:
    """The keys of all these sandboxes, made once: the making takes longer than most tests."""
    return Signing(Store())
