"""A sandbox served over https in the process of the tests, which can change it between two requests."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azure_service_connections.lifecycle.stack_output import Connection, Pipeline, Role
from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud
from tests.sandbox.https_server import HttpsServer

ESTATE = Path(__file__).with_name("estate.yaml")
ROLES = {
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
}


class Https(HttpsServer):
    """The server of all tests; each test gives it a world of its own."""

    world: "World | None" = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        world = self.world
        assert world is not None
        self.cloud = world.cloud
        await super().__call__(scope, receive, send)
        for pattern, action in list(world.afterwards):
            if re.search(pattern, f"{scope['method']} {scope['path']}"):
                world.afterwards.remove((pattern, action))
                action()


class World:
    """A cloud with the estate of these tests, and the variables with which a client finds it."""

    def __init__(self, server: Https) -> None:
        self.cloud = Cloud(url=server.url)
        estate.replant(self.cloud, ESTATE.read_text())
        self.afterwards: list[tuple[str, Callable[[], None]]] = []
        operator = estate.operator(self.cloud)
        self.environment = {
            "SANDBOX_URL": server.url,
            "SSL_CERT_FILE": str(server.authority),
            "REQUESTS_CA_BUNDLE": str(server.authority),
            "ARM_METADATA_HOSTNAME": server.url.removeprefix("https://"),
            "ARM_CLIENT_ID": operator["clientId"],
            "ARM_CLIENT_SECRET": operator["secret"],
            "ARM_TENANT_ID": operator["tenantId"],
            "AZURE_AUTHORITY_HOST": server.url,
            "AZDO_ORG_SERVICE_URL": f"{server.url}/fabrikam",
            "AZDO_PERSONAL_ACCESS_TOKEN": operator["token"],
        }

    def after(self, pattern: str, action: Callable[[], None]) -> None:
        """Do something once, after the first request that fits has been answered."""
        self.afterwards.append((pattern, action))

    def one(self, collection: str, **wanted: str) -> dict[str, Any]:
        """The document of a collection with these values."""
        found = self.cloud.store.one(collection, **wanted)
        assert found is not None, (collection, wanted)
        return found

    def put(self, collection: str, document: dict[str, Any], key: str = "") -> None:
        """Keep a changed document."""
        self.cloud.store.put(collection, key or document["id"].lower(), document)

    def subscription(self, name: str) -> str:
        return str(self.one("subscriptions", name=name)["id"])

    def group(self, subscription: str, name: str) -> str:
        return f"/subscriptions/{self.subscription(subscription)}/resourceGroups/{name}"

    def connection(
        self, name: str, scope: str, role: str | None, *pipelines: str, identity: str = ""
    ) -> Connection:
        """A connection of the estate as a stack's output describes it."""
        project = self.one("projects", name="Web")
        endpoint = next(
            each for each in self.cloud.store.find("endpoints") if each["references"][0]["name"] == name
        )
        principal = self.one(
            "service-principals", appId=endpoint["authorization"]["parameters"]["serviceprincipalid"]
        )
        definition = f"/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}" if role else ""
        if scope.startswith("/subscriptions/"):
            definition = f"/subscriptions/{scope.split('/')[2]}{definition}"
        return Connection(
            key=name,
            connection_id=endpoint["id"],
            name=name,
            project_id=project["id"],
            project="Web",
            client_id=principal["appId"],
            principal_id=principal["id"],
            tenant_id=principal["tenantId"],
            scope=scope,
            identity=identity or "appRegistration",
            pipelines=tuple(
                Pipeline(self.one("pipelines", name=each)["id"], each, project["id"]) for each in pipelines
            ),
            roles=() if role is None else (Role("role", role, scope, definition),),
        )

    def shop(self) -> Connection:
        """Contributor at a subscription."""
        return self.connection("shop", f"/subscriptions/{self.subscription('Shop')}", "Contributor", "deploy")

    def audit(self) -> Connection:
        """Reader at a resource group."""
        return self.connection("audit", self.group("Shop", "rg-shop"), "Reader", "report")

    def network(self) -> Connection:
        """Network Contributor at a resource group."""
        scope = self.group("Shop", "rg-shop")
        return self.connection("network", scope, "Network Contributor", "deploy", identity="managedIdentity")
