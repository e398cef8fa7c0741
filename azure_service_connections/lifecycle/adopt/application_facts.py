"""What applications say of themselves: read so that a stack can say the same."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.inventory.workers import Tell, Workers
from azure_service_connections.lifecycle.services import Services, checked

_SELECTED = "id,appId,displayName,notes,tags,serviceManagementReference"
_OURS = "pulumi:"


class ApplicationFacts(NamedTuple):
    """An application as far as the stack speaks of it."""

    display_name: str
    notes: str
    tags: tuple[str, ...]
    service_management_reference: str
    owners: tuple[str, ...]
    """Object ids of its owners."""

    @property
    def stack_tag(self) -> str:
        """The tag by which a stack marks what it made, or an empty text: `pulumi:PROJECT/STACK/NAME`."""
        return next((tag for tag in self.tags if tag.startswith(_OURS) and tag.count("/") >= 2), "")


def read_applications(
    services: Services, object_ids: Sequence[str], tell: Tell | None = None
) -> dict[str, ApplicationFacts | str]:
    """What the applications of these object ids say; a text in its place says why it cannot be read."""
    ids = list(dict.fromkeys(object_ids))
    with Workers(tell) as workers:
        return dict(
            zip(
                ids,
                workers.all("applications", [partial(_read, services, each) for each in ids]),
                strict=True,
            )
        )


def _read(services: Services, object_id: str) -> ApplicationFacts | str:
    path = f"/applications/{object_id}"
    try:
        answer = services.graph("GET", path, parameters={"$select": _SELECTED})
        found: dict[str, Any] = checked(answer, "Reading its application")
        owners = list(services.graph_list(f"{path}/owners", "Listing the owners of its application"))
    except ServiceError as error:
        return str(error).rstrip(".")
    return ApplicationFacts(
        display_name=str(found.get("displayName") or ""),
        notes=str(found.get("notes") or ""),
        tags=tuple(str(each) for each in found.get("tags") or ()),
        service_management_reference=str(found.get("serviceManagementReference") or ""),
        owners=tuple(sorted(str(each["id"]).lower() for each in owners)),
    )
