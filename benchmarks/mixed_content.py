"""What a mixed estate holds: tenants, projects, identities, pipelines, connections, and what others left."""

import base64
import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from benchmarks.mixed_kinds import KINDS, Kind, counts
from benchmarks.mixed_names import AREAS, COMPONENTS, ENVIRONMENTS, ORGANIZATIONS, PEOPLE
from benchmarks.mixed_pipelines import add_pipelines

Section = dict[str, Any]

TOKEN: Final = "mixedestatepersonalaccesstokenofadaparkforallorganizations"
"""The personal access token of all organizations; its owner administers them and every application."""

OPERATOR_SECRET: Final = "mixed-estate-operator-secret"

_NAMESPACE: Final = uuid.UUID("b2b7a6c4-55a0-4c1e-9d0e-6b8f3a1d7c20")
_AZURE_DEVOPS: Final = "499b84ac-1321-427f-aa17-267ca6975798"
"""Azure DevOps' own application in Entra, which is part of the subjects of Entra's issuer."""

_TENANT: Final = "contoso"
_PARTNER: Final = "fabrikam"
_CONNECTIONS_OF_A_PROJECT: Final = 12
"""About so many, as long as there are areas left."""


@dataclass
class _Area:
    """A project with its subscriptions, and what gathers there while connections are made."""

    name: str
    organization: str
    pipelines: list[Section] = field(default_factory=list)
    connections: list[Section] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    identities: list[Section] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """The name as it stands in other names."""
        return self.name.lower().replace(" ", "-")

    def subscription(self, environment: str) -> str:
        """The subscription of an environment; tests run where development does."""
        return f"{self.name} {'production' if environment == 'production' else 'development'}"

    @property
    def group(self) -> str:
        """Its resource group in either subscription."""
        return f"rg-{self.slug}"


