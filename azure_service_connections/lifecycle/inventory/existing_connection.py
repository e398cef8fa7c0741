"""A service connection that exists, with everything about it that decides what may be done to it."""

import hashlib
import json
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.inventory.identity import HeldRole, Identity
from azure_service_connections.lifecycle.organizations import organization_name

FEDERATED = "WorkloadIdentityFederation"
SECRET = "ServicePrincipal"


class Project(Document):
    """A project that has the connection."""

    id: str
    name: str
    connection_name: str
    """What the connection is called there."""
    description: str = ""


class Pipeline(Document):
    """A pipeline that may use the connection."""

    id: int
    name: str
    """Empty where the pipeline is gone."""
    project_id: str
    project: str


class Check(Document):
    """A check on the connection."""

    id: int
    kind: str
    """`approval`, `branchControl`, `businessHours`, `exclusiveLock`, `requiredTemplate`, or the service's own
    name of another kind."""
    project_id: str
    enabled: bool = True
    timeout_minutes: int | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    """The settings as the service answers them."""


class Use(Document):
    """The last run that used the connection."""

    finished: datetime
    result: str
    pipeline: str


class Verdict(Document):
    """Whether something can be done to a connection, and why."""

    possible: bool
    reason: str
    """A sentence without its full stop, such as `it is shared with Platform`; also where possible."""


class ExistingConnection(Document):
    """An Azure Resource Manager service connection of an organization.

    What the operator may not see is empty and named in `unseen`; absent is never said of it.
    """

    organization: str
    """Its address, without a slash at the end."""
    organization_id: str = ""
    id: str
    name: str
    description: str = ""
    projects: tuple[Project, ...]
    """The project that it was made in comes first."""
    owner: str = ""
    """Who made it: a unique name."""
    created: datetime | None = None
    modified: datetime | None = None
    scheme: str
    creation_mode: str = ""
    identity_type: str = ""
    cloud: str = "AzureCloud"
    server_url: str = ""
    tenant_id: str = ""
    client_id: str = ""
    credential_kind: Literal["federated", "secret", "certificate", "none", "publishProfile"] = "none"
    issuer_kind: Literal["entra", "devops", ""] = ""
    issuer: str = ""
    subject: str = ""
    scope: str = ""
    """Full id in Azure."""
    scope_level: str = ""
    subscription_name: str = ""
    management_group_name: str = ""
    resource_group: str = ""
    workspace: str = ""
    workspace_location: str = ""
    ready: bool = True
    disabled: bool = False
    status: str = ""
    """What the service says of one that is not ready."""
    revert_deadline: datetime | None = None
    identity: Identity
    roles: tuple[HeldRole, ...] = ()
    all_pipelines: bool = False
    pipelines: tuple[Pipeline, ...] = ()
    checks: tuple[Check, ...] = ()
    last_used: Use | None = None
    subscription_gone: bool = False
    """Whether the subscription or management group that it is for is not there any more."""
    unseen: tuple[str, ...] = ()
    """What could not be read and why, a sentence each."""
    conversion: Verdict
    """From a secret to federation."""
    migration: Verdict
    """From Azure DevOps' own issuer to Entra's."""
    reversion: Verdict
    """Back to the secret."""

    @property
    def project(self) -> Project:
        """The project that it was made in."""
        return self.projects[0]

    @property
    def shared(self) -> bool:
        """Whether more than one project has it."""
        return len(self.projects) > 1

    @property
    def address(self) -> str:
        """What a person calls it: organization, project and name."""
        return f"{organization_name(self.organization)}/{self.project.name}/{self.name}"

    def fingerprint(self) -> str:
        """A digest of what a plan depends on; it changes when the connection is not what it was.

        Left out: when it was used or modified, who owns it, and what its secret is.
        """
        identity = self.identity
        considered = {
            "id": self.id,
            "name": self.name,
            "projects": sorted((each.id, each.connection_name) for each in self.projects),
            "scheme": self.scheme,
            "mode": self.creation_mode,
            "cloud": self.cloud,
            "tenant": self.tenant_id,
            "client": self.client_id,
            "issuer": self.issuer,
            "subject": self.subject,
            "scope": self.scope.lower(),
            "disabled": self.disabled,
            "identity": [identity.state, identity.object_id, identity.resource_id.lower()],
            "trusts": sorted([each.issuer, each.subject, each.expression] for each in identity.trusts),
            "secrets": sorted(each.key_id for each in identity.secrets),
            "pipelines": [self.all_pipelines, sorted([each.project_id, each.id] for each in self.pipelines)],
        }
        text = json.dumps(considered, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
