"""Whether a connection is still what a plan was written for, and what is different where it is not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

from azure_service_connections.catalogue.issuers import Issuer
from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.apply.endpoint import Endpoint
from azure_service_connections.lifecycle.apply.ends import RefusedError
from azure_service_connections.lifecycle.apply.entry_history import EntryHistory, without_own_changes
from azure_service_connections.lifecycle.apply.journal import Line
from azure_service_connections.lifecycle.inventory.existing_connection import (
    FEDERATED,
    SECRET,
    ExistingConnection,
)
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.subject_prediction import FederatedTrust

_MOST_COMBINED: Final = 8
_AGAIN: Final = "write a new plan and have it reviewed"


def gone() -> str:
    """What to say of a connection that is not there."""
    return f"it is not there any more, or the operator may not see it; {_AGAIN}"


def check(
    entry: Entry,
    connection: ExistingConnection,
    history: EntryHistory,
    lines: Sequence[Line],
    planned: Iterable[FederatedTrust] = (),
) -> None:
    """Raise RefusedError unless the connection is what the entry expects, or what this plan has made of it.

    `lines` tell what the plan did to the connection's identity: what it did for another connection counts as
    no change. Nor does a credential that the plan wants to be there (`planned`, those of the connection's
    identity), whoever has placed it since.
    """
    if not history.touched:
        before = without_own_changes(connection, lines)
        if any(each.fingerprint() == entry.expects for each in _without_planned(before, planned)):
            return
        raise RefusedError(f"{_said(_differences(entry, connection))}; {_AGAIN}")
    facts = history.detail("checked", "facts") or {}
    now = facts_of(connection)
    for key in ("clientId", "tenantId"):
        if key in facts and str(facts[key]).lower() != str(now[key]).lower():
            raise RefusedError(
                f"somebody gave it another identity ({quoted(now[key])}) while its change was half done; "
                "look at it in Azure DevOps, then write a new plan"
            )


def _without_planned(
    connection: ExistingConnection, planned: Iterable[FederatedTrust]
) -> Iterator[ExistingConnection]:
    """The connection as if some of the planned credentials were not there yet: which were is not known."""
    identity = connection.identity
    wanted = {(each.issuer, each.subject) for each in planned}
    new = [each for each in identity.trusts if (each.issuer, each.subject) in wanted]
    sizes = range(len(new) + 1) if len(new) <= _MOST_COMBINED else (0, len(new))
    for size in sizes:
        for some in combinations(new, size):
            trusts = tuple(each for each in identity.trusts if each not in some)
            yield connection.model_copy(update={"identity": identity.model_copy(update={"trusts": trusts})})


def facts_of(connection: ExistingConnection) -> dict[str, Any]:
    """What whoever goes on with a connection has to know of how it was."""
    return {
        "name": connection.name,
        "project": connection.project.name,
        "clientId": connection.client_id,
        "tenantId": connection.tenant_id,
        "scheme": connection.scheme,
        "issuer": connection.issuer,
        "subject": connection.subject,
    }


def check_endpoint(connection: ExistingConnection, endpoint: Endpoint) -> None:
    """Raise RefusedError where the connection changed since it was read, moments ago."""
    now = {
        "name": str(endpoint.document.get("name")),
        "scheme": endpoint.scheme,
        "client": endpoint.client_id.lower(),
        "issuer": endpoint.issuer,
        "subject": endpoint.subject,
    }
    before = {
        "name": connection.name,
        "scheme": connection.scheme,
        "client": connection.client_id.lower(),
        "issuer": connection.issuer,
        "subject": connection.subject,
    }
    different = [key for key in now if now[key] != before[key]]
    if different:
        raise RefusedError(
            f"somebody changed its {listed(different, 'and')} while this plan was being carried out; {_AGAIN}"
        )


def _said(differences: Sequence[str]) -> str:
    if differences:
        return listed(differences, "and")
    return (
        "its scope, what its identity trusts, its secrets or the pipelines that may use it are not what "
        "they were when the plan was written"
    )


def _differences(entry: Entry, connection: ExistingConnection) -> list[str]:
    return [*_of_itself(entry, connection), *_of_its_identity(entry, connection), *_of_use(entry, connection)]


def _of_itself(entry: Entry, connection: ExistingConnection) -> Iterator[str]:
    if entry.connection not in (connection.name, connection.address):
        yield f"it is now called {quoted(connection.name)}"
    if entry.project != connection.project.name:
        yield f"its project is now {quoted(connection.project.name)}"
    if entry.action == "convert" and connection.scheme == FEDERATED:
        yield "it has been converted meanwhile"
    if entry.action == "migrate-issuer" and connection.issuer_kind == Issuer.ENTRA.value:
        yield "it has been moved to Entra's issuer meanwhile"
    if entry.action == "revert" and connection.scheme == SECRET:
        yield "it has been reverted meanwhile"
    if connection.disabled:
        yield "it is disabled"


def _of_its_identity(entry: Entry, connection: ExistingConnection) -> Iterator[str]:
    planned, identity = entry.identity, connection.identity
    if planned is None:
        return
    if planned.client_id.lower() != connection.client_id.lower():
        yield f"it signs in as another application, {quoted(connection.client_id)}"
    elif identity.state in ("deleted", "missing", "disabled"):
        yield f"its identity is {identity.state}"
    elif planned.object_id and identity.object_id and planned.object_id.lower() != identity.object_id.lower():
        yield f"its identity was made anew ({quoted(identity.object_id)})"


def _of_use(entry: Entry, connection: ExistingConnection) -> Iterator[str]:
    known: Mapping[tuple[str, str], bool] = {(each.project, each.pipeline): True for each in entry.consumers}
    new = [each.name for each in connection.pipelines if each.name and (each.project, each.name) not in known]
    if known and new:
        yield f"the pipeline {listed([quoted(each) for each in new], 'and')} may use it as well"
