"""The inventory as a table for spreadsheets, one row a connection."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.findings import Finding, expiry
from azure_service_connections.lifecycle.organizations import organization_name

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def as_csv(judged: Sequence[tuple[ExistingConnection, Sequence[Finding]]]) -> str:
    """The connections with what there is to do about each, as CSV with a line of headings.

    A value that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, "to do"])
    for connection, todo in judged:
        values = [value(connection) for value in _COLUMNS.values()]
        writer.writerow([_safe(each) for each in (*values, _joined(each.sentence for each in todo))])
    return out.getvalue()


def _safe(value: str) -> str:
    """A value on one line that no spreadsheet calculates."""
    line = _BREAKS.sub(" ", value)
    return f"'{line}" if line.lstrip().startswith(_STARTS_FORMULA) else line


def _joined(values: Iterable[str]) -> str:
    return "; ".join(values)


def _time(time: datetime | None) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if time else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _pipelines(connection: ExistingConnection) -> str:
    if connection.all_pipelines:
        return "all"
    return _joined(f"{each.project}/{each.name or each.id}" for each in connection.pipelines)


_COLUMNS: Final[Mapping[str, Callable[[ExistingConnection], str]]] = MappingProxyType(
    {
        "organization": lambda each: organization_name(each.organization),
        "project": lambda each: each.project.name,
        "connection": lambda each: each.name,
        "id": lambda each: each.id,
        "shared with": lambda each: _joined(project.name for project in each.projects[1:]),
        "owner": lambda each: each.owner,
        "created": lambda each: _time(each.created),
        "scheme": lambda each: each.scheme,
        "creation mode": lambda each: each.creation_mode,
        "credential": lambda each: each.credential_kind,
        "expires": lambda each: _time(expiry(each)),
        "issuer": lambda each: each.issuer,
        "subject": lambda each: each.subject,
        "cloud": lambda each: each.cloud,
        "scope": lambda each: each.scope,
        "subscription": lambda each: each.subscription_name,
        "identity": lambda each: each.identity.name,
        "identity kind": lambda each: each.identity.kind,
        "identity state": lambda each: each.identity.state,
        "client id": lambda each: each.client_id,
        "tenant": lambda each: each.tenant_id,
        "identity owners": lambda each: _joined(each.identity.owners),
        "connections of the identity": lambda each: str(each.identity.shared_by),
        "roles": lambda each: _joined(f"{role.role} at {role.scope}" for role in each.roles),
        "pipelines": _pipelines,
        "checks": lambda each: _joined(check.kind for check in each.checks),
        "last used": lambda each: _time(each.last_used.finished if each.last_used else None),
        "last result": lambda each: each.last_used.result if each.last_used else "",
        "ready": lambda each: _yes(each.ready),
        "disabled": lambda each: _yes(each.disabled),
        "convertible": lambda each: _yes(each.conversion.possible),
        "conversion": lambda each: each.conversion.reason,
        "migratable": lambda each: _yes(each.migration.possible),
        "migration": lambda each: each.migration.reason,
        "revertible": lambda each: _yes(each.reversion.possible),
        "reversion": lambda each: each.reversion.reason,
        "revert deadline": lambda each: _time(each.revert_deadline),
        "not read": lambda each: _joined(each.unseen),
    }
)
