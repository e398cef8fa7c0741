"""Puts together what each component of a stack is made from."""

from collections.abc import Mapping
from typing import Any

import pulumi

from azure_service_connections.catalogue.clouds import PUBLIC
from azure_service_connections.catalogue.identifiers import managed_identity_id
from azure_service_connections.catalogue.roles import role_definition_id, role_guid
from azure_service_connections.configuration.access_assembly import access_of
from azure_service_connections.configuration.connection_parts import (
    credential_of,
    foreign_identity_of,
    kind_of_credential,
    kind_of_identity,
    scope_of,
)
from azure_service_connections.configuration.credential_models import Credential
from azure_service_connections.configuration.declared import Declared
from azure_service_connections.configuration.declared_checks import between
from azure_service_connections.configuration.mistakes import (
    ConfigurationError,
    Mistake,
    path_to,
    without_repeats,
)
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.project_models import PipelineReference
from azure_service_connections.configuration.providers import NO_SUBSCRIPTION, Providers
from azure_service_connections.configuration.resolution import Project, Resolution


def assemble(connections: Mapping[str, Connection], providers: Providers) -> list[Declared]:
    """Look up every name and put the inputs together. Raises ConfigurationError with all mistakes."""
    resolution = Resolution(providers)
    declared = [
        each
        for key, connection in connections.items()
        if (each := _Assembly(key, connection, resolution, providers).declare()) is not None
    ]
    mistakes = [*resolution.mistakes, *between(declared, connections)]
    if mistakes:
        raise ConfigurationError(without_repeats(mistakes))
    return declared


