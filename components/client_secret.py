"""A secret of an application, with the one before it: rotation without an outage.

Azure DevOps holds one secret of a connection and Entra ID several of an application. Counting `generation` up
makes the next secret; the connection then signs in with it, and the one before stays until the next time. A
pipeline that read the old secret just before still signs in.
"""

import copy
from typing import NotRequired, TypedDict

import pulumi
import pulumi_azuread as azuread

from azure_service_connections.catalogue import rules

from .input_check import InputCheck, Rules
from .names import child_name
from .shapes import in_schema_spelling

_RULES: Rules = {
    "application_id": (rules.application_id,),
    "generation": (rules.generation,),
    "expires": (rules.end_date,),
}


class ClientSecretArgs(TypedDict):
    """A secret that Entra ID makes."""

    application_id: pulumi.Input[str]
    """Id of the application, /applications/GUID."""
    generation: NotRequired[int]
    """Starts at 1; counting it up by one makes the next secret. Default: 1."""
    expires: pulumi.Input[str]
    """When this generation ends, as 2027-01-31T00:00:00Z; a new date goes with a new generation."""


class ClientSecret(pulumi.ComponentResource):
    """The secret of a generation, and that of the generation before."""

    value: pulumi.Output[str]
    """The secret of this generation, itself a secret in the state."""

    def __init__(self, name: str, args: ClientSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Register both; raises InputError for inputs that cannot work."""
        check = InputCheck("ClientSecret", name)
        args = check.group(args, ClientSecretArgs, _RULES)
        if check.is_map(args):
            check.known_now(args, ("generation",))
        check.finish()
        own = copy.copy(opts) if opts is not None else pulumi.ResourceOptions()
        # The option speaks of the secrets, which Entra ID deletes with their application.
        deleted_with, own.deleted_with = own.deleted_with, None
        super().__init__(
            "azure-service-connections:index:ClientSecret",
            name,
            in_schema_spelling(args, ClientSecretArgs),
            own,
        )

        generation = int(args.get("generation") or 1)
        child = pulumi.ResourceOptions(parent=self, deleted_with=deleted_with)
        if generation > 1:
            # Made with the date that held then; the date given now is that of its successor.
            before = copy.copy(child)
            before.ignore_changes = ["endDate"]
            self._secret(name, args, generation - 1, before)
        self.value = pulumi.Output.secret(self._secret(name, args, generation, child).value)
        self.register_outputs({"value": self.value})

    @staticmethod
    def _secret(
        name: str, args: ClientSecretArgs, generation: int, opts: pulumi.ResourceOptions
    ) -> azuread.ApplicationPassword:
        return azuread.ApplicationPassword(
            child_name(name, str(generation)),
            application_id=args["application_id"],
            display_name=f"service-connection-{generation}",
            end_date=args["expires"],
            opts=opts,
        )