class MixedEstate:
    """Makes an estate out of its size and a seed."""

    def __init__(self, connections: int, organizations: int, seed: int) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.organizations = ORGANIZATIONS[:organizations]
        projects = max(2, round(connections / organizations / _CONNECTIONS_OF_A_PROJECT))
        projects = min(projects, len(AREAS) // organizations)
        self.areas = [
            _Area(AREAS[position], self.organizations[position % organizations])
            for position in range(projects * organizations)
        ]
        self.applications: list[Section] = []
        self.assignments: list[Section] = []
        kinds = [kind for kind in KINDS for _ in range(counts(connections)[kind.name])]
        self.random.shuffle(kinds)
        for position, kind in enumerate(kinds):
            self._add(self.areas[position % len(self.areas)], kind)
        for area in self.areas:
            area.pipelines = add_pipelines(self.random, area.name, area.slug, area.group, area.connections)
        self._add_orphans()

    def content(self) -> Section:
        """The whole file."""
        people: list[Section] = [{"name": name, "userPrincipalName": _address(name)} for name in PEOPLE]
        people[0]["directoryRoles"] = ["Application Administrator"]
        operator = {
            "name": "platform-automation",
            "secret": OPERATOR_SECRET,
            "operator": True,
            "directoryRoles": ["Application Administrator"],
        }
        tenant = {
            "name": _TENANT,
            "id": self._id("tenant"),
            "domain": "contoso.example",
            "people": people,
            "groups": [{"name": "release-managers", "members": [_address(name) for name in PEOPLE[1:4]]}],
            "applications": [operator, *self.applications],
            "managementGroups": [
                {"name": "corp", "displayName": "Contoso"},
                {"name": "production", "displayName": "Production", "parent": "corp"},
                {"name": "development", "displayName": "Development", "parent": "corp"},
            ],
            "subscriptions": [each for area in self.areas for each in self._subscriptions(area)],
            "roleAssignments": [
                {"principal": "platform-automation", "role": "Owner", "scope": "/"},
                {
                    "principal": _address(PEOPLE[0]),
                    "role": "Owner",
                    "scope": "/providers/Microsoft.Management/managementGroups/corp",
                },
                *self.assignments,
            ],
        }
        partner = {
            "name": _PARTNER,
            "id": self._id("partner"),
            "domain": "fabrikam.example",
            "subscriptions": [{"name": "Fabrikam integration", "id": self._id("partner subscription")}],
        }
        return {
            "seed": self.seed,
            "tenants": [tenant, partner],
            "organizations": [self._organization(name) for name in self.organizations],
        }

    def _organization(self, name: str) -> Section:
        return {
            "name": name,
            "id": self._id("organization", name),
            "tenant": _TENANT,
            "issuer": "entra",
            "personalAccessTokens": [{"token": TOKEN, "owner": _address(PEOPLE[0])}],
            "projects": [
                {
                    "name": area.name,
                    "protectedBranches": ["main"],
                    "pipelines": area.pipelines,
                    "serviceConnections": area.connections,
                }
                for area in self.areas
                if area.organization == name
            ],
        }

    def _subscriptions(self, area: _Area) -> list[Section]:
        found = []
        for environment in ("production", "development"):
            group: Section = {"name": area.group, "location": "westeurope", "tags": {"area": area.slug}}
            group["workspaces"] = [{"name": f"ml-{area.slug}"}]
            if environment == "development" and area.identities:
                # Not where they are used: identities often lie in a subscription of their own.
                group["managedIdentities"] = area.identities
            found.append(
                {
                    "name": area.subscription(environment),
                    "id": self._id("subscription", area.name, environment),
                    "managementGroup": environment,
                    "resourceGroups": [group],
                }
            )
        return found

    def _add(self, area: _Area, kind: Kind) -> None:
        component, environment = self._free_name(area)
        name = f"{area.slug}-{component}-{environment}"
        connection: Section = {"name": name}
        if self.random.random() < 0.5:
            connection["description"] = f"Deploys {component} of {area.name} to {environment}"
        if self.random.random() < 0.6:
            connection["owner"] = _address(self.random.choice(PEOPLE))
        scope = self._scope(area, kind, environment, connection)
        if kind.identity == "automatic":
            connection["automatic"] = True
        elif kind.identity == "application":
            connection["application"] = self._application(area, kind, name, scope)
        elif kind.identity == "managedIdentity":
            identity = f"id-{name}"
            area.identities.append({"name": identity})
            connection["managedIdentity"] = identity
            self.assignments.append({"principal": identity, "role": "Contributor", "scope": scope})
        connection |= kind.keys
        if kind.shared:
            others = [
                each.name
                for each in self.areas
                if each.organization == area.organization and each is not area
            ]
            connection["sharedWith"] = self.random.sample(
                others, min(len(others), self.random.choice((1, 1, 2)))
            )
        if environment == "production" and self.random.random() < 0.3:
            connection["checks"] = self.random.choice(
                (
                    ["exclusiveLock"],
                    [{"kind": "approval", "approvers": ["release-managers"]}],
                    ["branchControl", {"kind": "approval", "approvers": [_address(PEOPLE[1])]}],
                    ["businessHours"],
                )
            )
        area.connections.append(connection)

    def _free_name(self, area: _Area) -> tuple[str, str]:
        free = [
            (component, environment)
            for component in COMPONENTS
            for environment in ENVIRONMENTS
            if f"{component} {environment}" not in area.taken
        ]
        component, environment = self.random.choice(free)
        area.taken.add(f"{component} {environment}")
        return component, environment

    def _scope(self, area: _Area, kind: Kind, environment: str, connection: Section) -> str:
        """Write the scope into the connection; as a role assignment names it."""
        subscription = area.subscription(environment)
        if kind.scope == "managementGroup":
            connection["managementGroup"] = "development"
            return "/providers/Microsoft.Management/managementGroups/development"
        if kind.scope == "partner":
            connection |= {"tenant": _PARTNER, "subscription": "Fabrikam integration"}
            return "Fabrikam integration"
        if kind.scope == "gone":
            connection["subscription"] = self._id("subscription that is gone", connection["name"])
            return subscription
        connection["subscription"] = subscription
        if kind.scope in ("resourceGroup", "workspace"):
            connection["resourceGroup"] = area.group
        if kind.scope == "workspace":
            connection["workspace"] = f"ml-{area.slug}"
        return subscription

    def _application(self, area: _Area, kind: Kind, name: str, scope: str) -> str:
        """The application of a connection that was made by hand; some share the one of an earlier one."""
        earlier = [
            each["application"]
            for each in area.connections
            if "application" in each and each["name"].rpartition("-")[2] == name.rpartition("-")[2]
        ]
        plain = kind.name in ("by hand, federated, Entra's issuer", "by hand, federated, older issuer")
        if plain and earlier and self.random.random() < 0.4:
            return str(earlier[0])
        application: Section = {"name": f"sp-{name}", **kind.application}
        if application.pop("secret", False):
            application["secret"] = f"secret-of-{name}"
        if self.random.random() < 0.5:
            application["owners"] = [_address(self.random.choice(PEOPLE))]
        self.applications.append(application)
        role = self.random.choice(("Contributor", "Contributor", "Contributor", "Reader"))
        self.assignments.append({"principal": application["name"], "role": role, "scope": scope})
        return str(application["name"])

    def _add_orphans(self) -> None:
        """What connections leave behind: applications that trust one that is gone, and roles of nobody."""
        for number, area in enumerate(self.areas[: max(2, len(self.areas) // 4)]):
            organization = self._id("organization", area.organization)
            gone = self._id("connection that is gone", area.name)
            by_name = {
                "issuer": f"https://vstoken.dev.azure.com/{organization}",
                "subject": f"sc://{area.organization}/{area.name}/{area.slug}-retired",
            }
            by_id = {
                "issuer": f"https://login.microsoftonline.com/{self._id('tenant')}/v2.0",
                "subject": f"/eid1/c/pub/t/{_short(self._id('tenant'))}/a/{_short(_AZURE_DEVOPS)}"
                f"/sc/{organization}/{gone}",
            }
            name = f"{area.organization}-{area.name}-{self._id('subscription', area.name, 'production')}"
            trust = {"name": gone, **(by_name if number % 2 else by_id)}
            self.applications.append({"name": name, "federatedCredentials": [trust]})
            scope = area.subscription("production")
            self.assignments += [
                {"principal": name, "role": "Contributor", "scope": scope},
                {
                    "principalId": self._id("principal that is gone", area.name),
                    "role": "Contributor",
                    "scope": scope,
                },
            ]

    def _id(self, *parts: str) -> str:
        digest = uuid.uuid5(_NAMESPACE, "\x00".join((str(self.seed), *parts)))
        return str(uuid.UUID(bytes=digest.bytes, version=4))


def _short(identifier: str) -> str:
    return base64.urlsafe_b64encode(uuid.UUID(identifier).bytes_le).rstrip(b"=").decode()


def _address(name: str) -> str:
    return f"{name.partition(' ')[0].lower()}@contoso.example"
