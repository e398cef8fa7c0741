"""The tenants of an estate file: people, groups, applications, and what Azure holds of them."""

from datetime import date
from typing import Annotated

from cryptography import x509
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from azure_service_connections.sandbox.estate_section import AUDIENCE, Guid, LifeInDays, Name, Section


class FederatedCredential(Section):
    """Trust in the tokens of one issuer for one subject."""

    name: Name
    issuer: Name
    subject: Name
    audiences: list[Name] = Field(default=[AUDIENCE], min_length=1, max_length=1)
    description: str | None = None


class Person(Section):
    """A user of a tenant."""

    id: Guid | None = None
    name: Name
    user_principal_name: Name
    directory_roles: list[Name] = Field(default=[])
    """Directory roles, such as `Application Administrator`."""


class Group(Section):
    """A security group; its members are people, other groups, applications or managed identities by name."""

    id: Guid | None = None
    name: Name
    members: list[Name] = Field(default=[])


def _certificate(text: str) -> str:
    try:
        x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        problem = "is no certificate; write one in PEM form, as a block after `|`"
        raise PydanticCustomError("rule", "{problem}", {"problem": problem}) from None
    return text


Certificate = Annotated[str, AfterValidator(_certificate)]


class Application(Section):
    """An app registration with its service principal."""

    id: Guid | None = None
    """Object id of the application."""
    name: Name
    client_id: Guid | None = None
    principal_id: Guid | None = None
    """Object id of the service principal."""
    secret: Name | None = None
    secret_expires: date | None = None
    """Defaults to two years from the planting."""
    secret_expires_in_days: LifeInDays | None = None
    """In place of the date: days from the planting, negative where the secret has ended."""
    certificates: list[Certificate] = Field(default=[])
    """Certificates that it may sign in with, in PEM form."""
    operator: bool = False
    """The one that `connections sandbox env` signs in as."""
    directory_roles: list[Name] = Field(default=[])
    """Directory roles (`Application Administrator`) or permissions (`Application.ReadWrite.All`)."""
    multi_tenant: bool = False
    disabled: bool = False
    """Nobody can sign in as it."""
    owners: list[Name] = Field(default=[])
    """People by user principal name, or applications by name."""
    federated_credentials: list[FederatedCredential] = Field(default=[], max_length=20)


class ManagementGroup(Section):
    """A management group below another one, or below the tenant's root group."""

    name: Name
    display_name: Name | None = None
    """Defaults to the name."""
    parent: Name | None = None


class ManagedIdentity(Section):
    """A user-assigned managed identity; it lies in its resource group's location unless it says otherwise."""

    name: Name
    client_id: Guid | None = None
    principal_id: Guid | None = None
    """Object id of its service principal."""
    location: Name | None = None
    federated_credentials: list[FederatedCredential] = Field(default=[], max_length=20)


class Workspace(Section):
    """A machine learning workspace; it lies in its resource group's location unless it says otherwise."""

    name: Name
    location: Name | None = None


class WebApp(Section):
    """A web app of App Service; it lies in its resource group's location unless it says otherwise."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]
    location: Name | None = None
    publishing_password: Name | None = None
    """The password of its publish profile; the user name is `$` and its name."""


class ResourceGroup(Section):
    """A resource group of a subscription."""

    name: Name
    location: Name
    tags: dict[str, str] = Field(default={})
    managed_identities: list[ManagedIdentity] = Field(default=[])
    workspaces: list[Workspace] = Field(default=[])
    web_apps: list[WebApp] = Field(default=[])


class Subscription(Section):
    """A subscription, below a management group or below the tenant's root group."""

    id: Guid | None = None
    name: Name
    management_group: Name | None = None
    resource_groups: list[ResourceGroup] = Field(default=[])


class DenyAssignment(Section):
    """What nobody may do at a scope, as a deployment stack keeps it."""

    name: Name
    scope: Name
    """`/`, the name of a subscription, `subscription/resource group`, or a full id."""
    actions: list[Name] = Field(min_length=1)
    """Patterns of operations, such as `*/delete`."""
    exclude: list[Name] = Field(default=[])
    """Whom it leaves out: applications, managed identities, people or groups by name."""


class RoleAssignment(Section):
    """A role for a principal at a scope."""

    principal: Name | None = None
    """An application, managed identity, person (user principal name) or group, by name."""
    principal_id: Guid | None = None
    """In place of the name: the object id of one that is not there any more."""
    role: Name
    """A built-in role by name or GUID."""
    scope: Name
    """`/`, the name of a subscription, `subscription/resource group`, or a full id."""
    description: str | None = None
    condition: str | None = None


class Tenant(Section):
    """A directory of Microsoft Entra and the subscriptions that trust it."""

    id: Guid | None = None
    name: Name
    domain: Name
    service_management_reference_required: bool = False
    federation_blocked: bool = False
    """A policy of the tenant allows no issuer of federated credentials."""
    people: list[Person] = Field(default=[])
    groups: list[Group] = Field(default=[])
    applications: list[Application] = Field(default=[])
    management_groups: list[ManagementGroup] = Field(default=[])
    subscriptions: list[Subscription] = Field(default=[])
    role_assignments: list[RoleAssignment] = Field(default=[])
    deny_assignments: list[DenyAssignment] = Field(default=[])
