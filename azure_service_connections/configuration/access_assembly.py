"""Puts together what the component's inputs say about who may use a connection."""

from typing import Any

from azure_service_connections.configuration.access_models import Checks, Permission
from azure_service_connections.configuration.mistakes import Mistake, path_to
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.resolution import Project, Resolution


def access_of(
    key: str, connection: Connection, project: Project, resolution: Resolution
) -> dict[str, Any] | None:
    """The inputs `checks` and `permissions` with ids in place of names, or None where a name leads nowhere.

    The resolution collects why.
    """
    before = len(resolution.mistakes)
    look = _Look(connection.organization, project, resolution)
    access: dict[str, Any] = {}
    if connection.checks is not None:
        access["checks"] = look.checks(connection.checks, key, "checks")
    if connection.permissions:
        access["permissions"] = look.permissions(connection.permissions, key, "permissions")
    return access if len(resolution.mistakes) == before else None


class _Look:
    def __init__(self, organization: str | None, project: Project, resolution: Resolution) -> None:
        self._organization = organization
        self._project = project
        self._resolution = resolution

    def checks(self, checks: Checks, *place: str) -> dict[str, Any]:
        given = checks.model_dump(exclude_none=True, exclude={"approvals", "required_templates"})
        if checks.approvals:
            given["approvals"] = {
                name: {
                    **approval.model_dump(exclude_none=True),
                    "approvers": self._ids(approval.approvers, *place, "approvals", name, "approvers"),
                }
                for name, approval in checks.approvals.items()
            }
        if checks.required_templates:
            given["required_templates"] = {
                str(position): template.model_dump(exclude_none=True)
                for position, template in enumerate(checks.required_templates)
            }
        return given

    def permissions(self, permissions: dict[str, Permission], *place: str) -> dict[str, Any]:
        given: dict[str, Any] = {}
        seen: dict[str, str] = {}
        for name, permission in permissions.items():
            found = self._id(permission.who, *place, name, "who")
            given[name] = {"identity_id": found, "role": permission.role}
            self._note_repeat(seen, found, (*place, name, "who"), "Azure DevOps keeps one role each")
        return given

    def _ids(self, names: list[str], *place: str) -> list[str]:
        found: list[str] = []
        seen: dict[str, str] = {}
        for position, name in enumerate(names):
            found.append(self._id(name, *place, position))
            self._note_repeat(seen, found[-1], (*place, position), "everybody is asked once")
        return found

    def _id(self, name: str, *place: str | int) -> str:
        return self._resolution.identity(self._organization, self._project, name, *place) or ""

    def _note_repeat(
        self, seen: dict[str, str], identity: str, place: tuple[str | int, ...], reason: str
    ) -> None:
        path = path_to(*place)
        if identity and (other := seen.setdefault(identity, path)) != path:
            self._resolution.mistakes.append(
                Mistake(path, f"is the one of {other} again; {reason}, so remove one")
            )
