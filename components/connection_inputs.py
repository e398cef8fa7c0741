"""What a service connection is made from, and what is wrong with it."""

from typing import Any, NotRequired, TypedDict

import pulumi

from azure_service_connections.catalogue import combinations, rules

from .app_registration import AppRegistrationArgs, check_app_registration
from .cloud import CloudArgs, check_cloud
from .connection_checks import ChecksArgs, check_checks
from .connection_roles import PermissionArgs, check_permissions
from .credential import CredentialArgs, check_credential
from .existing_service_principal import ExistingServicePrincipalArgs, check_existing_service_principal
from .foreign_identity import (
    AgentIdentityArgs,
    AutomaticArgs,
    WebAppArgs,
    check_agent_identity,
    check_automatic,
    check_web_app,
)
from .input_check import InputCheck
from .managed_identity import ManagedIdentityArgs, check_managed_identity
from .pipeline_access import PipelineArgs, check_pipelines
from .role_assignment import ASSIGNMENT_RULES
from .scope import ManagementGroupArgs, ResourceGroupArgs, SubscriptionArgs, WorkspaceArgs, check_scope
from .shapes import in_schema_spelling
from .trusts import TrustArgs, check_trusts

_CREDENTIAL_RULES = {
    "name": (rules.federated_credential_name,),
    "description": (rules.length(600),),
}
_RULES = {
    "project_id": (rules.guid,),
    "connection_name": (rules.connection_name,),
    "description": (rules.length(1024),),
    "replace": (rules.replacement,),
    "shared_with": (rules.guid,),
}


class RoleArgs(TypedDict):
    """A role for the connection's identity."""

    role: pulumi.Input[str]
    """A built-in role's name, a role's GUID or the full id of its definition."""
    scope: NotRequired[pulumi.Input[str]]
    """Where the role holds. Default: the connection's own scope."""
    condition: NotRequired[pulumi.Input[str]]
    """Condition in Azure's own language, version 2.0. Default: none."""
    description: NotRequired[pulumi.Input[str]]
    """Why the role is given, 1024 characters at most. Default: none."""
    assignment_name: NotRequired[pulumi.Input[str]]
    """GUID of an assignment that exists already. Default: derived from scope, principal and role."""


class OwnCredentialArgs(TypedDict):
    """The federated credential that trusts the connection, where it existed before."""

    name: NotRequired[pulumi.Input[str]]
    """Its name: 3 to 120 letters, digits, dashes and underscores. Default: made from the connection's id."""
    description: NotRequired[pulumi.Input[str]]
    """What it is for, 600 characters at most; managed identities have none. Default: names the connection."""


