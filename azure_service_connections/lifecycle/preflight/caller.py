"""What the caller may do in Entra ID, Azure and Azure DevOps, as the three tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from azure_service_connections.lifecycle.diagnosis.roles import covered
from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked

_PERMISSIONS: Final = "/providers/Microsoft.Authorization/permissions"
_PERMISSIONS_VERSION: Final = "2022-04-01"
_REFUSED: Final = (401, 403, 404)
_ENDPOINTS: Final = "49b48001-ca20-4adc-8111-5b60c903a50c"
"""The security namespace ServiceEndpoints (Azure DevOps' page "Security namespaces and permissions")."""

_EVERY_APPLICATION: Final = frozenset(
    {
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        "62e90394-69f5-4237-9190-012177145e10",
        "Application.ReadWrite.All",
        "Directory.ReadWrite.All",
    }
)
"""Template ids of the roles Application Administrator, Cloud Application Administrator and Global
Administrator, and permissions, that let their holder write any application (Entra ID's built-in roles)."""
_OWN_APPLICATIONS: Final = frozenset(
    {"cf1c38e5-3621-4004-a7cb-879624dced7c", "Application.ReadWrite.OwnedBy"}
)
"""Application Developer, and the permission for what the caller owns."""


@dataclass(frozen=True)
class Answered:
    """Whether something is allowed."""

    allowed: bool
    conditioned: bool = False
    """Whether only a role with a condition allows it, which nobody but Azure can tell the outcome of."""


class Caller:
    """The caller's rights, each asked for once."""

    def __init__(self, services: Services) -> None:
        """`services` are asked as the caller. ServiceError where the sign-in is refused."""
        self._services = services
        claims = services.credentials.claims(services.addresses.graph)
        self.object_id = str(claims.get("oid") or "")
        self.is_person = bool(claims.get("scp"))
        self._held = frozenset(
            str(each)
            for name in ("wids", "roles")
            for each in claims.get(name) or ()
            if isinstance(each, str)
        )
        self._permissions: dict[str, Sequence[Mapping[str, Any]]] = {}
        self._bits: dict[str, Mapping[str, int]] = {}
        self._endpoints: dict[tuple[str, str, str], bool] = {}

    @cached_property
    def name(self) -> str:
        """What people call the caller."""
        kind = "users" if self.is_person else "servicePrincipals"
        answer = self._services.graph("GET", f"/{kind}/{self.object_id}")
        found = answer.document if answer.successful and isinstance(answer.document, dict) else {}
        return str(found.get("displayName") or self.object_id)

    @cached_property
    def may_make_applications(self) -> bool:
        """Whether the caller may make applications."""
        if self._held & (_EVERY_APPLICATION | _OWN_APPLICATIONS):
            return True
        if not self.is_person:
            return False
        answer = self._services.graph("GET", "/policies/authorizationPolicy")
        document = answer.document if answer.successful and isinstance(answer.document, dict) else {}
        people = document.get("defaultUserRolePermissions") or {}
        return people.get("allowedToCreateApps") is True

    def may_change(self, application: str) -> bool:
        """Whether the caller may change an application, by its object id."""
        if self._held & _EVERY_APPLICATION:
            return True
        if not self.is_person and not self._held & _OWN_APPLICATIONS:
            return False
        owners = self._services.graph_list(f"/applications/{application}/owners", "Listing owners")
        try:
            return any(str(each.get("id")) == self.object_id for each in owners)
        except ServiceError:
            return False

    def may(self, action: str, scope: str) -> Answered:
        """Whether one of the caller's roles allows an action of Azure at a scope."""
        key = scope.lower()
        if key not in self._permissions:
            answer = self._services.azure("GET", f"{scope.rstrip('/')}{_PERMISSIONS}", _PERMISSIONS_VERSION)
            doing = f"Asking what the caller may do at {scope}"
            self._permissions[key] = (
                () if answer.status in _REFUSED else checked(answer, doing).get("value") or ()
            )
        granting = [
            each
            for each in self._permissions[key]
            if covered(each.get("actions"), action) and not covered(each.get("notActions"), action)
        ]
        return Answered(bool(granting), bool(granting) and all(each.get("condition") for each in granting))

    def may_with_connections(
        self, organization: str, action: str, project_id: str, connection_id: str = ""
    ) -> bool:
        """Whether the caller may `Create` or `Administer` connections of a project, or one of them."""
        token = f"endpoints/{project_id}" + (f"/{connection_id}" if connection_id else "")
        key = (organization, action, token)
        if key not in self._endpoints:
            bit = self._bits_of(organization)[action]
            answer = self._services.devops(
                "GET",
                f"/_apis/permissions/{_ENDPOINTS}/{bit}",
                organization=organization,
                parameters={"tokens": token, "alwaysAllowAdministrators": "true"},
            )
            held = checked(answer, f"Asking what the caller may do in {organization}")["value"]
            self._endpoints[key] = bool(held) and all(held)
        return self._endpoints[key]

    def _bits_of(self, organization: str) -> Mapping[str, int]:
        """The bits of the namespace's actions, which the service alone knows."""
        if organization not in self._bits:
            answer = self._services.devops(
                "GET",
                f"/_apis/securitynamespaces/{_ENDPOINTS}",
                organization=organization,
                version=PREVIEW_VERSION,
            )
            found = checked(answer, f"Reading the rights that there are in {organization}")["value"]
            self._bits[organization] = {
                str(each["name"]): int(each["bit"]) for one in found for each in one.get("actions") or ()
            }
        return self._bits[organization]
