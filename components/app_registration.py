"""An app registration for pipelines to sign in as.

It creates no secret and no certificate, and gives no rights: both on purpose.
"""

import hashlib
from typing import NotRequired, TypedDict

import pulumi
import pulumi_azuread as azuread

from azure_service_connections.catalogue import rules

from .identity import Identity
from .input_check import InputCheck
from .shapes import in_schema_spelling

_TAG_LIMIT = 256
_RULES = {
    "display_name": (rules.not_blank, rules.length(256)),
    "owners": (rules.guid,),
    "notes": (rules.length(1024),),
    "tags": (rules.not_blank, rules.length(_TAG_LIMIT)),
    "service_management_reference": (rules.not_blank,),
}
_OF_AN_ADOPTED_APPLICATION = (
    "api",
    "appRoles",
    "description",
    "deviceOnlyAuthEnabled",
    "fallbackPublicClientEnabled",
    "groupMembershipClaims",
    "identifierUris",
    "logoImage",
    "marketingUrl",
    "oauth2PostResponseRequired",
    "optionalClaims",
    "password",
    "preventDuplicateNames",
    "privacyStatementUrl",
    "publicClient",
    "requiredResourceAccesses",
    "signInAudience",
    "singlePageApplication",
    "supportUrl",
    "templateId",
    "termsOfServiceUrl",
    "web",
)
"""What an application that existed before may hold and no input here says: it stays as it is.

Feature tags are left to the provider: it reads them from the tags and refuses both as inputs.
"""
_OF_AN_ADOPTED_PRINCIPAL = (
    "accountEnabled",
    "alternativeNames",
    "appRoleAssignmentRequired",
    "description",
    "loginUrl",
    "notes",
    "notificationEmailAddresses",
    "owners",
    "preferredSingleSignOnMode",
    "samlSingleSignOn",
    "useExisting",
)


class AppRegistrationArgs(TypedDict):
    """An application in Entra ID that is made here."""

    display_name: NotRequired[pulumi.Input[str]]
    """Its name in the directory, 256 characters at most. Default: the component's name."""
    owners: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Object ids of the people and applications that may administer it. Default: none."""
    notes: NotRequired[pulumi.Input[str]]
    """What the directory's administrators should know about it, 1024 characters at most. Default: none."""
    tags: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Its tags, beside the one that says which resource it is. Default: none."""
    service_management_reference: NotRequired[pulumi.Input[str]]
    """Its id in the organization's service catalogue, which some tenants require. Default: none."""
    adopted: NotRequired[bool]
    """True for one that existed before: it gets no tag, and what no input says stays. Default: false."""


class AppRegistration(pulumi.ComponentResource):
    """A single-tenant application and its service principal."""

    application_id: pulumi.Output[str]
    """Id of the application as Graph's path, /applications/GUID: the parent of its federated credentials."""
    client_id: pulumi.Output[str]
    """Client id (application id) of the application."""
    principal_id: pulumi.Output[str]
    """Object id of the service principal: whom roles are given to."""
    tenant_id: pulumi.Output[str]
    """Id of the tenant that holds the application."""

    def __init__(
        self, name: str, args: AppRegistrationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register both; raises InputError for inputs that cannot work."""
        check = InputCheck("AppRegistration", name)
        args = check_app_registration(check, args)
        if check.is_map(args) and args.get("display_name") is None:
            check.value(name, "displayName", *_RULES["display_name"])
        check.finish()
        super().__init__(
            "azure-service-connections:index:AppRegistration",
            name,
            in_schema_spelling(args, AppRegistrationArgs),
            opts,
        )

        adopted = bool(args.get("adopted"))
        # Display names are not unique: what an interrupted run left behind is found by this.
        own_tags = [] if adopted else [application_tag(pulumi.get_project(), pulumi.get_stack(), name)]
        application = azuread.Application(
            name,
            display_name=args.get("display_name") or name,
            sign_in_audience="AzureADMyOrg",
            owners=args.get("owners"),
            notes=args.get("notes"),
            service_management_reference=args.get("service_management_reference"),
            tags=pulumi.Output.from_input(args.get("tags") or []).apply(lambda tags: [*own_tags, *tags]),
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=list(_OF_AN_ADOPTED_APPLICATION) if adopted else None
            ),
        )
        principal = azuread.ServicePrincipal(
            name,
            client_id=application.client_id,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Entra ID deletes it with its application; a deletion by the provider waits 20 s.
                deleted_with=application,
                ignore_changes=list(_OF_AN_ADOPTED_PRINCIPAL) if adopted else None,
            ),
        )

        self._application = application
        self.application_id = application.id
        self.client_id = application.client_id
        self.principal_id = principal.object_id
        self.tenant_id = principal.application_tenant_id
        self.register_outputs(
            {
                "applicationId": self.application_id,
                "clientId": self.client_id,
                "principalId": self.principal_id,
                "tenantId": self.tenant_id,
            }
        )

    @property
    def identity(self) -> Identity:
        """The application as the identity of a connection."""
        return Identity(
            self.client_id,
            self.principal_id,
            self.tenant_id,
            application_id=self.application_id,
            application=self._application,
        )


def check_app_registration(
    check: InputCheck, args: AppRegistrationArgs, path: str = ""
) -> AppRegistrationArgs:
    """Note the mistakes in the inputs of an app registration; returns them with their outputs checked."""
    checked: AppRegistrationArgs = check.group(args, AppRegistrationArgs, _RULES, path)
    if check.is_map(args):
        check.known_now(args, ("adopted",), path)
    return checked


def application_tag(project: str, stack: str, name: str) -> str:
    """The tag that says which resource of which stack an application is: `pulumi:PROJECT/STACK/NAME`.

    Entra ID takes tags of 256 characters; a longer one ends in a digest of the whole.
    """
    tag = f"pulumi:{project}/{stack}/{name}"
    if len(tag) <= _TAG_LIMIT:
        return tag
    digest = hashlib.sha256(tag.encode()).hexdigest()[:32]
    return f"{tag[: _TAG_LIMIT - len(digest) - 1]}-{digest}"
