"""Three organizations of two tenants, and what the inventory reads of them."""

from collections import Counter
from pathlib import Path
from typing import Any

from served_cloud import World

from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.services import Services, checked
from azure_service_connections.sandbox import estate

ESTATE = Path(__file__).parent / "estates" / "inventory.yaml"
TOKENS = {
    "AZDO_PERSONAL_ACCESS_TOKEN": "token-of-kim-in-fabrikam",
    "AZDO_PERSONAL_ACCESS_TOKEN_FABRIKAM_OLD": "token-of-kim-in-the-old-one",
    "AZDO_PERSONAL_ACCESS_TOKEN_TAILSPIN": "token-of-ana",
}


class Organizations:
    """The organizations, changed over the sandbox's own addresses, and read."""

    def __init__(self, world: World) -> None:
        estate.replant(world.cloud, ESTATE.read_text())
        operator = estate.operator(world.cloud)
        self.world = world
        self.cloud = world.cloud
        self.environment = {
            **world.environment,
            "ARM_CLIENT_ID": operator["clientId"],
            "ARM_CLIENT_SECRET": operator["secret"],
            "ARM_TENANT_ID": operator["tenantId"],
            "AZDO_ORG_SERVICE_URL": self.address("fabrikam"),
            **TOKENS,
        }
        self.services = Services(self.environment)

    def address(self, name: str) -> str:
        return f"{self.cloud.url}/{name}"

    def read(self, *names: str, **narrowed: Any) -> dict[str, ExistingConnection]:
        """The connections of organizations (default: of the first), each by its address."""
        addresses = [self.address(name) for name in names or ("fabrikam",)]
        return {each.address: each for each in read_estate(self.services, addresses, **narrowed)}

    def project(self, name: str) -> str:
        return str(self.world.one("projects", name=name)["id"])

    def client(self, name: str) -> str:
        """The client id of an application or a managed identity."""
        return str(self.world.one("service-principals", displayName=name)["appId"])

    def connect(
        self,
        name: str,
        *,
        application: str = "",
        project: str = "Web shop",
        scheme: str = "WorkloadIdentityFederation",
        organization: str = "fabrikam",
        tenant: str = "",
        data: dict[str, Any] | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> str:
        """Make a connection as a person would, at the subscription Shop without other `data`; its id."""
        document = checked(
            self.services.devops(
                "POST",
                "/_apis/serviceendpoint/endpoints",
                organization=self.address(organization),
                body={
                    "name": name,
                    "type": "azurerm",
                    "authorization": {
                        "scheme": scheme,
                        "parameters": {
                            "tenantid": tenant or self.environment["ARM_TENANT_ID"],
                            "serviceprincipalid": self.client(application) if application else "",
                            **(parameters or {}),
                        },
                    },
                    "data": {
                        "environment": "AzureCloud",
                        "scopeLevel": "Subscription",
                        "subscriptionId": self.world.subscription("Shop"),
                        "subscriptionName": "Shop",
                        "creationMode": "Manual" if application else "Automatic",
                        **(data or {}),
                    },
                    "serviceEndpointProjectReferences": [
                        {"name": name, "projectReference": {"id": self.project(project)}}
                    ],
                },
            ),
            f"Making {name}",
        )
        return str(document["id"])

    def share(self, connection: str, project: str, name: str) -> None:
        """Let another project have a connection, under a name of its own."""
        answer = self.services.devops(
            "PATCH",
            f"/_apis/serviceendpoint/endpoints/{connection}",
            organization=self.address("fabrikam"),
            body=[{"name": name, "projectReference": {"id": self.project(project)}}],
        )
        assert answer.status == 204

    def endpoint(self, name: str) -> dict[str, Any]:
        """What the sandbox keeps of a connection."""
        return next(
            each for each in self.cloud.store.find("endpoints") if each["references"][0]["name"] == name
        )

    def asked(self) -> Counter[str]:
        """What the services were asked since the traffic was forgotten, and how often."""
        return Counter(
            f"{each.method} {each.path}" for each in self.cloud.traffic.entries if each.service != "entra"
        )
