"""What a person wants otherwise than a plan would have it by itself, and which connections the words mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from azure_service_connections.catalogue.wording import listed, nearest, quoted
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.organizations import organization_name
from azure_service_connections.lifecycle.plan.plan_file import Retirement

_MOST_SHOWN = 5


@dataclass(frozen=True)
class Choices:
    """What the command line says. Connections are named by name, `project/name`,
    `organization/project/name` or id; case makes no difference.
    """

    only: tuple[str, ...] = ()
    """Plan for these connections alone."""
    convert: tuple[str, ...] = ()
    """Convert these although tasks of their pipelines do not work with federation."""
    revert: tuple[str, ...] = ()
    """Give these their secret back."""
    handoff: bool = False
    """Ask the owners of identities that the operator may not change."""
    accept_unsupported: bool = False
    """Convert whatever the tasks of pipelines support."""
    retire: tuple[Retirement, ...] = ()
    """What to remove once the new way is proven, wherever it applies."""
    remove_orphans: bool = False
    """Remove what has lost its other half."""


def selected(connections: Sequence[ExistingConnection], names: Iterable[str]) -> list[ExistingConnection]:
    """All connections that are meant by the names; LifecycleError for a name that none has."""
    found: dict[tuple[str, str], ExistingConnection] = {}
    for name in names:
        for each in _meant(connections, name):
            found[each.organization, each.id] = each
    return list(found.values())


def chosen(connections: Sequence[ExistingConnection], names: Iterable[str]) -> list[ExistingConnection]:
    """The one connection that each name means; LifecycleError also for a name that several have."""
    found = []
    for name in names:
        several = _meant(connections, name)
        if len(several) > 1:
            shown = [quoted(each.address) for each in several[:_MOST_SHOWN]]
            more = [f"{len(several) - _MOST_SHOWN} more"] if len(several) > _MOST_SHOWN else []
            raise LifecycleError(
                f"{quoted(name)} is the name of several connections: {listed([*shown, *more], 'and')}; write "
                "the one that you mean in full."
            )
        found += several
    return found


def _meant(connections: Sequence[ExistingConnection], name: str) -> list[ExistingConnection]:
    wanted = name.strip().rstrip("/").casefold()
    found = [each for each in connections if wanted in (known.casefold() for known in _names(each))]
    if found:
        return found
    meant = nearest(name, (known for each in connections for known in _names(each)))
    hint = f"did you mean {quoted(meant)}?" if meant else "`connections inventory` lists them all."
    raise LifecycleError(f"There is no connection {quoted(name)} among those that were read; {hint}")


def _names(connection: ExistingConnection) -> Iterable[str]:
    organization = organization_name(connection.organization)
    yield connection.id
    yield connection.name
    yield connection.address
    for project in connection.projects:
        name = project.connection_name or connection.name
        yield name
        yield f"{project.name}/{name}"
        yield f"{organization}/{project.name}/{name}"
