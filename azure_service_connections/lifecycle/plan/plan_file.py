"""The plan file: what is to be done to which connection, as people review it."""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BeforeValidator

from azure_service_connections.lifecycle.document import Document

VERSION: Final = 1

Action = Literal["convert", "migrate-issuer", "revert", "keep"]
Placing = Literal["service", "place", "handoff", "none"]
Retirement = Literal["secrets", "old-credential"]

_WRITTEN_TIME: Final = re.compile(r"2\d{3}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")


def _as_people_write_it(value: Any) -> Any:
    # The library would take a bare number for seconds since 1970.
    if isinstance(value, int | float) or (isinstance(value, str) and not _WRITTEN_TIME.fullmatch(value)):
        raise ValueError("not a time")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_as_people_write_it)]
"""A time with its time zone."""


class Consumer(Document):
    """A pipeline that uses the connection, or may, and the tasks in it that name it."""

    project: str
    pipeline: str
    tasks: tuple[str, ...] = ()
    """Tasks with their major version, `AzureCLI@2`; empty where the pipeline may use it and does not."""
    unsupported: tuple[str, ...] = ()
    """Those of them that do not work with federation."""
    unknown: tuple[str, ...] = ()
    """Those of them of which it is not known."""
    note: str = ""
    """What a person has to know: that only a parameter or a variable names the connection, or that the
    pipeline could not be read."""


class PlannedIdentity(Document):
    """The identity that the entry is about."""

    kind: Literal["application", "managedIdentity", "unknown"]
    name: str = ""
    client_id: str
    object_id: str = ""
    resource_id: str = ""
    principal_id: str = ""


class Entry(Document):
    """What is to be done to one connection."""

    connection: str
    organization: str
    project: str
    id: str
    action: Action
    reason: str
    credential: Placing = "none"
    """Who places the new federated credential: Azure DevOps by itself (`service`), this command before the
    connection changes (`place`), or the owner of the identity on request (`handoff`)."""
    identity: PlannedIdentity | None = None
    consumers: tuple[Consumer, ...] = ()
    writes: tuple[str, ...] = ()
    """What will be written where, a sentence each; for people only."""
    retire: tuple[Retirement, ...] = ()
    """What is removed once the new way is proven: all secrets of the application, or the federated credential
    for Azure DevOps' own issuer. Default: nothing."""
    deadline: Moment | None = None
    """Until when it has to be done, or can be taken back."""
    expects: str
    """Fingerprint of the connection when the plan was written."""


class Removal(Document):
    """Something that has lost its other half and is to be removed."""

    kind: Literal["application", "federatedCredential", "roleAssignment", "serviceConnection"]
    id: str
    """Object id of an application, `applicationObjectId/credentialId` or a full id in Azure of a federated
    credential, full id of a role assignment, id of a connection."""
    name: str
    organization: str = ""
    project: str = ""
    action: Literal["remove", "keep"]
    reason: str


class Plan(Document):
    """A whole plan."""

    version: Literal[1]
    written: Moment
    organizations: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    removals: tuple[Removal, ...] = ()
