"""What a stack's connections need in Entra ID: to make applications, or to write to those that it names."""

from collections.abc import Callable, Iterator
from typing import Final

from azure_service_connections.catalogue.identifiers import is_guid
from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.configuration.connection_parts import kind_of_credential
from azure_service_connections.configuration.models import Connection
from azure_service_connections.lifecycle.diagnosis import az_command
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.preflight.caller import Caller
from azure_service_connections.lifecycle.services import Services

_ABSENT: Final = 404
_DEVELOPER: Final = "cf1c38e5-3621-4004-a7cb-879624dced7c"
"""Template id of the role Application Developer."""


class EntraNeeds:
    """Looks at what connections need in Entra ID."""

    def __init__(self, services: Services, caller: Caller, unseen: Callable[[str], None]) -> None:
        """`unseen` is told what cannot be told, a sentence each."""
        self._services = services
        self._caller = caller
        self._unseen = unseen

    def findings(self, key: str, connection: Connection) -> Iterator[Finding]:
        """What is not there, and the rights that the caller lacks."""
        caller = self._caller
        if (application := connection.app_registration) is not None:
            if not caller.may_make_applications:
                yield Finding(
                    connection=key,
                    kind="right-lacking",
                    what=f"{quoted(caller.name)} makes its application and may make none",
                    code="Authorization_RequestDenied",
                    fix="let an administrator give it the role Application Developer: "
                    + az_command.give_directory_role(caller.object_id, _DEVELOPER),
                )
            for owner in application.owners:
                if not is_guid(owner) and self._is_missing(f"/users/{owner}"):
                    yield Finding(
                        connection=key,
                        kind="not-there",
                        what=f"the directory has nobody with the user principal name {quoted(owner)}",
                        fix="correct the name under `appRegistration.owners`",
                    )
        elif connection.service_principal is not None:
            yield from self._principal(key, connection, connection.service_principal.client_id.lower())

    def trusts(self, client_id: str) -> int:
        """How many federated credentials an application holds."""
        path = f"/applications(appId='{client_id}')/federatedIdentityCredentials"
        return len(list(self._services.graph_list(path, "Listing federated credentials")))

    def _principal(self, key: str, connection: Connection, client_id: str) -> Iterator[Finding]:
        if self._is_missing(f"/servicePrincipals(appId='{client_id}')"):
            yield Finding(
                connection=key,
                kind="not-there",
                what=f"the tenant has no service principal of the client id {client_id}",
                fix=f"{az_command.make_principal(client_id)}, or correct `servicePrincipal.clientId`",
            )
            return
        if kind_of_credential(connection) != "federated":
            return
        answer = self._services.graph("GET", f"/applications(appId='{client_id}')")
        if not answer.successful or not isinstance(answer.document, dict):
            self._unseen(f"The application {client_id} is not shown, so nobody can tell who may write to it.")
            return
        caller = self._caller
        if not caller.may_change(str(answer.document["id"])):
            yield Finding(
                connection=key,
                kind="right-lacking",
                what=f"{quoted(caller.name)} writes a federated credential of the application "
                f"{quoted(answer.document.get('displayName') or client_id)} and may not change it",
                code="Authorization_RequestDenied",
                fix=az_command.add_owner(client_id, caller.object_id)
                + " (an application needs the permission Application.ReadWrite.OwnedBy as well), or "
                "use `connections handoff`",
            )

    def _is_missing(self, path: str) -> bool:
        answer = self._services.graph("GET", path)
        if answer.status not in (_ABSENT, 200):
            self._unseen(f"Whether {path} is there is not shown: {answer.message or answer.status}")
        return answer.status == _ABSENT
