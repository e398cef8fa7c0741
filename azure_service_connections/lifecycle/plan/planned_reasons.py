"""The sentences that say why a connection is kept, or what is to be known of its conversion."""

from collections.abc import Sequence
from typing import Final

from azure_service_connections.catalogue.wording import counted, listed, quoted
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.verdicts import MOST_TRUSTS
from azure_service_connections.lifecycle.plan.plan_file import Consumer

NOT_SEEN: Final = "its identity could not be looked at"

_MOST_NAMED: Final = 3


def named(connection: ExistingConnection) -> str:
    """The identity of a connection in words: `the application 'deployer'`."""
    identity = connection.identity
    kind = "managed identity" if identity.kind == "managedIdentity" else "application"
    return f"the {kind} {quoted(identity.name or identity.client_id or connection.client_id)}"


def standing_in_the_way(connection: ExistingConnection) -> str | None:
    """Why nothing is done to a connection whatever it signs in with: nobody could prove that it works."""
    if not connection.ready:
        status = connection.status.rstrip(".")
        return f"it is not ready: {status}" if status else "it is not ready"
    if connection.subscription_gone:
        return f"what it is for is gone ({connection.scope}); `connections orphans` lists such connections"
    return None


def how_to_unshare(connection: ExistingConnection, forced: bool) -> str:
    """Why a shared connection is kept, and what to do; `forced` where it was to be converted."""
    others = [each.name for each in connection.projects[1:]]
    return (
        f"it is shared with {listed(others, 'and')}, and Azure DevOps converts what one project has alone; "
        f"{'also to convert it as asked, ' if forced else ''}take it from the other projects first (project "
        "permissions on its security page), plan again, and share it again afterwards"
    )


def kept_for(connection: ExistingConnection, consumers: Sequence[Consumer], failing: Sequence[str]) -> str:
    """Why a connection is kept for tasks of its pipelines, and what to do."""
    pipelines = sorted({each.pipeline for each in consumers if each.unsupported})
    return (
        f"{fail(failing)} (in {some(pipelines)}); replace what fails, or plan with --convert "
        f"{connection.name}"
    )


def fail(tasks: Sequence[str]) -> str:
    """That tasks do not work with federation."""
    verb = "does" if len(tasks) == 1 else "do"
    return f"{some(tasks)} {verb} not work with federation"


def some(names: Sequence[str]) -> str:
    """The first of several names, and how many more there are."""
    more = len(names) - _MOST_NAMED
    return listed([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else ())], "and")


def whose(connection: ExistingConnection) -> str:
    """Why the operator cannot place the credential."""
    identity = connection.identity
    if identity.state == "notVisible":
        return "it was made by hand, and this operator may not look at its identity"
    if identity.resource_id:
        return f"it was made by hand, and this operator may not place credentials on {named(connection)}"
    owners = f" ({some(identity.owners)})" if identity.owners else ""
    return f"it was made by hand, and {named(connection)} belongs to others{owners}"


def not_known(tasks: Sequence[str]) -> str:
    """That nothing is known of tasks."""
    verb = "works" if len(tasks) == 1 else "work"
    return f"whether {some(tasks)} {verb} with federation is not known"


def no_room(connection: ExistingConnection, in_this_plan: int) -> str:
    """Why a connection is kept whose identity cannot hold one more credential."""
    held = counted(len(connection.identity.trusts), "federated credential")
    others = f" and {in_this_plan} more in this plan" if in_this_plan else ""
    return (
        f"{named(connection)} has {held}{others}, and {MOST_TRUSTS} is the most; give the connection an "
        "identity of its own, or remove credentials that nothing uses"
    )
