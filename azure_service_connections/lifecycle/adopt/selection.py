"""Which connections a stack takes over and how it speaks of their identities; the others with the reason."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.configuration.loader import load
from azure_service_connections.configuration.mistakes import ConfigurationError
from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.adopt.application_facts import ApplicationFacts
from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.connection_entry import candidate_for
from azure_service_connections.lifecycle.adopt.connection_keys import keys_for
from azure_service_connections.lifecycle.adopt.eligibility import AGENT, is_automatic, obstacle
from azure_service_connections.lifecycle.adopt.outcome import LeftOut
from azure_service_connections.lifecycle.adopt.role_shares import share_roles
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.pending_operations import State

IMPORT: Final = "import"
REFERENCE: Final = "reference"
_SUBJECTS: Final = ("sc://", "/sc/")
"""What the subjects of service connections hold: that of Azure DevOps' issuer, and that of Entra's."""

ReadApplications = Callable[[Sequence[str]], Mapping[str, ApplicationFacts | str]]


@dataclass(frozen=True)
class Surroundings:
    """The stack that is to take connections over."""

    project: str
    stack: str
    """Its name without organization and project."""
    organization: str
    """The address of the organization that its connections belong to unless they say otherwise."""
    keys: Collection[str] = ()
    """The keys of the connections that it has."""
    connections: Collection[str] = ()
    """Ids of connections in its state."""
    roles: Collection[str] = ()
    """Ids of role assignments in its state."""
    applications: Collection[str] = ()
    """Object ids of applications in its state."""

    @property
    def tag(self) -> str:
        """How the tags of its applications begin."""
        return f"pulumi:{self.project}/{self.stack}/"


@dataclass
class Selection:
    """What is taken over, and what is not."""

    candidates: list[Candidate] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def surroundings_of(
    state: State, project: str, stack: str, organization: str, keys: Collection[str]
) -> Surroundings:
    """The stack of a state."""

    def ids(*kinds: str) -> frozenset[str]:
        return frozenset(each.rpartition("/")[2].lower() for kind in kinds for each in state.ids(kind))

    roles = frozenset(each.lower() for each in state.ids(part_names.ROLE_ASSIGNMENT))
    return Surroundings(
        project,
        stack.rpartition("/")[2],
        organization,
        keys,
        ids(*part_names.CONNECTIONS),
        roles,
        ids(part_names.APPLICATION),
    )


def select(
    connections: Sequence[ExistingConnection],
    surroundings: Surroundings,
    identities: str,
    read_applications: ReadApplications,
) -> Selection:
    """Decide about every connection.

    With `import` an application that serves one connection alone becomes part of the stack. One that serves
    several, and every managed identity (a machine may have it, which shows nowhere here), stays outside, and
    the stack names it; with `reference` all do.
    """
    made = Selection()
    hopeful = []
    for connection in connections:
        if connection.id in surroundings.connections:
            _leave(made, connection, "the stack has it already", already=True)
        elif reason := obstacle(connection):
            _leave(made, connection, reason)
        else:
            hopeful.append(connection)
    needed = [each.identity.object_id for each in hopeful if _signs_in_as_application(each)]
    facts = read_applications(needed) if needed else {}
    kept = []
    for connection in hopeful:
        known = facts.get(connection.identity.object_id)
        tag = known.stack_tag if isinstance(known, ApplicationFacts) else ""
        if tag and not tag.startswith(surroundings.tag):
            owner = tag.removeprefix("pulumi:").rpartition("/")[0]
            _leave(
                made, connection, f"the stack {quoted(owner)} manages its application; remove it there first"
            )
        else:
            kept.append(connection)
    roles = share_roles(kept, tuple(surroundings.roles))
    keys = keys_for(kept, surroundings.keys)
    for connection in kept:
        known = facts.get(connection.identity.object_id)
        own = identities == IMPORT and _serves_it_alone(connection, surroundings)
        candidate = candidate_for(
            connection,
            keys[connection.id],
            roles[connection.id],
            known if own and isinstance(known, ApplicationFacts) else None,
            surroundings.organization,
        )
        if own and isinstance(known, str):
            candidate.notes.append(f"Its application stays outside the stack: {known}.")
        candidate.notes += connection.unseen if _matters(connection) else ()
        if problem := _refused_by_the_loader(candidate):
            _leave(made, connection, f"a stack would not take it ({problem})")
        else:
            made.candidates.append(candidate)
    return made


def _leave(made: Selection, connection: ExistingConnection, reason: str, *, already: bool = False) -> None:
    made.left_out.append(
        LeftOut(id=connection.id, address=connection.address, reason=reason, already=already)
    )


def _signs_in_as_application(connection: ExistingConnection) -> bool:
    return (
        connection.identity.kind == "application"
        and bool(connection.identity.object_id)
        and not is_automatic(connection)
    )


def _matters(connection: ExistingConnection) -> bool:
    """Whether what could not be read of it might belong to the stack: of an agent's identity nothing does."""
    return connection.scheme != AGENT


def _refused_by_the_loader(candidate: Candidate) -> str:
    """What a stack would say of it, such as a name that is missing; empty where it takes it."""
    try:
        load({candidate.key: candidate.entry})
    except ConfigurationError as error:
        return "; ".join(str(mistake) for mistake in error.mistakes)
    return ""


def _serves_it_alone(connection: ExistingConnection, surroundings: Surroundings) -> bool:
    identity = connection.identity
    of_connections = [each for each in identity.trusts if any(word in each.subject for word in _SUBJECTS)]
    return (
        _signs_in_as_application(connection)
        and identity.shared_by == 1
        and len(of_connections) == 1
        and identity.object_id.lower() not in surroundings.applications
    )
