"""A user-assigned managed identity for pipelines to sign in as: made here, or one that exists.

Its subscription is that of the azure-native provider in the component's options, which may be another one
than the connection reaches. It gives no rights.
"""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native.managedidentity as azure_identity

from azure_service_connections.catalogue import rules, wording
from azure_service_connections.catalogue.identifiers import managed_identity_id

from .identity import Identity
from .input_check import InputCheck
from .look_up import LookUp
from .provider_subscription import in_subscription
from .shapes import in_schema_spelling, schema_name

_OF_EXISTING = ("client_id", "principal_id", "tenant_id")
_OF_NEW = ("resource_group", "subscription_id", "location")
_RULES = {
    "resource_id": (rules.managed_identity_id,),
    "client_id": (rules.guid,),
    "principal_id": (rules.guid,),
    "tenant_id": (rules.guid,),
    "name": (rules.managed_identity_name,),
    "resource_group": (rules.resource_group_name,),
    "subscription_id": (rules.guid,),
    "location": (rules.not_blank,),
}


class ManagedIdentityArgs(TypedDict):
    """A user-assigned managed identity: either the id of one that exists, or what to make one from."""

    resource_id: NotRequired[pulumi.Input[str]]
    """Id of an existing one in Azure. Default: one is made from name and resource group."""
    client_id: NotRequired[pulumi.Input[str]]
    """Client id of the existing one. Default: it is looked up."""
    principal_id: NotRequired[pulumi.Input[str]]
    """Object id of the existing one's service principal. Default: it is looked up."""
    tenant_id: NotRequired[pulumi.Input[str]]
    """Id of the existing one's tenant. Default: it is looked up."""
    name: NotRequired[pulumi.Input[str]]
    """Name of the one to make."""
    resource_group: NotRequired[pulumi.Input[str]]
    """Name of the resource group to make it in."""
    subscription_id: NotRequired[pulumi.Input[str]]
    """Id of the subscription to make it in: the azure-native provider's own, which is also the default."""
    location: NotRequired[pulumi.Input[str]]
    """Azure region of the one to make, such as westeurope. Default: the provider's, else the group's."""


class ManagedIdentity(pulumi.ComponentResource):
    """A user-assigned managed identity."""

    resource_id: pulumi.Output[str]
    """Id of the identity in Azure."""
    client_id: pulumi.Output[str]
    """Client id of the identity."""
    principal_id: pulumi.Output[str]
    """Object id of the identity's service principal: whom roles are given to."""
    tenant_id: pulumi.Output[str]
    """Id of the identity's tenant."""

    def __init__(
        self, name: str, args: ManagedIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Make or find the identity; raises InputError for inputs that cannot work."""
        check = InputCheck("ManagedIdentity", name)
        args = check_managed_identity(check, args)
        check.finish()
        super().__init__(
            "azure-service-connections:index:ManagedIdentity",
            name,
            in_schema_spelling(args, ManagedIdentityArgs),
            opts,
        )

        if args.get("resource_id") is not None:
            self._find(check, args)
        else:
            self._make(name, check, args)
        self.register_outputs(
            {
                "resourceId": self.resource_id,
                "clientId": self.client_id,
                "principalId": self.principal_id,
                "tenantId": self.tenant_id,
            }
        )

    @property
    def identity(self) -> Identity:
        """The managed identity as the identity of a connection."""
        return Identity(
            self.client_id, self.principal_id, self.tenant_id, managed_identity_id=self.resource_id
        )

    def _make(self, name: str, check: InputCheck, args: ManagedIdentityArgs) -> None:
        group = args["resource_group"]
        if (subscription_id := args.get("subscription_id")) is not None:
            group = in_subscription(self, check, "subscriptionId", subscription_id, group)
        made = azure_identity.UserAssignedIdentity(
            name,
            resource_name_=args["name"],
            resource_group_name=group,
            location=args.get("location"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.resource_id = made.id
        self.client_id = made.client_id
        self.principal_id = made.principal_id
        self.tenant_id = made.tenant_id

    def _find(self, check: InputCheck, args: ManagedIdentityArgs) -> None:
        resource_id = pulumi.Output.from_input(args["resource_id"])
        parts = resource_id.apply(managed_identity_id)
        # Refused here, in the words of the input, and not first by a credential that the caller never wrote.
        self.resource_id = in_subscription(self, check, "resourceId", parts.subscription_id, resource_id)
        if all(args.get(key) is not None for key in _OF_EXISTING):
            self.client_id = pulumi.Output.from_input(args["client_id"])
            self.principal_id = pulumi.Output.from_input(args["principal_id"])
            self.tenant_id = pulumi.Output.from_input(args["tenant_id"])
            return
        located = self.resource_id.apply(managed_identity_id)
        identity = LookUp(
            check,
            "resourceId",
            self,
            "azure-native:managedidentity:getUserAssignedIdentity",
            {"resourceGroupName": located.resource_group, "resourceName": located.name},
        )
        self.client_id = identity.found("clientId")
        self.principal_id = identity.found("principalId")
        self.tenant_id = identity.found("tenantId")


def check_managed_identity(
    check: InputCheck, args: ManagedIdentityArgs, path: str = ""
) -> ManagedIdentityArgs:
    """Note the mistakes in the inputs of a managed identity; returns them with their outputs checked."""
    checked: ManagedIdentityArgs = check.group(args, ManagedIdentityArgs, _RULES, path)
    if not check.is_map(args):
        return checked
    inside = f"{path}." if path else ""
    existing = args.get("resource_id") is not None
    check.exactly_one(args, ("resource_id", "name"), "identity", path)
    for key in _OF_NEW if existing else _OF_EXISTING:
        if args.get(key) is not None:
            check.mistake(
                f"{inside}{schema_name(key)}",
                wording.only_beside("name") if existing else wording.only_beside("resourceId"),
            )
    if not existing and args.get("name") is not None and args.get("resource_group") is None:
        check.mistake(f"{inside}resourceGroup", wording.missing("resourceGroup"))
    return checked
