"""A cloud that exists only in the test: it answers every resource and remembers what it was sent.

The engine is not there, so neither are order, URNs and duplicates: those are tests of the engine.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi.runtime

TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
SUBSCRIPTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c03"
PROJECT = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER_PROJECT = "aaaaaaaa-0000-4000-8000-000000000002"
CLIENT = "0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9c01"
PRINCIPAL = "11111111-aaaa-4bbb-8ccc-222222222222"
APPLICATION_OBJECT = "33333333-aaaa-4bbb-8ccc-444444444444"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"

APPLICATION = "azuread:index/application:Application"
SERVICE_PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
APPLICATION_CREDENTIAL = (
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
)
MANAGED_IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
MANAGED_IDENTITY_CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ENDPOINT = "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM"
GENERIC_ENDPOINT = "azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2"
LOOK_UP_ENDPOINT = "azuredevops:index/getServiceEndpointAzureRM:getServiceEndpointAzureRM"
SECRET_MARK = "4dabf18193072939515e22adb298388d"
"""The key by which the engine knows a secret."""
AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization"


@dataclass
class Cloud(pulumi.runtime.Mocks):
    """Answers resources and look-ups, and keeps a record of both."""

    subscription_id: str | None = None
    """The subscription that every azure-native provider says it works in."""
    answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    """What look-ups find, by token."""
    resources: list[pulumi.runtime.MockResourceArgs] = field(default_factory=list)
    calls: list[pulumi.runtime.MockCallArgs] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.resources.append(args)
        identifier, outputs = f"{args.name}-id", dict(args.inputs)
        if args.typ == APPLICATION:
            identifier = f"/applications/{APPLICATION_OBJECT}"
            outputs["clientId"] = CLIENT
        elif args.typ == SERVICE_PRINCIPAL:
            outputs |= {"objectId": PRINCIPAL, "applicationTenantId": TENANT}
        elif args.typ == MANAGED_IDENTITY:
            identifier = managed_identity(args.inputs["resourceGroupName"], args.inputs["resourceName"])
            outputs |= {"clientId": CLIENT, "principalId": PRINCIPAL, "tenantId": TENANT}
        elif args.typ == ENDPOINT:
            identifier = endpoint_id(args.name)
            if "credentials" not in args.inputs:
                outputs["servicePrincipalId"] = CLIENT
            if args.inputs["serviceEndpointAuthenticationScheme"] == "WorkloadIdentityFederation":
                outputs |= {
                    "workloadIdentityFederationIssuer": ISSUER,
                    "workloadIdentityFederationSubject": f"/eid1/c/pub/t/T/a/A/sc/ORG/{identifier}",
                }
        elif args.typ == "azuread:index/applicationPassword:ApplicationPassword":
            outputs["value"] = f"secret of {args.name}"
        elif args.typ == GENERIC_ENDPOINT:
            identifier = endpoint_id(args.name)
        return identifier, outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        self.calls.append(args)
        if args.token == "azure-native:authorization:getClientConfig":
            return {
                "clientId": "c",
                "objectId": "o",
                "tenantId": TENANT,
                "subscriptionId": self.subscription_id or "",
            }
        if args.token == LOOK_UP_ENDPOINT:
            subject = f"/eid1/c/pub/t/T/a/A/sc/ORG/{args.args['serviceEndpointId']}"
            return {"workloadIdentityFederationIssuer": ISSUER, "workloadIdentityFederationSubject": subject}
        if args.token not in self.answers:
            raise AssertionError(f"nobody was to look up {args.token}")
        return self.answers[args.token](args.args)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What was sent for every resource of a type, in the order of arrival."""
        return [resource.inputs for resource in self.resources if resource.typ == kind]

    def one(self, kind: str) -> dict[str, Any]:
        """What was sent for the only resource of a type."""
        (only,) = self.of(kind)
        return only

    def names(self, kind: str) -> set[str]:
        """The names of all resources of a type."""
        return {resource.name for resource in self.resources if resource.typ == kind}


def endpoint_id(name: str) -> str:
    """The id that the connection of a component gets."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def managed_identity(group: str, name: str, subscription: str = SUBSCRIPTION) -> str:
    """The id of a managed identity."""
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    )


def start(cloud: Cloud, preview: bool = False) -> Cloud:
    """Let programs register with this cloud from now on."""
    pulumi.runtime.set_mocks(cloud, project="azure-service-connections", stack="unit", preview=preview)
    return cloud


def run(program: Callable[[], Any]) -> None:
    """Run a program until everything that it declared has registered."""
    pulumi.runtime.test(program)()
