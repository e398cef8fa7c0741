"""Connections of before federation, and plans about them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from served_cloud import Https, World

from azure_service_connections.lifecycle.apply.execution import Choices, Execution
from azure_service_connections.lifecycle.apply.journal import Journal, Line, journal_path, read_journal
from azure_service_connections.lifecycle.apply.outcome import Outcome
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.apply.survey import survey
from azure_service_connections.lifecycle.http_client import HttpClient
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Entry, Plan, PlannedIdentity, Removal
from azure_service_connections.lifecycle.plan.plan_writing import write_plan
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.subject_prediction import predicted_trust
from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.devops import service_connections
from azure_service_connections.sandbox.entra import federated_credentials

ESTATE = Path(__file__).with_name("old_connections.yaml")
PATIENT = 4
"""Tries of what ends well by itself; no test waits between them."""


class OldConnections(World):
    """The estate of `old_connections.yaml`, with connections that Azure DevOps has made by itself."""

    def __init__(self, server: Https) -> None:
        super().__init__(server)
        self.replant()
        operator = estate.operator(self.cloud)
        self.environment |= {
            "ARM_CLIENT_ID": operator["clientId"],
            "ARM_TENANT_ID": operator["tenantId"],
            "AZDO_PERSONAL_ACCESS_TOKEN_NORTHWIND": "personal-access-token-of-kim-lee-at-northwind",
        }
        self.url = server.url
        self.pauses: list[float] = []

    def replant(self) -> None:
        """Begin anew."""
        estate.replant(self.cloud, ESTATE.read_text())

    def services(self, **changed: str) -> Services:
        """The services as the operator reaches them; what would be waited for is noted."""
        environment = {**self.environment, **changed}
        return Services({k: v for k, v in environment.items() if v}, HttpClient(pause=self.pauses.append))

    @property
    def patience(self) -> Patience:
        return Patience(PATIENT, self.pauses.append)

    def organization(self, name: str = "fabrikam") -> str:
        return f"{self.url}/{name}"

    def make_automatic(
        self, name: str, scheme: str = "ServicePrincipal", organization: str = "fabrikam"
    ) -> str:
        """Let Azure DevOps make a connection and its identity; its id."""
        project = "Web" if organization == "fabrikam" else "Tills"
        with self.services() as services:
            answer = services.devops(
                "POST",
                "/_apis/serviceendpoint/endpoints",
                organization=self.organization(organization),
                body={
                    "name": name,
                    "type": "azurerm",
                    "url": "https://management.azure.com/",
                    "authorization": {
                        "scheme": scheme,
                        "parameters": {"tenantid": self.one("tenants")["id"], "serviceprincipalid": ""},
                    },
                    "data": {
                        "creationMode": "Automatic",
                        "environment": "AzureCloud",
                        "scopeLevel": "Subscription",
                        "subscriptionId": self.subscription("Shop"),
                        "subscriptionName": "Shop",
                    },
                    "serviceEndpointProjectReferences": [
                        {"name": name, "description": "", "projectReference": {"name": project}}
                    ],
                },
            )
        assert answer.successful, answer.document
        assert answer.document["isReady"], answer.document
        return str(answer.document["id"])

    def keep(self, endpoint: dict[str, Any]) -> None:
        """Keep a new or changed connection, as the service does."""
        service_connections.save(self.cloud, endpoint)

    def endpoint(self, name: str) -> dict[str, Any]:
        """A connection as the service keeps it."""
        found = [each for each in self.cloud.store.find("endpoints") if each["references"][0]["name"] == name]
        assert len(found) == 1, name
        return found[0]

    def trusts(self, client_id: str) -> list[tuple[str, str]]:
        """Issuer and subject of the credentials of an identity."""
        held = self.cloud.store.find("federated-credentials", clientId=client_id)
        return sorted((each["issuer"], each["subject"]) for each in held)

    def client(self, name: str) -> str:
        """The client id that a connection signs in as."""
        return str(self.endpoint(name)["authorization"]["parameters"]["serviceprincipalid"])

    def scheme(self, name: str) -> str:
        return str(self.endpoint(name)["authorization"]["scheme"])

    def works(self, name: str) -> bool:
        """Whether Azure DevOps can sign in with a connection as it is now."""
        endpoint = self.endpoint(name)
        organization = endpoint["organization"]
        with self.services() as services:
            document = services.devops(
                "POST",
                f"/{endpoint['references'][0]['projectId']}/_apis/serviceendpoint/endpointproxy",
                organization=self.organization(organization),
                version="7.1-preview.1",
                parameters={"endpointId": endpoint["id"]},
                body={"dataSourceDetails": {"dataSourceName": "TestConnection"}},
            ).document
        return document["statusCode"] in ("ok", "forbidden")

    def asked(self, method: str, pattern: str) -> int:
        """How many requests of a kind were answered with success."""
        return sum(
            entry.method == method and pattern in entry.path and entry.status < 300
            for entry in self.cloud.traffic.entries
        )

    def read(
        self, *names: str, organizations: Sequence[str] = ("fabrikam", "northwind")
    ) -> list[ExistingConnection]:
        """Connections in the order of the names."""
        with self.services() as services:
            found = read_estate(services, [self.organization(each) for each in organizations], names=names)
        by_name = {each.name: each for each in found}
        return [by_name[name] for name in names]

    def plan(self, *entries: Entry, removals: Sequence[Removal] = ()) -> Plan:
        return Plan(
            version=1,
            written=datetime.now(UTC),
            organizations=(self.organization(), self.organization("northwind")),
            entries=entries,
            removals=tuple(removals),
        )


def entry(connection: ExistingConnection, action: Any, credential: Any = "none", **more: Any) -> Entry:
    """A plan's entry about a connection as it is now."""
    identity = connection.identity
    return Entry(
        connection=connection.name,
        organization=connection.organization,
        project=connection.project.name,
        id=connection.id,
        action=action,
        reason="it is time",
        credential=credential,
        identity=PlannedIdentity(
            kind=identity.kind,
            name=identity.name,
            client_id=connection.client_id,
            object_id=identity.object_id,
            resource_id=identity.resource_id,
            principal_id=identity.principal_id,
        ),
        expects=connection.fingerprint(),
        **more,
    )


