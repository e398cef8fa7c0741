"""A service principal that exists already, made by hand, by another team or by another stack.

It changes neither the application nor its service principal.
"""

from typing import NotRequired, TypedDict

import pulumi

from azure_service_connections.catalogue import rules

from .identity import Identity
from .input_check import InputCheck
from .look_up import LookUp
from .shapes import in_schema_spelling

_RULES = {
    "client_id": (rules.guid,),
    "tenant_id": (rules.guid,),
    "principal_id": (rules.guid,),
    "application_id": (rules.application_id,),
}


class ExistingServicePrincipalArgs(TypedDict):
    """An application with a service principal that exist already."""

    client_id: pulumi.Input[str]
    """Client id (application id) of the application."""
    tenant_id: pulumi.Input[str]
    """Id of the tenant to sign in to."""
    principal_id: NotRequired[pulumi.Input[str]]
    """Object id of the service principal. Default: it is looked up by the client id."""
    application_id: NotRequired[pulumi.Input[str]]
    """Object id of the application, or /applications/GUID. Default: it is looked up by the client id."""


class ExistingServicePrincipal(pulumi.ComponentResource):
    """A service principal that exists already."""

    application_id: pulumi.Output[str]
    """Id of the application as Graph's path, /applications/GUID: the parent of its federated credentials."""
    client_id: pulumi.Output[str]
    """Client id (application id) of the application."""
    principal_id: pulumi.Output[str]
    """Object id of the service principal: whom roles are given to."""
    tenant_id: pulumi.Output[str]
    """Id of the tenant to sign in to."""

    def __init__(
        self, name: str, args: ExistingServicePrincipalArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Find what is not given of it; raises InputError for inputs that cannot work."""
        check = InputCheck("ExistingServicePrincipal", name)
        args = check_existing_service_principal(check, args)
        check.finish()
        super().__init__(
            "azure-service-connections:index:ExistingServicePrincipal",
            name,
            in_schema_spelling(args, ExistingServicePrincipalArgs),
            opts,
        )

        self.client_id = pulumi.Output.from_input(args["client_id"])
        self.tenant_id = pulumi.Output.from_input(args["tenant_id"])
        if (principal_id := args.get("principal_id")) is not None:
            self.principal_id = pulumi.Output.from_input(principal_id)
        else:
            function = "azuread:index/getServicePrincipal:getServicePrincipal"
            principal = LookUp(check, "clientId", self, function, {"clientId": self.client_id})
            self.principal_id = principal.found("objectId")
        if (application_id := args.get("application_id")) is not None:
            self.application_id = pulumi.Output.from_input(application_id).apply(_as_path)
        else:
            function = "azuread:index/getApplication:getApplication"
            application = LookUp(check, "clientId", self, function, {"clientId": self.client_id})
            self.application_id = application.found("objectId").apply(_as_path)
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
        """The service principal as the identity of a connection."""
        return Identity(self.client_id, self.principal_id, self.tenant_id, application_id=self.application_id)


def check_existing_service_principal(
    check: InputCheck, args: ExistingServicePrincipalArgs, path: str = ""
) -> ExistingServicePrincipalArgs:
    """Note the mistakes in the inputs of a service principal; returns them with their outputs checked."""
    checked: ExistingServicePrincipalArgs = check.group(args, ExistingServicePrincipalArgs, _RULES, path)
    return checked


def _as_path(application_id: str) -> str:
    return application_id if application_id.startswith("/") else f"/applications/{application_id}"
