"""Variables of the environment that would end up inside connections.

The azuredevops provider fills what a connection leaves out from ARM_* variables. A connection to a
subscription leaves the management group out, and no input can keep such a variable from getting in.
"""

from collections.abc import Mapping

from azure_service_connections.configuration.mistakes import ConfigurationError, Mistake
from azure_service_connections.configuration.models import Connection

_LEAK_INTO_SUBSCRIPTIONS = ("ARM_MGMT_GROUP_ID", "ARM_MGMT_GROUP_NAME")


def refuse_leaks(connections: Mapping[str, Connection], environment: Mapping[str, str]) -> None:
    """Raise ConfigurationError for every set variable that would get into one of these connections.

    ARM_SUBSCRIPTION_ID and ARM_SUBSCRIPTION_NAME do not: a connection to a subscription or a resource group
    says both itself.
    """
    if not connections:
        return
    leaks = [name for name in _LEAK_INTO_SUBSCRIPTIONS if environment.get(name)]
    if leaks:
        raise ConfigurationError(
            [
                Mistake(
                    f"environment.{name}",
                    "is set and would get into every connection to a subscription; run `unset "
                    f"{name}` and start again",
                )
                for name in leaks
            ]
        )
