"""Reads service connections with everything about them, of several organizations at once."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from azure_service_connections.catalogue import clouds
from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.azure_reader import AzureReader
from azure_service_connections.lifecycle.inventory.connection_details import DetailQuestions, Details
from azure_service_connections.lifecycle.inventory.connection_lists import (
    Listed,
    Narrowed,
    Refused,
    find_connections,
)
from azure_service_connections.lifecycle.inventory.endpoint_facts import facts
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import HeldRole, Identity
from azure_service_connections.lifecycle.inventory.identity_reader import FoundIdentity, IdentityReader
from azure_service_connections.lifecycle.inventory.verdicts import NOT_JUDGED, judged
from azure_service_connections.lifecycle.inventory.workers import Tell, Workers
from azure_service_connections.lifecycle.services import Services

_MANAGEMENT_GROUP: Final = "/providers/microsoft.management/managementgroups/"


def read_estate(
    services: Services,
    organizations: Sequence[str],
    *,
    projects: Sequence[str] = (),
    names: Sequence[str] = (),
    ids: Sequence[str] = (),
    tell: Tell | None = None,
    refused: Refused | None = None,
    now: datetime | None = None,
) -> tuple[ExistingConnection, ...]:
    """The connections to Azure of organizations (their addresses), sorted by address.

    `projects` (names or ids), `names` and `ids` of connections narrow what is read; a connection of several
    projects stands in the answer once. `tell` hears what is read, how much of it, and of how much. `refused`
    hears of an organization or project that cannot be read, and the others are read; without it such an error
    is raised. `now` is what deadlines are measured at; default: the time.
    """

    def give_up(error: LifecycleError) -> None:
        raise error

    narrowed = Narrowed(projects, names, ids)
    with Workers(tell) as workers:
        found = find_connections(services, workers, organizations, narrowed, refused or give_up)
        drafts = [_Draft(each, facts(each.endpoint)) for each in found]
        _read(services, workers, drafts)
    uses = Counter(draft.client for draft in drafts)
    read = (judged(draft.connection(uses[draft.client]), now or datetime.now(UTC)) for draft in drafts)
    return tuple(sorted(read, key=lambda each: (each.address.casefold(), each.id)))


@dataclass
class _Draft:
    """A connection while it is read."""

    listed: Listed
    facts: dict[str, Any]
    details: Details = field(default_factory=Details)
    found: FoundIdentity = field(default_factory=partial(FoundIdentity, Identity(state="notVisible")))
    roles: tuple[HeldRole, ...] = ()
    gone: bool = False
    unseen: list[str] = field(default_factory=list)

    @property
    def client(self) -> tuple[str, str]:
        return self.facts["tenant_id"], self.facts["client_id"]

    def in_azure_of(self, tenant: str) -> bool:
        """Whether Azure Resource Manager shows its scope to an operator of a tenant."""
        return self.facts["cloud"] != clouds.STACK and self.client[0] in ("", tenant)

    @property
    def place(self) -> str:
        """The subscription or management group that it is for or lies in; empty for anything else."""
        scope = str(self.facts["scope"])
        if (subscription := subscription_of(scope)) is not None:
            return f"/subscriptions/{subscription}"
        return scope if scope.lower().startswith(_MANAGEMENT_GROUP) else ""

    def connection(self, shared_by: int) -> ExistingConnection:
        return ExistingConnection(
            organization=self.listed.organization.address,
            organization_id=self.listed.organization_id,
            name=self.listed.projects[0].connection_name,
            description=self.listed.projects[0].description,
            projects=self.listed.projects,
            identity=self.found.identity.model_copy(update={"shared_by": shared_by if self.client[1] else 1}),
            roles=self.roles,
            all_pipelines=self.details.all_pipelines,
            pipelines=self.details.pipelines,
            checks=self.details.checks,
            last_used=self.details.last_used,
            subscription_gone=self.gone,
            unseen=(*self.details.unseen, *self.found.unseen, *self.unseen),
            conversion=NOT_JUDGED,
            migration=NOT_JUDGED,
            reversion=NOT_JUDGED,
            **self.facts,
        )


def _read(services: Services, workers: Workers, drafts: Sequence[_Draft]) -> None:
    if not drafts:
        return
    identities = IdentityReader(services)
    signed_out = identities.sign_in()
    azure = AzureReader(services, identities.tenant)
    if signed_out:
        for draft in drafts:
            _place_identity(draft, {}, "", signed_out)
    else:
        _find_identities(workers, identities, azure, drafts)
    _read_details(workers, identities, azure, drafts)


def _find_identities(
    workers: Workers, identities: IdentityReader, azure: AzureReader, drafts: Sequence[_Draft]
) -> None:
    """Which identities there are, and which scopes."""
    tenant = identities.tenant
    clients = _clients(drafts, tenant)
    lists = identities.lists(clients)
    places = _each_once(draft.place for draft in drafts if draft.in_azure_of(tenant))
    jobs: list[Callable[[], Any]] = [
        *(partial(identities.listed, *each) for each in lists),
        partial(azure.places_gone, places),
    ]
    answers = workers.all("identities", jobs)
    gone: dict[str, bool | str] = answers.pop()
    found = identities.assembled(clients, zip(lists, answers, strict=True))
    for draft in drafts:
        _place_identity(draft, found, tenant, "")
        answer = gone.get(draft.place.lower(), False)
        if isinstance(answer, str):
            draft.unseen.append(answer)
        else:
            draft.gone = answer


def _read_details(
    workers: Workers, identities: IdentityReader, azure: AzureReader, drafts: Sequence[_Draft]
) -> None:
    """What belongs to connections and identities, of all services at the same time."""
    questions = DetailQuestions([draft.listed for draft in drafts])
    found = {draft.client: draft.found for draft in drafts if draft.client[1]}
    holders = _holders(drafts)
    jobs: list[Callable[[], Any]] = [
        *questions.jobs,
        *(partial(identities.completed, each) for each in found.values()),
        *(partial(azure.roles, principal, sharing[0].place) for (principal, _), sharing in holders.items()),
    ]
    answers = iter(workers.all("details", jobs))
    details = questions.details(islice(answers, len(questions.jobs)))
    completed = dict(zip(found, islice(answers, len(found)), strict=True))
    for draft, each in zip(drafts, details, strict=True):
        draft.details = each
        draft.found = completed.get(draft.client, draft.found)
    for sharing, roles in zip(holders.values(), answers, strict=True):
        for draft in sharing:
            if isinstance(roles, str):
                draft.unseen.append(roles)
            else:
                draft.roles = roles


def _clients(drafts: Iterable[_Draft], tenant: str) -> list[str]:
    """The client ids to look for in the operator's tenant, each once."""
    return _each_once(draft.client[1] for draft in drafts if draft.client[0] in ("", tenant))


