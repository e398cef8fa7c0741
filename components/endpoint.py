"""The connection itself in Azure DevOps.

The provider has a resource for Azure Resource Manager connections, which waits until one is ready and tells
whom its assertions come from. It cannot say a workspace or further projects. The generic resource can say
every field, and tells nothing: issuer and subject are then looked up by the connection's id.
"""

from typing import NamedTuple

import pulumi
import pulumi_azuredevops as azuredevops

from .cloud import Cloud
from .credential import AS_AGENT, FEDERATED, WITH_PUBLISH_PROFILE, SignIn
from .scope import Scope

_ADDED_BY_AZURE_DEVOPS = (
    "appObjectId",
    "azureSpnPermissions",
    "azureSpnRoleAssignmentId",
    "identityType",
    "isDraft",
    "revertSchemeDeadline",
    "spnObjectId",
)
"""Fields that Azure DevOps adds to a connection. The generic resource reads them back as if they were asked
for; ignoring the fields as a whole would hide real changes too."""


class EndpointArgs(NamedTuple):
    """What a connection says, whichever resource makes it."""

    project_id: pulumi.Output[str]
    connection_name: pulumi.Input[str]
    description: pulumi.Input[str]
    scope: Scope
    cloud: Cloud
    sign_in: SignIn
    shared_with: list[pulumi.Output[str]] | None = None
    """Ids of the other projects that have it, or None for a connection of one project."""


class Endpoint(NamedTuple):
    """A connection that was made, whichever resource made it."""

    resource: pulumi.CustomResource
    name: pulumi.Output[str]
    client_id: pulumi.Output[str]
    """Client id of its identity; empty where Azure DevOps knows none."""
    issuer: pulumi.Output[str]
    """Whom its assertions come from; empty where it signs in with something secret."""
    subject: pulumi.Output[str]


def make_endpoint(
    component: pulumi.ComponentResource, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions
) -> Endpoint:
    """Register the connection with the resource that can say it; `opts` names the component as parent."""
    needs_every_field = args.scope.workspace is not None or args.sign_in.scheme == WITH_PUBLISH_PROFILE
    if needs_every_field or args.shared_with is not None:
        return _generic(component, name, args, opts)
    return _azurerm(name, args, opts)


def _azurerm(name: str, args: EndpointArgs, opts: pulumi.ResourceOptions) -> Endpoint:
    endpoint = azuredevops.ServiceEndpointAzureRM(
        name,
        project_id=args.project_id,
        service_endpoint_name=args.connection_name,
        # The provider's own default names another tool, and it and the scope would otherwise come from ARM_*
        # variables of whoever runs the program.
        description=args.description,
        azurerm_spn_tenantid=args.sign_in.tenant_id,
        azurerm_subscription_id=args.scope.subscription_id,
        azurerm_subscription_name=args.scope.subscription_name,
        azurerm_management_group_id=args.scope.management_group_id,
        azurerm_management_group_name=args.scope.management_group_name,
        environment=args.cloud.environment,
        server_url=args.cloud.server_url,
        service_endpoint_authentication_scheme=args.sign_in.scheme,
        credentials=_credentials(args.sign_in),
        # Azure DevOps limits the role of an identity that it makes; beside credentials it refuses a group.
        resource_group=args.scope.resource_group if args.sign_in.automatic else None,
        # `features` stays out: the check of a new connection cannot pass before its credential exists, and
        # where it fails the provider deletes the connection.
        opts=opts,
    )
    return Endpoint(
        endpoint,
        endpoint.service_endpoint_name,
        endpoint.service_principal_id.apply(_or_empty),
        endpoint.workload_identity_federation_issuer.apply(_or_empty),
        endpoint.workload_identity_federation_subject.apply(_or_empty),
    )


def _generic(
    component: pulumi.ComponentResource, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions
) -> Endpoint:
    opts.ignore_changes = [f"parameters.{field}" for field in _ADDED_BY_AZURE_DEVOPS]
    endpoint = azuredevops.ServiceendpointGenericV2(
        name,
        project_id=args.project_id,
        name=args.connection_name,
        description=args.description,
        type="azurerm",
        server_url=args.cloud.resource_manager,
        authorization_scheme=args.sign_in.scheme,
        authorization_parameters=_authorization(args.sign_in),
        parameters=_fields(args),
        shared_project_ids=args.shared_with or None,
        opts=opts,
    )
    nobody = pulumi.Output.from_input("")
    client_id = args.sign_in.client_id or nobody
    if args.sign_in.scheme != FEDERATED:
        return Endpoint(endpoint, endpoint.name, client_id, nobody, nobody)
    found = azuredevops.get_service_endpoint_azure_rm_output(
        project_id=args.project_id,
        service_endpoint_id=endpoint.id,
        opts=pulumi.InvokeOutputOptions(parent=component),
    )
    return Endpoint(
        endpoint,
        endpoint.name,
        client_id,
        found.workload_identity_federation_issuer,
        found.workload_identity_federation_subject,
    )


def _credentials(sign_in: SignIn) -> dict[str, pulumi.Input[str] | None] | None:
    """An identity of one's own makes the mode manual: Azure DevOps then creates nothing in Entra ID."""
    if sign_in.automatic or sign_in.scheme == AS_AGENT:
        return None
    return {
        "serviceprincipalid": sign_in.client_id,
        "serviceprincipalkey": sign_in.key,
        "serviceprincipalcertificate": sign_in.certificate,
    }


def _authorization(sign_in: SignIn) -> dict[str, pulumi.Input[str]]:
    parameters: dict[str, pulumi.Input[str]] = {"tenantid": sign_in.tenant_id}
    if sign_in.client_id is not None:
        parameters["serviceprincipalid"] = sign_in.client_id
    if sign_in.key is not None:
        parameters |= {"authenticationType": "spnKey", "serviceprincipalkey": sign_in.key}
    if sign_in.certificate is not None:
        parameters |= {
            "authenticationType": "spnCertificate",
            "servicePrincipalCertificate": sign_in.certificate,
        }
    if sign_in.publish_profile is not None:
        parameters["publishProfile"] = sign_in.publish_profile
    return parameters


def _fields(args: EndpointArgs) -> dict[str, pulumi.Input[str]]:
    """Every field that the endpoint type declares as required: the provider asks for all, empty or not."""
    scope = args.scope
    own: dict[str, pulumi.Input[str]] = {}
    if args.sign_in.scheme == WITH_PUBLISH_PROFILE:
        own = {"resourceId": scope.path}
    elif args.sign_in.client_id is not None:
        own = {"creationMode": "Manual"}
    return {
        **own,
        "environment": args.cloud.environment,
        "scopeLevel": scope.level,
        "subscriptionId": scope.subscription_id or "",
        "subscriptionName": scope.subscription_name or "",
        "resourceGroupName": (scope.resource_group if scope.workspace is not None else None) or "",
        "mlWorkspaceName": scope.workspace or "",
        "mlWorkspaceLocation": scope.location or "",
        "managementGroupId": scope.management_group_id or "",
        "managementGroupName": scope.management_group_name or "",
    }


def _or_empty(text: str | None) -> str:
    return text or ""
