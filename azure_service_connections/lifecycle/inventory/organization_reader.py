"""Reads an Azure DevOps organization: its projects, their connections, and what belongs to these."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.inventory.endpoint_facts import time_of
from azure_service_connections.lifecycle.inventory.existing_connection import Check, Use
from azure_service_connections.lifecycle.organizations import organization_name
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked

_PAGE: Final = 200
CHECKS_AT_A_TIME: Final = 100
_USES_AT_A_TIME: Final = 10
_NO_ORGANIZATION = (404, 410, 501)
_COLLECTION_NAMESPACE: Final = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
_EDIT_COLLECTION: Final = 2
"""The right to edit what belongs to the whole organization, which administrators have (Azure DevOps' page
"Security namespaces and permissions")."""
_TASK: Final = "fe1de3ee-a436-41b4-bb20-f6eb4cb879a7"
"""The type of every check that runs a task of the service; which one it is stands in its settings."""
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "8c6f20a7-a545-4486-9777-f762fafe0d4d": "approval",
        "86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b": "branchControl",
        "445fde2f-6c39-441c-807f-8a59ff2e075f": "businessHours",
        "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563": "exclusiveLock",
        "4020e66e-b0f3-47e1-bc88-48f3cc59b5f3": "requiredTemplate",
    }
)


class FoundProject(NamedTuple):
    """A project of the organization."""

    id: str
    name: str


class Permissions(NamedTuple):
    """Which pipelines of a project may use a connection."""

    all_pipelines: bool
    pipelines: tuple[int, ...]


class OrganizationReader:
    """Asks one organization; each question is one request, or one for every page."""

    def __init__(self, services: Services, address: str) -> None:
        """`address` is that of the organization, without a slash at the end."""
        self._services = services
        self.address = address
        self.name = organization_name(address)

    def identifier(self) -> str:
        """The organization's id. ServiceError where there is no organization at the address."""
        # The service says that this resource is under preview and asks for a version that says so, too.
        answer = self._get("/_apis/connectionData", version=PREVIEW_VERSION)
        document = answer.document
        if answer.status in _NO_ORGANIZATION or (answer.successful and not isinstance(document, dict)):
            raise ServiceError(
                f"There is no Azure DevOps organization at {self.address}; check the address, or give it by "
                "--organization.",
                answer.status,
                answer.code,
            )
        return str(checked(answer, f"Reading the organization {self.name}").get("instanceId") or "").lower()

    def projects(self) -> list[FoundProject]:
        """All projects that the operator sees."""
        found: list[FoundProject] = []
        doing = f"Listing the projects of {self.name}"
        while True:
            page = {"$top": str(_PAGE), "$skip": str(len(found))}
            entries = checked(self._get("/_apis/projects", page), doing)["value"]
            found += [FoundProject(str(each["id"]).lower(), each["name"]) for each in entries]
            if len(entries) < _PAGE:
                return found

    def project(self, name: str) -> FoundProject | None:
        """The project with a name or an id, or None where the operator sees none."""
        answer = self._get(f"/_apis/projects/{name}")
        if answer.status == 404:
            return None
        found = checked(answer, f"Reading the project {name} of {self.name}")
        return FoundProject(str(found["id"]).lower(), found["name"])

    def administers(self) -> bool:
        """Whether the operator administers the organization, and so sees all that is in it."""
        answer = self._get(
            f"/_apis/permissions/{_COLLECTION_NAMESPACE}/{_EDIT_COLLECTION}",
            {"alwaysAllowAdministrators": "true"},
        )
        rights = checked(answer, f"Reading the operator's rights in {self.name}")["value"]
        return bool(rights) and all(rights)

    def connections(
        self, project: FoundProject, ids: Sequence[str] = (), *, every_type: bool = False
    ) -> list[dict[str, Any]]:
        """The connections to Azure of a project as the service answers, those that are not ready included.

        With `every_type` also those to anything else.
        """
        parameters = {"includeFailed": "true", "includeDetails": "true"}
        if not every_type:
            parameters["type"] = "azurerm"
        if ids:
            parameters["endpointIds"] = ",".join(ids)
        answer = self._get(f"/{project.id}/_apis/serviceendpoint/endpoints", parameters)
        found: list[dict[str, Any]] = checked(
            answer, f"Listing the service connections of {self.name}/{project.name}"
        )["value"]
        return found

    def permissions(self, project: FoundProject, connection: str) -> Permissions:
        """Which pipelines of a project may use a connection."""
        path = f"/{project.id}/_apis/pipelines/pipelinepermissions/endpoint/{connection}"
        document = checked(
            self._get(path, version=PREVIEW_VERSION), f"Reading who may use it in {project.name}"
        )
        return Permissions(
            bool((document.get("allPipelines") or {}).get("authorized")),
            tuple(int(each["id"]) for each in document.get("pipelines") or () if each.get("authorized")),
        )

    def pipelines(self, project: FoundProject) -> dict[int, str]:
        """The names of a project's pipelines."""
        found: dict[int, str] = {}
        token = ""
        doing = f"Listing the pipelines of {self.name}/{project.name}"
        while True:
            page = {"$top": "1000", **({"continuationToken": token} if token else {})}
            answer = self._get(f"/{project.id}/_apis/pipelines", page)
            found |= {int(each["id"]): each["name"] for each in checked(answer, doing)["value"]}
            if not (token := answer.headers.get("x-ms-continuationtoken", "")):
                return found

    def checks(self, project: FoundProject, connections: Sequence[str]) -> dict[str, list[Check]]:
        """The checks of a project on some connections, by connection; a hundred are asked about at a time."""
        found: dict[str, list[Check]] = {each: [] for each in connections}
        for start in range(0, len(connections), CHECKS_AT_A_TIME):
            answer = self._services.devops(
                "POST",
                f"/{project.id}/_apis/pipelines/checks/queryconfigurations",
                organization=self.address,
                version=PREVIEW_VERSION,
                parameters={"$expand": "settings"},
                body=[
                    {"type": "endpoint", "id": each} for each in connections[start : start + CHECKS_AT_A_TIME]
                ],
            )
            for each in checked(answer, f"Reading the checks of {self.name}/{project.name}")["value"]:
                key = str((each.get("resource") or {}).get("id", "")).lower()
                if key in found:
                    found[key].append(_check(each, project))
        return found

    def last_use(self, project: FoundProject, connection: str) -> Use | None:
        """The last use of a connection that the execution history of a project tells of."""
        answer = self._get(
            f"/{project.id}/_apis/serviceendpoint/{connection}/executionhistory",
            {"top": str(_USES_AT_A_TIME)},
        )
        uses = list(_uses(checked(answer, f"Reading its execution history in {project.name}")["value"]))
        return max(uses, key=lambda use: use.finished, default=None)

    def _get(
        self, path: str, parameters: Mapping[str, str] | None = None, version: str | None = None
    ) -> Answer:
        more = {"version": version} if version else {}
        return self._services.devops("GET", path, organization=self.address, parameters=parameters, **more)


def _check(document: Mapping[str, Any], project: FoundProject) -> Check:
    described = document.get("type") or {}
    settings = document.get("settings") or {}
    kind = str(described.get("id", "")).lower()
    if kind == _TASK:
        kind = str((settings.get("definitionRef") or {}).get("id", "")).lower()
    named = settings.get("displayName") or described.get("name") or kind
    timeout = document.get("timeout")
    return Check(
        id=int(document["id"]),
        kind=_KINDS.get(kind, str(named)),
        project_id=project.id,
        enabled=not document.get("isDisabled", False),
        timeout_minutes=int(timeout) if timeout is not None else None,
        settings=settings,
    )


def _uses(records: Sequence[Mapping[str, Any]]) -> Iterator[Use]:
    for record in records:
        data = record.get("data") or {}
        # What still runs has no end; then its start is the last that is known of it.
        if time := time_of(data.get("finishTime") or data.get("startTime")):
            definition = data.get("definition") or {}
            yield Use(
                finished=time,
                result=data.get("result") or "inProgress",
                pipeline=str(definition.get("name") or ""),
            )
