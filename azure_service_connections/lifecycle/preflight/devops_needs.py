"""What a stack's connections need in Azure DevOps: projects, pipelines, and rights on connections."""

from collections.abc import Iterator
from typing import Final

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.project_models import PipelineReference
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.inventory.organization_reader import FoundProject, OrganizationReader
from azure_service_connections.lifecycle.organizations import organization_name
from azure_service_connections.lifecycle.preflight.caller import Caller
from azure_service_connections.lifecycle.services import Services, checked

_DENIED: Final = "AccessCheckException"


class DevOpsNeeds:
    """Looks at what connections need in Azure DevOps; projects and their pipelines are read once."""

    def __init__(self, services: Services, caller: Caller) -> None:
        """`services` are asked as the caller."""
        self._services = services
        self._caller = caller
        self._projects: dict[tuple[str, str], FoundProject | None] = {}
        self._pipelines: dict[tuple[str, str], dict[int, str]] = {}

    def findings(self, key: str, connection: Connection, organization: str) -> tuple[list[Finding], bool]:
        """What is not there, the rights that the caller lacks, and whether the connection is to be made."""
        project = self._project(organization, connection.project)
        if project is None:
            return [_no_project(key, connection.project, organization, "project")], True
        name = connection.connection_name or key
        existing = self._connection(organization, project, name)
        found = list(self._rights(key, connection, organization, project, existing))
        for position, written in enumerate(connection.pipelines):
            found += self._pipeline(key, organization, project, written, f"pipelines[{position}]")
        if (
            connection.automatic is not None
            and not self._services.credentials.personal_access_token(organization)[1]
        ):
            found.append(
                Finding(
                    connection=key,
                    kind="right-lacking",
                    what="Azure DevOps makes an identity (`automatic`) for a person alone, and no personal "
                    "access token is set",
                    fix="set AZDO_PERSONAL_ACCESS_TOKEN, or write `appRegistration: {}` or `managedIdentity`",
                )
            )
        return found, not existing

    def _rights(
        self, key: str, connection: Connection, organization: str, project: FoundProject, existing: str
    ) -> Iterator[Finding]:
        others = [each if isinstance(each, str) else each.project for each in connection.shared_with or ()]
        places = [project]
        for other in others:
            if (found := self._project(organization, other)) is None:
                yield _no_project(key, other, organization, "sharedWith")
            else:
                places.append(found)
        action = "Administer" if existing else "Create"
        for place in places:
            needed = action if place == project else "Create"
            own = existing if place == project else ""
            if not self._caller.may_with_connections(organization, needed, place.id, own):
                yield self._lacking(key, organization, place, needed)

    def _lacking(self, key: str, organization: str, project: FoundProject, action: str) -> Finding:
        doing, group = (
            ("makes connections", "Endpoint Creators")
            if action == "Create"
            else ("changes the connection, its pipelines and its checks", "Endpoint Administrators")
        )
        # Azure DevOps knows the caller by its own token, which may be another one's.
        return Finding(
            connection=key,
            kind="right-lacking",
            what=f"whoever signs in to {organization_name(organization)} {doing} in "
            f"{quoted(project.name)} and lacks the right {action} of service connections there",
            code=_DENIED,
            fix=f"let a project administrator add them to the group [{project.name}]\\{group}",
        )

    def _pipeline(
        self,
        key: str,
        organization: str,
        project: FoundProject,
        written: str | int | PipelineReference,
        where: str,
    ) -> Iterator[Finding]:
        place: FoundProject | None = project
        name: str | int | None = written if not isinstance(written, PipelineReference) else None
        if isinstance(written, PipelineReference):
            name = written.id if written.id is not None else written.name
            if written.project is not None:
                place = self._project(organization, written.project)
                if place is None:
                    yield _no_project(key, written.project, organization, where)
        if place is None or name is None:
            return
        there = self._pipelines_of(organization, place)
        known = (
            name in there if isinstance(name, int) else name.casefold() in map(str.casefold, there.values())
        )
        if not known:
            yield Finding(
                connection=key,
                kind="not-there",
                what=f"the project {quoted(place.name)} has no pipeline {quoted(name)} (`{where}`)",
                code="DefinitionNotFoundException",
                fix="make the pipeline first, or write the name or the id of one that exists",
            )

    def _project(self, organization: str, name: str) -> FoundProject | None:
        key = (organization, name.casefold())
        if key not in self._projects:
            self._projects[key] = OrganizationReader(self._services, organization).project(name)
        return self._projects[key]

    def _pipelines_of(self, organization: str, project: FoundProject) -> dict[int, str]:
        key = (organization, project.id)
        if key not in self._pipelines:
            self._pipelines[key] = OrganizationReader(self._services, organization).pipelines(project)
        return self._pipelines[key]

    def _connection(self, organization: str, project: FoundProject, name: str) -> str:
        """The id of the connection of a name in a project; empty where there is none."""
        answer = self._services.devops(
            "GET",
            f"/{project.id}/_apis/serviceendpoint/endpoints",
            organization=organization,
            parameters={"endpointNames": name, "includeFailed": "true"},
        )
        found = checked(answer, f"Looking for the connection {name}")["value"]
        return next((str(each["id"]) for each in found if each["name"].casefold() == name.casefold()), "")


def _no_project(key: str, name: str, organization: str, where: str) -> Finding:
    return Finding(
        connection=key,
        kind="not-there",
        what=f"{organization_name(organization)} has no project {quoted(name)} (`{where}`)",
        code="ProjectDoesNotExistWithNameException",
        fix="make the project first, or write the name or the id of one that exists",
    )