def place(
    old: OldConnections,
    connection: ExistingConnection,
    *,
    name: str = "somebody-elses",
    subject: str = "",
    audience: str = "api://AzureADTokenExchange",
) -> None:
    """Let somebody else place a credential: the one that the connection will need, unless another is said."""
    application = old.one("applications", appId=connection.client_id)
    wanted = predicted_trust(connection)
    federated_credentials.add(
        old.cloud,
        application,
        {
            "name": name,
            "issuer": "https://token.actions.githubusercontent.com" if subject else wanted.issuer,
            "subject": subject or wanted.subject,
            "audiences": [audience],
        },
    )


def save(plan: Plan, folder: Path) -> Path:
    """The plan as a file."""
    path = folder / "plan.yaml"
    path.write_text(write_plan(plan))
    return path


def apply(world: OldConnections, plan: Plan, folder: Path, **choices: Any) -> list[Outcome]:
    """Carry a plan out, as the command does."""
    outcomes, stopped = apply_until(world, plan, folder, **choices)
    assert stopped == ""
    return outcomes


def apply_until(
    world: OldConnections,
    plan: Plan,
    folder: Path,
    *,
    services: Services | None = None,
    still_orphaned: Any = lambda removals: {(each.kind, each.id) for each in removals},
    **choices: Any,
) -> tuple[list[Outcome], str]:
    """Carry a plan out as far as it goes, and why it stopped."""
    with services or world.services() as reached, Journal(journal_path(folder / "plan.yaml")) as journal:
        found = survey(reached, plan, journal.lines)
        execution = Execution(
            reached,
            journal,
            plan,
            Choices(**choices),
            still_orphaned=still_orphaned,
            patience=world.patience,
        )
        return execution.run(found), execution.stopped


def steps(folder: Path, identifier: str) -> list[tuple[str, str]]:
    """Steps and states of a connection in the journal."""
    return [(line.step, line.state) for line in lines(folder) if line.id == identifier]


def lines(folder: Path) -> tuple[Line, ...]:
    return read_journal(journal_path(folder / "plan.yaml"))


def text_of(outcomes: Sequence[Outcome]) -> str:
    return json.dumps([each.as_json() for each in outcomes], ensure_ascii=False)