def _each_once(texts: Iterable[str]) -> list[str]:
    """Texts without empty ones and without those that differ in case only."""
    return list({each.lower(): each for each in texts if each}.values())


def _place_identity(draft: _Draft, found: Mapping[str, FoundIdentity], tenant: str, signed_out: str) -> None:
    own_tenant, client = draft.client
    if not client:
        draft.unseen += _without_client(draft.facts["scheme"])
        return
    draft.found = FoundIdentity(Identity(state="notVisible", client_id=client))
    if signed_out:
        draft.unseen.append(f"Its identity could not be read: {signed_out}")
    elif own_tenant not in ("", tenant):
        draft.unseen.append(
            f"Its identity is in the tenant {own_tenant}, and the operator is signed in to {tenant}."
        )
    else:
        draft.found = found[client]


def _without_client(scheme: str) -> list[str]:
    if scheme == "PublishProfile":
        return []
    if scheme == "ManagedServiceIdentity":
        return ["Its identity is that of the machine that runs a job, and the connection does not name it."]
    return ["Its identity is not named; Azure DevOps has not made one."]


def _holders(drafts: Sequence[_Draft]) -> dict[tuple[str, str], list[_Draft]]:
    """The connections for which roles are asked together, by principal and place."""
    found: dict[tuple[str, str], list[_Draft]] = {}
    for draft in drafts:
        principal = draft.found.identity.principal_id
        if not principal or not draft.place or draft.gone:
            continue
        if draft.facts["cloud"] != clouds.STACK:
            found.setdefault((principal, draft.place.lower()), []).append(draft)
        else:
            draft.unseen.append(f"Its roles are those of {draft.facts['cloud']}, which is not looked into.")
    return found
