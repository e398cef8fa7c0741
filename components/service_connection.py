"""An Azure Resource Manager service connection that signs in without a secret.

It makes or finds the identity, gives it roles, makes the connection, lets the identity trust it, and lets
pipelines use it, in this order: no pipeline ever sees a half-made connection. Deletion goes the other way.
It makes no Azure DevOps project, no subscription and no resource group: on purpose.
"""

from typing import Any

import pulumi

from . import cloud as clouds
from . import scope as scopes
from .app_registration import AppRegistration
from .cloud import Cloud
from .connection_checks import ConnectionChecks, ConnectionChecksArgs
from .connection_inputs import OwnCredentialArgs, ServiceConnectionArgs, check_service_connection
from .connection_roles import ConnectionRoles, ConnectionRolesArgs
from .credential import AS_AGENT, FEDERATED, WITH_PUBLISH_PROFILE, WITH_SECRET, SignIn, sign_in_of
from .endpoint import Endpoint, EndpointArgs, make_endpoint
from .existing_service_principal import ExistingServicePrincipal
from .federated_credential import FederatedCredential
from .foreign_identity import tenant_of
from .identity import Identity
from .input_check import InputCheck
from .look_up import LookUp
from .managed_identity import ManagedIdentity
from .names import child_name
from .pipeline_access import PipelineAccess
from .role_assignment import RoleAssignment, RoleAssignmentArgs
from .scope import Scope
from .shapes import in_schema_spelling
from .summary import summary_of
from .trusts import make_trusts


