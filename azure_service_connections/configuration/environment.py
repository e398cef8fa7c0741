"""Variables of the environment that would end up inside connections.

The azuredevops provider fills what a connection leaves out from ARM_* variables. A connection to a
subscription leaves the management group out, one to a management group the subscription, and no input can
keep such a variable from getting in.
"""

from collections.abc import Mapping

from azure_service_connections.configuration.mistakes import ConfigurationError, Mistake
from azure_service_connections.configuration.models import Connection

_LEAKS = {
    "subscription": ("ARM_MGMT_GROUP_ID", "ARM_MGMT_GROUP_NAME"),
    "management group": ("ARM_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_NAME"),
}


def refuse_leaks(connections: Mapping[str, Connection], environment: Mapping[str, str]) -> None:
    """Raise ConfigurationError for every set variable that would get into one of these connections.

    What a connection says itself is not replaced. A workspace is said by another resource, which reads no
    variables.
    """
    mistakes = [
        Mistake(
            f"environment.{name}",
            f"is set and would get into every connection to a {reached}; run `unset {name}` and start again",
        )
        for reached, names in _LEAKS.items()
        if any(_reaches(connection) == reached for connection in connections.values())
        for name in names
        if environment.get(name)
    ]
    if mistakes:
        raise ConfigurationError(mistakes)


def _reaches(connection: Connection) -> str | None:
    if connection.management_group is not None:
        return "management group"
    return None if connection.workspace is not None else "subscription"