class ServiceConnectionArgs(TypedDict):
    """What a service connection is made from: exactly one identity and exactly one scope."""

    project_id: pulumi.Input[str]
    """Id of the Azure DevOps project that owns the connection."""
    connection_name: NotRequired[pulumi.Input[str]]
    """The name that pipelines use. Default: the component's name."""
    description: NotRequired[pulumi.Input[str]]
    """What it is for, 1024 characters at most. Default: Managed by Pulumi."""
    app_registration: NotRequired[AppRegistrationArgs]
    """The identity: an application that is made here."""
    managed_identity: NotRequired[ManagedIdentityArgs]
    """The identity: a user-assigned managed identity, made here or existing."""
    service_principal: NotRequired[ExistingServicePrincipalArgs]
    """The identity: an application with a service principal that exist already."""
    automatic: NotRequired[AutomaticArgs]
    """The identity: an application that Azure DevOps makes."""
    agent_identity: NotRequired[AgentIdentityArgs]
    """The identity: that of the machine that runs the job."""
    web_app: NotRequired[WebAppArgs]
    """Identity and scope at once: one App Service with its publish profile. Experimental."""
    subscription: NotRequired[SubscriptionArgs]
    """The scope: a subscription."""
    resource_group: NotRequired[ResourceGroupArgs]
    """The scope: a resource group."""
    management_group: NotRequired[ManagementGroupArgs]
    """The scope: a management group."""
    workspace: NotRequired[WorkspaceArgs]
    """The scope: an Azure Machine Learning workspace."""
    credential: NotRequired[CredentialArgs]
    """What it signs in with. Default: a federated credential, without any secret."""
    federated_credential: NotRequired[OwnCredentialArgs]
    """Its own federated credential, where that existed before. Default: one is made."""
    cloud: NotRequired[CloudArgs]
    """The cloud that it works in. Default: the public one."""
    replace: NotRequired[str]
    """`allowed` lets a change replace or delete it, with its id. Default: the engine refuses that."""
    roles: NotRequired[dict[str, RoleArgs]]
    """Roles for the identity, each under a key of yours. Default: none."""
    shared_with: NotRequired[list[pulumi.Input[str]]]
    """Ids of other projects that have it too, the latest last. Whether it is shared at all never changes."""
    trusts: NotRequired[dict[str, TrustArgs]]
    """Others whom the identity trusts too, each under the name of its federated credential. Default: none."""
    pipelines: NotRequired[dict[str, PipelineArgs]]
    """Each pipeline that may use it, under a key of yours that stays with the pipeline. Default: none."""
    all_pipelines: NotRequired[bool]
    """True opens it to every pipeline of its project, also to those made later. Default: false."""
    checks: NotRequired[ChecksArgs]
    """What every run has to pass before it may use it. Default: nothing."""
    permissions: NotRequired[dict[str, PermissionArgs]]
    """Roles on it for people and groups, each under a key of yours. Default: what its project gives."""


def check_service_connection(
    check: InputCheck, name: str, args: ServiceConnectionArgs
) -> ServiceConnectionArgs:
    """Note the mistakes in the inputs of a connection; returns them with their outputs checked."""
    checked: dict[str, Any] = check.group(args, ServiceConnectionArgs, _RULES)
    if not check.is_map(args):
        return args
    if args.get("connection_name") is None:
        check.value(name, "connectionName", rules.connection_name)
    check.known_now(args, ("replace", "all_pipelines"))
    for place, problem in combinations.problems(in_schema_spelling(args, ServiceConnectionArgs)):
        check.mistake(".".join(place) or "args", problem)
    checked |= check_scope(check, args)
    if (automatic := args.get("automatic")) is not None:
        checked["automatic"] = check_automatic(check, automatic)
    if (agent := args.get("agent_identity")) is not None:
        checked["agent_identity"] = check_agent_identity(check, agent)
    if (web_app := args.get("web_app")) is not None:
        checked["web_app"] = check_web_app(check, web_app)
    if (cloud := args.get("cloud")) is not None:
        checked["cloud"] = check_cloud(check, cloud)
    if (application := args.get("app_registration")) is not None:
        checked["app_registration"] = check_app_registration(check, application, "appRegistration")
    if (managed := args.get("managed_identity")) is not None:
        checked["managed_identity"] = check_managed_identity(check, managed, "managedIdentity")
    if (principal := args.get("service_principal")) is not None:
        checked["service_principal"] = check_existing_service_principal(check, principal, "servicePrincipal")
    if (credential := args.get("credential")) is not None:
        checked["credential"] = check_credential(check, credential)
    if (trusts := args.get("trusts")) is not None:
        checked["trusts"] = check_trusts(check, trusts)
    if (own := args.get("federated_credential")) is not None:
        checked["federated_credential"] = check.group(
            own, OwnCredentialArgs, _CREDENTIAL_RULES, "federatedCredential"
        )
    if check.is_map(roles := args.get("roles")):
        checked["roles"] = {
            key: check.group(role, RoleArgs, ASSIGNMENT_RULES, f"roles.{key}")
            for key, role in (roles or {}).items()
        }
    pipelines = check_pipelines(check, args)
    if pipelines:
        checked["pipelines"] = pipelines
    if (checks := args.get("checks")) is not None:
        checked["checks"] = check_checks(check, checks, "checks")
    if permissions := check_permissions(check, args):
        checked["permissions"] = permissions
    return checked  # type: ignore[return-value]
