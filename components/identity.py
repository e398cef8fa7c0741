"""What a service connection needs to know of the identity that it signs in as, whichever kind it is."""

from typing import NamedTuple

import pulumi


class Identity(NamedTuple):
    """An identity by its ids, and where its federated credentials live."""

    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    tenant_id: pulumi.Output[str]
    application_id: pulumi.Output[str] | None = None
    """Id of the application, `/applications/GUID`, unless the identity is a managed one."""
    managed_identity_id: pulumi.Output[str] | None = None
    """Id of the managed identity in Azure, unless the identity is an application."""
    application: pulumi.Resource | None = None
    """The application where it is made here: what falls with it says so to the engine."""