class ServiceConnection(pulumi.ComponentResource):
    """A service connection, its identity, the trust between them, roles and pipelines."""

    connection_id: pulumi.Output[str]
    """Id of the service connection."""
    connection_name: pulumi.Output[str]
    """Name of the service connection: what pipelines write."""
    client_id: pulumi.Output[str]
    """Client id of the identity; empty for one that Azure DevOps does not name."""
    principal_id: pulumi.Output[str]
    """Object id of the identity's service principal; empty where it is not looked up for roles."""
    tenant_id: pulumi.Output[str]
    """Id of the identity's tenant."""
    issuer: pulumi.Output[str]
    """Issuer of the connection's assertions; empty where it signs in with a secret or a certificate."""
    subject: pulumi.Output[str]
    """Subject of the connection's assertions; empty where it signs in with a secret or a certificate."""
    scope: pulumi.Output[str]
    """Full id of what the connection reaches."""

    def __init__(
        self, name: str, args: ServiceConnectionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register all parts of the connection; raises InputError for inputs that cannot work."""
        check = InputCheck("ServiceConnection", name)
        args = check_service_connection(check, name, args)
        check.finish()
        super().__init__(
            "azure-service-connections:index:ServiceConnection",
            name,
            in_schema_spelling(args, ServiceConnectionArgs),
            opts,
        )

        scope = scopes.of(args)
        cloud = clouds.of(args.get("cloud"))
        identity = self._identity(name, args, check)
        roles = [] if identity is None else self._roles(name, args, identity, scope)
        sign_in = self._sign_in(name, args, check, identity)
        endpoint = self._endpoint(name, args, cloud, sign_in, scope, roles)
        if identity is None:
            # Azure DevOps makes it together with the connection, and gives it a role of its own.
            identity = self._made_by_azure_devops(args, check, sign_in, endpoint)
            roles = self._roles(name, args, identity, scope)
        usable: list[pulumi.Resource] = [endpoint.resource, *roles]
        if sign_in.scheme == FEDERATED and not sign_in.automatic:
            usable.append(
                FederatedCredential(
                    name,
                    _trust(identity, endpoint, cloud.audience, args.get("federated_credential") or {}),
                    pulumi.ResourceOptions(parent=self, replace_with=[endpoint.resource]),
                )
            )
        make_trusts(self, name, args.get("trusts") or {}, identity, cloud.audience)
        usable += self._protection(name, args, endpoint)
        if args.get("pipelines") or args.get("all_pipelines"):
            PipelineAccess(
                name,
                {
                    "project_id": args["project_id"],
                    "connection_id": endpoint.resource.id,
                    "pipelines": args.get("pipelines") or {},
                    "all_pipelines": args.get("all_pipelines") or False,
                },
                pulumi.ResourceOptions(parent=self, depends_on=usable),
            )

        self.connection_id = endpoint.resource.id
        self.connection_name = endpoint.name
        self.client_id = identity.client_id
        self.principal_id = identity.principal_id
        self.tenant_id = identity.tenant_id
        self.issuer = endpoint.issuer
        self.subject = endpoint.subject
        self.scope = scope.path
        self.summary = summary_of(args, self)
        """What a program exports for `connections verify`, as an entry of its output `connections`."""
        self.register_outputs(
            {
                "connectionId": self.connection_id,
                "connectionName": self.connection_name,
                "clientId": self.client_id,
                "principalId": self.principal_id,
                "tenantId": self.tenant_id,
                "issuer": self.issuer,
                "subject": self.subject,
                "scope": self.scope,
            }
        )

    def _identity(self, name: str, args: ServiceConnectionArgs, check: InputCheck) -> Identity | None:
        """The identity, or None where Azure DevOps makes it together with the connection."""
        child = pulumi.ResourceOptions(parent=self)
        if (application := args.get("app_registration")) is not None:
            display_name = application.get("display_name") or args.get("connection_name") or name
            return AppRegistration(name, {**application, "display_name": display_name}, child).identity
        if (managed := args.get("managed_identity")) is not None:
            return ManagedIdentity(name, managed, child).identity
        if (principal := args.get("service_principal")) is not None:
            return ExistingServicePrincipal(name, principal, child).identity
        unknown = pulumi.Output.from_input("")
        if (agent := args.get("agent_identity")) is not None:
            principal_id = pulumi.Output.from_input(agent.get("principal_id") or "")
            return Identity(unknown, principal_id, tenant_of(self, check, "agentIdentity", agent))
        if (web_app := args.get("web_app")) is not None:
            return Identity(unknown, unknown, tenant_of(self, check, "webApp", web_app))
        return None

    def _sign_in(
        self, name: str, args: ServiceConnectionArgs, check: InputCheck, identity: Identity | None
    ) -> SignIn:
        if identity is None:
            tenant_id = tenant_of(self, check, "automatic", args["automatic"])
            return SignIn(WITH_SECRET if args.get("credential") else FEDERATED, tenant_id)
        if args.get("agent_identity") is not None:
            return SignIn(AS_AGENT, identity.tenant_id)
        if (web_app := args.get("web_app")) is not None:
            return SignIn(
                WITH_PUBLISH_PROFILE, identity.tenant_id, publish_profile=web_app["publish_profile"]
            )
        return sign_in_of(self, name, identity, args.get("credential"))

    def _made_by_azure_devops(
        self, args: ServiceConnectionArgs, check: InputCheck, sign_in: SignIn, endpoint: Endpoint
    ) -> Identity:
        principal_id: pulumi.Output[str] = pulumi.Output.from_input("")
        if args.get("roles"):
            found = LookUp(
                check,
                "automatic",
                self,
                "azuread:index/getServicePrincipal:getServicePrincipal",
                {"clientId": endpoint.client_id},
            )
            principal_id = found.found("objectId")
        return Identity(endpoint.client_id, principal_id, pulumi.Output.from_input(sign_in.tenant_id))

    def _roles(
        self, name: str, args: ServiceConnectionArgs, identity: Identity, scope: Scope
    ) -> list[RoleAssignment]:
        assignments = []
        for key, role in (args.get("roles") or {}).items():
            asked: RoleAssignmentArgs = {
                "principal_id": identity.principal_id,
                "role": role["role"],
                "scope": role.get("scope") or scope.path,
            }
            if (condition := role.get("condition")) is not None:
                asked["condition"] = condition
            if (description := role.get("description")) is not None:
                asked["description"] = description
            if (assignment_name := role.get("assignment_name")) is not None:
                asked["assignment_name"] = assignment_name
            assignments.append(
                RoleAssignment(child_name(name, key), asked, pulumi.ResourceOptions(parent=self))
            )
        return assignments

    def _protection(
        self, name: str, args: ServiceConnectionArgs, endpoint: Endpoint
    ) -> list[pulumi.ComponentResource]:
        """Checks and roles: both stand before the first pipeline may use the connection."""
        made: list[pulumi.ComponentResource] = []
        child = pulumi.ResourceOptions(parent=self)
        project_id, connection_id = args["project_id"], endpoint.resource.id
        if checks := args.get("checks"):
            inputs: ConnectionChecksArgs = {
                "project_id": project_id,
                "connection_id": connection_id,
                "checks": checks,
            }
            made.append(ConnectionChecks(name, inputs, child))
        if permissions := args.get("permissions"):
            given: ConnectionRolesArgs = {
                "project_id": project_id,
                "connection_id": connection_id,
                "permissions": permissions,
            }
            made.append(ConnectionRoles(name, given, child))
        return made

    def _endpoint(
        self,
        name: str,
        args: ServiceConnectionArgs,
        cloud: Cloud,
        sign_in: SignIn,
        scope: Scope,
        roles: list[RoleAssignment],
    ) -> Endpoint:
        # An empty description is one too: that of a connection that has none.
        description = "Managed by Pulumi" if args.get("description") is None else args["description"]
        return make_endpoint(
            self,
            name,
            EndpointArgs(
                # Azure DevOps answers ids in lower case, and a project's id in any other would be a
                # replacement.
                project_id=pulumi.Output.from_input(args["project_id"]).apply(str.lower),
                connection_name=args.get("connection_name") or name,
                description=description,
                scope=scope,
                cloud=cloud,
                sign_in=sign_in,
                shared_with=_lower(args.get("shared_with")),
            ),
            pulumi.ResourceOptions(
                parent=self,
                depends_on=roles,
                # A new connection has a new id, and every right and pipeline that knows the old one is lost:
                # the engine refuses that in the preview, unless it is said to be meant.
                protect=None if args.get("replace") == "allowed" else True,
                # The name is taken as long as the old one stands.
                delete_before_replace=True,
            ),
        )


def _lower(ids: list[pulumi.Input[str]] | None) -> list[pulumi.Output[str]] | None:
    return None if ids is None else [pulumi.Output.from_input(each).apply(str.lower) for each in ids]


def _trust(identity: Identity, endpoint: Endpoint, audience: str, said: OwnCredentialArgs) -> Any:
    description = said.get("description")
    trust = {
        # The id stays when the connection is renamed, and is one in the whole world: two connections that
        # share an identity never ask for the same name.
        "credential_name": said.get("name")
        or pulumi.Output.concat("service-connection-", endpoint.resource.id),
        "issuer": endpoint.issuer,
        "subject": endpoint.subject,
        "audience": audience,
    }
    if identity.managed_identity_id is not None:
        return {**trust, "managed_identity_id": identity.managed_identity_id}
    return {
        **trust,
        "application_id": identity.application_id,
        "description": endpoint.name.apply(_description) if description is None else description,
    }


def _description(connection_name: str) -> str:
    return f"Lets pipelines sign in through the service connection '{connection_name}'"
