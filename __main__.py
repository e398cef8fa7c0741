"""The program: the stack's configuration in, connections out."""

import os
from pathlib import Path
from typing import cast

import pulumi
import pulumi.runtime

from azure_service_connections.configuration import connection_files
from azure_service_connections.configuration.assembly import assemble
from azure_service_connections.configuration.environment import refuse_leaks
from azure_service_connections.configuration.loader import NAMESPACE, load_text
from azure_service_connections.configuration.mistakes import ROOT, ConfigurationError
from azure_service_connections.configuration.outputs import output_of
from azure_service_connections.configuration.providers import Providers
from azure_service_connections.configuration.server_limits import refuse_what_no_server_can
from components import ServiceConnection, ServiceConnectionArgs


def main() -> None:
    """Make every connection of the stack and export what there is to know of them."""
    config = pulumi.Config(NAMESPACE)
    connections = load_text(
        config.get(ROOT),
        pulumi.runtime.is_config_secret(config.full_key(ROOT)),
        config.get(connection_files.KEY),
        Path.cwd(),
    )
    refuse_leaks(connections, os.environ)
    organization = pulumi.Config("azuredevops").get("orgServiceUrl") or os.environ.get("AZDO_ORG_SERVICE_URL")
    refuse_what_no_server_can(connections, organization)
    made = {
        declared.name: output_of(
            declared,
            ServiceConnection(
                declared.name,
                cast(ServiceConnectionArgs, declared.args),
                pulumi.ResourceOptions(
                    providers=declared.providers,
                    # What lies below follows: each child's name begins with that of its connection.
                    aliases=[pulumi.Alias(name=former) for former in declared.former_keys],
                ),
            ),
        )
        for declared in assemble(connections, Providers())
    }
    pulumi.export(ROOT, made)


try:
    main()
except ConfigurationError as error:
    # A person's mistake is a report, not a traceback; the components' own error is a RunError already.
    raise pulumi.RunError(str(error)) from None
