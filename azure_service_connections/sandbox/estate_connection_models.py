"""The service connections of an estate file."""

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from azure_service_connections.sandbox.estate_section import Days, Guid, LifeInDays, Name, Section


class Share(Section):
    """A further project that has a connection; its name alone is short for it."""

    project: Name
    name: Name | None = None
    """What the connection is called there; defaults to its own name."""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"project": value} if isinstance(value, str) else value


class Check(Section):
    """A check on a connection; its kind alone is short for it."""

    kind: Literal["approval", "branchControl", "businessHours", "exclusiveLock"]
    approvers: list[Name] = Field(default=[])
    """People by user principal name, or groups: of an approval, which needs one."""
    branches: list[Name] = Field(default=["refs/heads/main"])
    """Of a branch control: the branches that may use the connection."""

    @model_validator(mode="before")
    @classmethod
    def _from_kind(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value


class ServiceConnection(Section):
    """An Azure Resource Manager service connection that exists already."""

    id: Guid | None = None
    name: Name
    description: str = ""
    owner: Name | None = None
    """Who made it, a person by user principal name; defaults to the organization's first one with a token."""

    application: Name | None = None
    """The application that it signs in as, by name; or else `managed_identity`, or `automatic`."""
    managed_identity: Name | None = None
    automatic: bool = False
    """Azure DevOps made its identity, with the role Contributor at its scope."""
    tenant: Name | None = None
    """The tenant of its identity and scope; defaults to the organization's."""
    scheme: Literal["ServicePrincipal", "WorkloadIdentityFederation", "ManagedServiceIdentity"] = (
        "WorkloadIdentityFederation"
    )
    """With `ServicePrincipal` it holds a secret; with `WorkloadIdentityFederation` its identity trusts it;
    with `ManagedServiceIdentity` the agent's own identity signs in.
    """
    certificate: bool = False
    """With `ServicePrincipal`: it holds a certificate of its application, made at the planting."""
    secret_expires: date | None = None
    """The secret that Azure DevOps made: when it ends. Defaults to three months from the planting."""
    secret_expires_in_days: LifeInDays | None = None
    """In place of the date: days from the planting, negative where the secret has ended."""
    converted_days_ago: Days | None = None
    """It had a secret until then; an automatic one can be reverted for seven days."""
    issuer: Literal["entra", "devops"] | None = None
    """Defaults to the organization's."""
    renamed_from: Name | None = None
    """What a federated one was called when its identity came to trust it: the older issuer's subject held
    that name, and the credential still does.
    """
    application_gone: bool = False
    """Its application has been deleted."""
    application_gone_days_ago: Days = 0
    """Since when; a deleted application can be restored for thirty days."""

    cloud: Literal["AzureCloud", "AzureUSGovernment", "AzureChinaCloud", "AzureStack"] = "AzureCloud"
    server_url: Name | None = None
    """Of an Azure Stack."""
    subscription: Name | None = None
    """What it is for, by name or id; or else `management_group`."""
    resource_group: Name | None = None
    workspace: Name | None = None
    """A machine learning workspace of the resource group."""
    management_group: Name | None = None

    disabled: bool = False
    failed: Name | None = None
    """What Azure DevOps says of one that it could not make."""
    shared_with: list[Share] = Field(default=[])
    pipelines: list[Name] | Literal["all"] = Field(default=[])
    """The pipelines of its project that may use it."""
    checks: list[Check] = Field(default=[])
    last_used_days_ago: Days | None = None
    """When the last run ended that used it."""
    last_used_by: Name | None = None
    """The pipeline of that run; defaults to the first that may use it, or the first of the project."""
