"""Which entries of a plan, or which connections, a person means by their names."""

import re
from collections.abc import Sequence
from typing import Final

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.workers import Tell
from azure_service_connections.lifecycle.organizations import organization_name
from azure_service_connections.lifecycle.plan.choices import chosen
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.services import Services

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def entries_named(entries: Sequence[Entry], names: Sequence[str], otherwise: str) -> list[Entry]:
    """The entries that are meant by name, project/name, organization/project/name or id; all without names.

    LifecycleError with the names that none has; `otherwise` is the sentence about them, with `{names}`.
    """
    if not names:
        return list(entries)
    wanted = {each.strip().casefold() for each in names}
    found = [each for each in entries if _names(each) & wanted]
    known = {name for each in found for name in _names(each)}
    if missing := [each for each in names if each.strip().casefold() not in known]:
        raise LifecycleError(otherwise.format(names=listed([quoted(each) for each in missing], "and")))
    return found


def connections_named(
    services: Services,
    organizations: Sequence[str],
    projects: Sequence[str],
    names: Sequence[str],
    tell: Tell | None = None,
) -> list[ExistingConnection]:
    """The one connection that each name means; LifecycleError for a name that none has, or several."""
    ids = [each for each in names if _ID.fullmatch(each)]
    others = [each for each in names if not _ID.fullmatch(each)]
    found: list[ExistingConnection] = []
    if ids:
        found += read_estate(services, organizations, projects=projects, ids=ids, tell=tell)
    if others:
        short = {part for each in others for part in (each, each.rpartition("/")[2])}
        found += read_estate(services, organizations, projects=projects, names=sorted(short), tell=tell)
    return chosen(found, names)


def _names(entry: Entry) -> set[str]:
    in_project = f"{entry.project}/{entry.connection}"
    address = f"{organization_name(entry.organization)}/{in_project}"
    return {each.casefold() for each in (entry.id, entry.connection, in_project, address)}
