"""Names that people write, looked up as the ids that the services use.

Everything is looked up before the first connection registers, each name once, and what is not there is
collected like any other mistake.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pulumi
import pulumi_azure_native.managedidentity as azure_identity
import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops

from azure_service_connections.catalogue import access_rules
from azure_service_connections.catalogue.identifiers import ManagedIdentityId, is_guid
from azure_service_connections.catalogue.provider_answers import no_answer, refusal
from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.configuration.mistakes import Mistake, path_to
from azure_service_connections.configuration.providers import Providers

_ABSENT = re.compile(
    r"does not exist|not found|could not be found|unable to find|could not find|can ?not find|"
    r"no .{0,60}\bfound|\b404\b|no result|\bno (?:user|group|application|service principal) has\b|"
    r"there is no /",
    re.I,
)

_GROUPS = ("aadgp.", "vssgp.")
"""How the descriptors of groups begin: those of Entra ID and those of Azure DevOps."""


class Project(NamedTuple):
    """An Azure DevOps project."""

    id: str
    name: str
    """Its name, or its id where that is what the stack says."""


class ExistingIdentity(NamedTuple):
    """What is looked up of an identity that exists."""

    client_id: str
    principal_id: str
    tenant_id: str


class Application(NamedTuple):
    """What is looked up of an application that exists."""

    application_id: str
    principal_id: str


class Resolution:
    """Looks names up and remembers what it found, and what it did not."""

    def __init__(self, providers: Providers) -> None:
        """Start knowing nothing."""
        self._providers = providers
        self._answers: dict[tuple[Any, ...], Any] = {}
        self.mistakes: list[Mistake] = []

    def project(self, organization: str | None, name: str, *place: str | int) -> Project | None:
        """A project by name; an id is taken as it is, in lower case as Azure DevOps answers it."""
        if is_guid(name):
            return Project(name.lower(), name.lower())
        found = self._ask(
            ("project", organization, name.casefold()),
            lambda: azuredevops.get_project(name=name, opts=self._of(organization)),
            place,
            f"the project {quoted(name)}",
            "write the name or the id of a project of the organization",
        )
        return None if found is None else Project(str(found.project_id).lower(), str(found.name))

    def pipeline(
        self, organization: str | None, project: Project, name: str, folder: str | None, *place: str | int
    ) -> int | None:
        """The id of a pipeline by its name and its folder."""
        where = f" in folder {quoted(folder)}" if folder else ""
        found = self._ask(
            ("pipeline", organization, project.id, name.casefold(), (folder or "").casefold()),
            lambda: azuredevops.get_build_definition(
                project_id=project.id, name=name, path=folder or "\\", opts=self._of(organization)
            ),
            place,
            f"the pipeline {quoted(name)}{where} in project {quoted(project.name)}",
            "write a pipeline's name or id, and for one in a folder {name: …, folder: …}",
        )
        return None if found is None else int(found.id)

    def person(self, name: str, *place: str | int) -> str | None:
        """The object id of a person by the user principal name; an id is taken as it is."""
        if is_guid(name):
            return name.lower()
        found = self._ask(
            ("person", name.casefold()),
            lambda: azuread.get_user(user_principal_name=name),
            place,
            f"the person {quoted(name)}",
            "write a user principal name of the directory or an object id",
        )
        return None if found is None else str(found.object_id)

    def identity(
        self, organization: str | None, project: Project, name: str, *place: str | int
    ) -> str | None:
        """The id that Azure DevOps gives to a person or a group; an id is taken as it is.

        A name with an @ is a person's, one such as `[Payments]\\Contributors` that of a group of Azure
        DevOps, and any other that of a group of Entra ID.
        """
        if access_rules.is_identity_id(name):
            return name.lower()
        group = access_rules.scoped_group(name)
        of, person = self._of(organization), access_rules.is_person(name)
        if group is not None and group[0].casefold() == project.name.casefold():
            # The service's own list of the project's groups: a search could find a namesake.
            found = self._ask(
                ("group", organization, project.id, name.casefold()),
                lambda: azuredevops.get_identity_group(name=name, project_id=project.id, opts=of),
                place,
                f"the group {quoted(name)}",
                "write the name of a group as the project's settings show it",
            )
            return None if found is None else str(found.id).lower()
        kind = "AccountName" if person else "General" if group else "DisplayName"
        found = self._ask(
            ("identity", organization, kind, name.casefold()),
            lambda: azuredevops.get_identity_users(name=name, search_filter=kind, opts=of),
            place,
            f"the {'person' if person else 'group'} {quoted(name)}",
            "write a user principal name, the name of a group or an identity's id of the organization",
        )
        if found is None:
            return None
        if not person and not str(found.subject_descriptor).startswith(_GROUPS):
            problem = f"{quoted(name)} is not a group; write a person's user principal name"
            self.mistakes.append(Mistake(path_to(*place), problem))
            return None
        return str(found.id).lower()

    def application(self, client_id: str, principal_id: str | None, *place: str | int) -> Application | None:
        """Application and service principal by the client id."""
        application = self._ask(
            ("application", client_id.lower()),
            lambda: azuread.get_application(client_id=client_id),
            place,
            f"the application with the client id {quoted(client_id)}",
            "write the client id of an application of the directory that you sign in to",
        )
        if application is None:
            return None
        if principal_id is None:
            principal = self._ask(
                ("service principal", client_id.lower()),
                lambda: azuread.get_service_principal(client_id=client_id),
                place,
                f"the service principal with the client id {quoted(client_id)}",
                "create it with `az ad sp create --id CLIENTID`, or write its principalId",
            )
            if principal is None:
                return None
            principal_id = str(principal.object_id)
        return Application(f"/applications/{application.object_id}", principal_id)

    def managed_identity(self, identity: ManagedIdentityId, *place: str | int) -> ExistingIdentity | None:
        """The ids of a managed identity that exists."""
        found = self._ask(
            ("managed identity", str(identity).lower()),
            lambda: azure_identity.get_user_assigned_identity(
                resource_group_name=identity.resource_group,
                resource_name=identity.name,
                opts=pulumi.InvokeOptions(provider=self._providers.of_subscription(identity.subscription_id)),
            ),
            place,
            f"the managed identity {quoted(identity.name)} in group {quoted(identity.resource_group)}",
            "write the resourceId of one that exists, or name, resourceGroup and location to make one",
        )
        if found is None:
            return None
        return ExistingIdentity(str(found.client_id), str(found.principal_id), str(found.tenant_id))

    def _of(self, organization: str | None) -> pulumi.InvokeOptions:
        return pulumi.InvokeOptions(provider=self._providers.of_organization(organization))

    def _ask(
        self,
        key: tuple[Any, ...],
        look: Callable[[], Any],
        place: tuple[str | int, ...],
        what: str,
        instead: str,
    ) -> Any:
        """Ask once; an answer that is a text is why there is none."""
        if key not in self._answers:
            self._answers[key] = _answer(look)
        answer = self._answers[key]
        if not isinstance(answer, str):
            return answer
        if _ABSENT.search(answer):
            problem = f"there is no such thing as {what}; {instead}"
        else:
            problem = f"{what} {no_answer(answer)}"
        self.mistakes.append(Mistake(path_to(*place), problem))
        return None


def _answer(look: Callable[[], Any]) -> Any:
    try:
        return look()
    # The SDK raises a bare Exception for whatever a provider answers.
    except Exception as error:
        return refusal(error)
