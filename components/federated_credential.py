"""The trust of an application or a managed identity in one service connection, or in somebody else.

Issuer and subject come from the connection's own outputs and are never composed from names: Entra's subject
holds the id that Azure DevOps gives the connection.

With the option replace_with naming the connection, the credential is replaced together with it: deleted
before the connection, which Azure DevOps does not delete while a credential trusts it, and made anew after.
"""

import copy
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azure_native.managedidentity as azure_identity
import pulumi_azuread as azuread

from azure_service_connections.catalogue import rules, wording
from azure_service_connections.catalogue.clouds import PUBLIC
from azure_service_connections.catalogue.identifiers import managed_identity_id

from .credential_queue import queue_of_run
from .input_check import InputCheck
from .provider_subscription import in_subscription
from .shapes import in_schema_spelling

_RULES = {
    "application_id": (rules.application_id,),
    "managed_identity_id": (rules.managed_identity_id,),
    "credential_name": (rules.federated_credential_name,),
    "issuer": (rules.not_blank, rules.length(600)),
    "subject": (rules.not_blank, rules.length(600)),
    "audience": (rules.not_blank, rules.length(600)),
    "matching": (rules.not_blank,),
    "description": (rules.length(600),),
}


class FederatedCredentialArgs(TypedDict):
    """Whom an identity trusts. Exactly one of application_id and managed_identity_id is needed."""

    application_id: NotRequired[pulumi.Input[str]]
    """Id of the application that trusts, /applications/GUID."""
    managed_identity_id: NotRequired[pulumi.Input[str]]
    """Id in Azure of the managed identity that trusts, in the azure-native provider's subscription."""
    credential_name: pulumi.Input[str]
    """Name of the credential: 3 to 120 letters, digits, dashes and underscores; a new name is a new one."""
    issuer: pulumi.Input[str]
    """Issuer of the connection's assertions, from the connection's output."""
    subject: NotRequired[pulumi.Input[str]]
    """Subject of the connection's assertions, from the connection's output."""
    matching: NotRequired[pulumi.Input[str]]
    """Instead of a subject: an expression over claims, in Entra ID's own language; applications only."""
    audience: NotRequired[pulumi.Input[str]]
    """Audience of the assertions. Default: api://AzureADTokenExchange, that of the public cloud."""
    description: NotRequired[pulumi.Input[str]]
    """What it is for, 600 characters at most; managed identities have none. Default: none."""


class FederatedCredential(pulumi.ComponentResource):
    """A federated credential of an application or a managed identity."""

    credential_id: pulumi.Output[str]
    """Id of the credential."""

    def __init__(
        self, name: str, args: FederatedCredentialArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register the credential; raises InputError for inputs that cannot work."""
        check = InputCheck("FederatedCredential", name)
        args = _check(check, args)
        check.finish()
        own = copy.copy(opts) if opts is not None else pulumi.ResourceOptions()
        # The option speaks of the credential, not of this component, which nothing replaces.
        replace_with, own.replace_with = own.replace_with, None
        super().__init__(
            "azure-service-connections:index:FederatedCredential",
            name,
            in_schema_spelling(args, FederatedCredentialArgs),
            own,
        )

        is_application = args.get("application_id") is not None
        trusting = args["application_id"] if is_application else args["managed_identity_id"]
        turn = queue_of_run().enter(pulumi.Output.from_input(trusting))
        child = pulumi.ResourceOptions(
            parent=self,
            depends_on=[turn.predecessor],  # type: ignore[list-item] # a resource, or None once it is known
            replace_with=replace_with,
            # Issuer and subject are unique in an identity, so an old and a new one cannot stand side by side.
            delete_before_replace=True,
        )
        credential: pulumi.CustomResource = (
            self._of_application(name, args, child)
            if is_application
            else self._of_managed_identity(name, args, child, check)
        )
        turn.credential = credential
        self.credential_id = credential.id
        self.register_outputs({"credentialId": self.credential_id})

    def _of_application(self, name: str, args: FederatedCredentialArgs, child: pulumi.ResourceOptions) -> Any:
        if (matching := args.get("matching")) is not None:
            return azuread.ApplicationFlexibleFederatedIdentityCredential(
                name,
                application_id=args["application_id"],
                display_name=args["credential_name"],
                issuer=args["issuer"],
                claims_matching_expression=matching,
                audience=args.get("audience") or PUBLIC.audience,
                description=args.get("description"),
                opts=child,
            )
        return azuread.ApplicationFederatedIdentityCredential(
            name,
            application_id=args["application_id"],
            display_name=args["credential_name"],
            issuer=args["issuer"],
            subject=args.get("subject"),
            audiences=[args.get("audience") or PUBLIC.audience],
            description=args.get("description"),
            opts=child,
        )

    def _of_managed_identity(
        self, name: str, args: FederatedCredentialArgs, child: pulumi.ResourceOptions, check: InputCheck
    ) -> Any:
        parts = pulumi.Output.from_input(args["managed_identity_id"]).apply(managed_identity_id)
        return azure_identity.FederatedIdentityCredential(
            name,
            resource_group_name=in_subscription(
                self, check, "managedIdentityId", parts.subscription_id, parts.resource_group
            ),
            resource_name_=parts.name,
            federated_identity_credential_resource_name=args["credential_name"],
            issuer=args["issuer"],
            subject=args.get("subject"),
            audiences=[args.get("audience") or PUBLIC.audience],
            opts=child,
        )


def _check(check: InputCheck, args: FederatedCredentialArgs) -> FederatedCredentialArgs:
    checked: FederatedCredentialArgs = check.group(args, FederatedCredentialArgs, _RULES)
    if check.is_map(args):
        check.exactly_one(args, ("application_id", "managed_identity_id"), "identity")
        if args.get("managed_identity_id") is not None and args.get("description") is not None:
            check.mistake("description", wording.only_beside("applicationId"))
        if args.get("managed_identity_id") is not None and args.get("matching") is not None:
            check.mistake("matching", wording.only_beside("applicationId"))
        check.exactly_one(args, ("subject", "matching"), "subject")
    return checked