class _Assembly:
    def __init__(
        self, key: str, connection: Connection, resolution: Resolution, providers: Providers
    ) -> None:
        self._key = key
        self._connection = connection
        self._resolution = resolution
        self._providers = providers
        self._used: list[pulumi.ProviderResource] = []
        self._identity_key: str | None = None

    def declare(self) -> Declared | None:
        """Everything of one connection, or None where a name was not found."""
        connection = self._connection
        project = self._resolution.project(connection.organization, connection.project, self._key, "project")
        identity = self._identity()
        pipelines = None if project is None else self._pipelines(project)
        shared = None if project is None else self._shared(project)
        access = None if project is None else access_of(self._key, connection, project, self._resolution)
        if project is None or identity is None or pipelines is None or access is None or shared is None:
            return None
        organization = self._providers.of_organization(connection.organization)
        if organization is not None:
            self._used.append(organization)
        subscription_id, path, scope = scope_of(self._connection)
        if connection.managed_identity is None and connection.roles:
            # Role assignments work from any subscription, but the provider refuses to sign in without one.
            self._used.append(self._providers.of_subscription(subscription_id or NO_SUBSCRIPTION))
        args: dict[str, Any] = {
            "project_id": project.id,
            "connection_name": connection.connection_name or self._key,
            **identity,
            **scope,
            "roles": {key: role.model_dump(exclude_none=True) for key, role in connection.roles.items()},
            "pipelines": {
                self._pipeline_key(each, project): {"id": each["id"], "project_id": each["projectId"]}
                for each in pipelines
            },
            **access,
            **shared,
        }
        if isinstance(connection.credential, Credential):
            args["credential"] = credential_of(connection.credential)
        if (own := connection.federated_credential) is not None:
            args["federated_credential"] = own.model_dump(exclude_none=True)
        if connection.cloud is not None:
            args["cloud"] = connection.cloud.model_dump(exclude_none=True)
        if connection.description is not None:
            args["description"] = connection.description
        if connection.trusts:
            args["trusts"] = {
                name: trust.model_dump(exclude_none=True) for name, trust in connection.trusts.items()
            }
        if connection.replace is not None:
            args["replace"] = connection.replace
        if connection.all_pipelines:
            args["all_pipelines"] = True
        known: dict[str, Any] = {
            **self._organization(),
            "projectId": project.id,
            "project": project.name,
            "cloud": PUBLIC.environment if connection.cloud is None else connection.cloud.environment,
            "identity": kind_of_identity(connection),
            "credential": kind_of_credential(connection),
            "pipelines": pipelines,
            "roles": [
                _known_role(key, role.role, role.scope or path) for key, role in connection.roles.items()
            ],
        }
        if not connection.inherit_permissions:
            known["inheritPermissions"] = False
        return Declared(self._key, args, self._used, known, self._identity_key, tuple(connection.former_keys))

    def _organization(self) -> dict[str, str]:
        """The address of the organization where the stack says it, so that it can be asked about later."""
        said = self._connection.organization or pulumi.Config("azuredevops").get("orgServiceUrl")
        return {"organization": said.rstrip("/")} if said else {}

    def _identity(self) -> dict[str, Any] | None:
        connection, place = self._connection, self._key
        if (application := connection.app_registration) is not None:
            owners = [
                self._resolution.person(owner, place, "appRegistration", "owners", position)
                for position, owner in enumerate(application.owners)
            ]
            given = application.model_dump(exclude_none=True, exclude={"owners"})
            return {"app_registration": {**given, "owners": owners} if owners else given}
        if connection.managed_identity is not None:
            return self._managed_identity()
        if (foreign := foreign_identity_of(connection)) is not None:
            return foreign
        principal = connection.service_principal
        assert principal is not None, "the loader lets no connection without an identity through"
        found = self._resolution.application(
            principal.client_id, principal.principal_id, place, "servicePrincipal", "clientId"
        )
        if found is None:
            return None
        self._identity_key = found.application_id.lower()
        return {
            "service_principal": {
                "client_id": principal.client_id.lower(),
                "tenant_id": principal.tenant_id.lower(),
                "principal_id": found.principal_id,
                "application_id": found.application_id,
            }
        }

    def _managed_identity(self) -> dict[str, Any] | None:
        identity = self._connection.managed_identity
        assert identity is not None
        if identity.resource_id is None:
            subscription_id = (identity.subscription_id or scope_of(self._connection)[0] or "").lower()
            assert subscription_id, "the loader asks for one beside a management group"
            self._used.append(self._providers.of_subscription(subscription_id))
            given = identity.model_dump(exclude_none=True)
            return {"managed_identity": {**given, "subscription_id": subscription_id}}
        parts = managed_identity_id(identity.resource_id)
        assert parts is not None, "the loader lets no other id through"
        self._used.append(self._providers.of_subscription(parts.subscription_id))
        found = self._resolution.managed_identity(parts, self._key, "managedIdentity", "resourceId")
        if found is None:
            return None
        self._identity_key = str(parts).lower()
        return {"managed_identity": {"resource_id": str(parts), **found._asdict()}}

    def _shared(self, project: Project) -> dict[str, Any] | None:
        """The component's input of other projects, or None where one was not found."""
        written = self._connection.shared_with
        if written is None:
            return {}
        organization = self._connection.organization
        found: dict[str, int] = {}
        complete = True
        for position, each in enumerate(written):
            place = (self._key, "sharedWith", position)
            name = each if isinstance(each, str) else each.project
            other = self._resolution.project(organization, name, *place)
            if other is None:
                complete = False
            elif other.id == project.id:
                problem = "is the connection's own project, which has it anyway; remove it"
                self._resolution.mistakes.append(Mistake(path_to(*place), problem))
            elif (first := found.setdefault(other.id, position)) != position:
                problem = f"is the project of {path_to(self._key, 'sharedWith', first)} again; remove one"
                self._resolution.mistakes.append(Mistake(path_to(*place), problem))
        # Azure DevOps keeps the order in which projects were added, and any other shows as a change; the
        # provider's look-up answers a set, which has another order.
        return {"shared_with": list(found)} if complete else None

    def _pipelines(self, project: Project) -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = []
        complete = True
        seen: dict[tuple[str, int], int] = {}
        for position, written in enumerate(self._connection.pipelines):
            each = self._pipeline(project, written, position)
            if each is None:
                complete = False
                continue
            first = seen.setdefault((each["projectId"], each["id"]), position)
            if first != position:
                self._resolution.mistakes.append(
                    Mistake(
                        path_to(self._key, "pipelines", position),
                        f"is the pipeline of {path_to(self._key, 'pipelines', first)} again; remove one",
                    )
                )
            found.append(each)
        return found if complete else None

    def _pipeline(
        self, project: Project, written: str | int | PipelineReference, position: int
    ) -> dict[str, Any] | None:
        organization, place = self._connection.organization, (self._key, "pipelines", position)
        if isinstance(written, int):
            return {"id": written, "name": None, "projectId": project.id}
        if isinstance(written, str):
            written = PipelineReference(name=written)
        if written.project is not None:
            other = self._resolution.project(organization, written.project, *place, "project")
            if other is None:
                return None
            project = other
        if written.id is not None:
            return {"id": written.id, "name": None, "projectId": project.id}
        name = written.name or ""
        found = self._resolution.pipeline(organization, project, name, written.folder, *place)
        return None if found is None else {"id": found, "name": name, "projectId": project.id}

    @staticmethod
    def _pipeline_key(pipeline: Mapping[str, Any], project: Project) -> str:
        """A key that stays with the pipeline, whatever it is called and wherever it stands in the list."""
        if pipeline["projectId"] == project.id:
            return str(pipeline["id"])
        return f"{pipeline['projectId']}-{pipeline['id']}"


def _known_role(key: str, role: str, scope: str) -> dict[str, str]:
    scope = scope.rstrip("/") or "/"
    guid = role_guid(role) or role
    return {"key": key, "role": role, "scope": scope, "roleDefinitionId": role_definition_id(scope, guid)}
