"""The components as a package: mistakes come back in the words of a program in Python."""

import json
import sys
from collections.abc import Sequence

import pulumi
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError, main

from azure_service_connections.version import VERSION

from .app_registration import AppRegistration, AppRegistrationArgs
from .client_secret import ClientSecret, ClientSecretArgs
from .closed_lists import with_closed_lists
from .connection_checks import ConnectionChecks, ConnectionChecksArgs
from .connection_inputs import ServiceConnectionArgs
from .connection_roles import ConnectionRoles, ConnectionRolesArgs
from .credential_queue import use_one_queue_for_the_process
from .errors import InputError
from .existing_service_principal import ExistingServicePrincipal, ExistingServicePrincipalArgs
from .federated_credential import FederatedCredential, FederatedCredentialArgs
from .input_check import InputCheck
from .managed_identity import ManagedIdentity, ManagedIdentityArgs
from .pipeline_access import PipelineAccess, PipelineAccessArgs
from .role_assignment import RoleAssignment, RoleAssignmentArgs
from .service_connection import ServiceConnection
from .shapes import is_hidden

NAME = "azure-service-connections"

COMPONENTS: dict[type[pulumi.ComponentResource], type] = {
    AppRegistration: AppRegistrationArgs,
    ClientSecret: ClientSecretArgs,
    ConnectionChecks: ConnectionChecksArgs,
    ConnectionRoles: ConnectionRolesArgs,
    ExistingServicePrincipal: ExistingServicePrincipalArgs,
    FederatedCredential: FederatedCredentialArgs,
    ManagedIdentity: ManagedIdentityArgs,
    PipelineAccess: PipelineAccessArgs,
    RoleAssignment: RoleAssignmentArgs,
    ServiceConnection: ServiceConnectionArgs,
}
"""Each component of the package and its inputs."""


class Package(ComponentProvider):
    """Hosts the components and reports all mistakes in their inputs with their paths."""

    def __init__(self) -> None:
        """Read the schema from the components' annotations and the closed lists."""
        super().__init__(list(COMPONENTS), NAME, version=VERSION)
        self.schema = json.dumps(with_closed_lists(NAME, json.loads(str(self.schema))))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Make one component; raises InputPropertiesError for inputs that it cannot use."""
        try:
            self._check_keys(name, resource_type, inputs)
            return super().construct(name, resource_type, inputs, options)
        except (InputError, ComponentInitError) as error:
            cause = error.inner if isinstance(error, ComponentInitError) else error
            if not isinstance(cause, InputError):
                raise
            # The engine prints the value at the path that it is given.
            hidden = [f"{path}: {problem}" for path, problem in cause.mistakes if is_hidden(path)]
            raise pulumi.InputPropertiesError(
                "; ".join([f"{resource_type.rsplit(':', 1)[-1]} '{name}' cannot be made", *hidden]),
                [
                    {"property_path": path, "reason": problem}
                    for path, problem in cause.mistakes
                    if not is_hidden(path)
                ],
            ) from error

    @staticmethod
    def _check_keys(name: str, resource_type: str, inputs: pulumi.Inputs) -> None:
        """Look at the inputs as they were written: the host drops keys that no input declares."""
        component = resource_type.rsplit(":", 1)[-1]
        check = InputCheck(component, name)
        for hosted, declared in COMPONENTS.items():
            if hosted.__name__ == component:
                check.shape(inputs, declared, by_schema_name=True)
        check.finish()


def host(arguments: Sequence[str]) -> None:
    """Serve the package until the engine ends the process."""
    use_one_queue_for_the_process()
    main(Package(), list(arguments))


def serve() -> None:
    """What the command `pulumi-resource-azure-service-connections` of an installed wheel does."""
    host(sys.argv[1:])
