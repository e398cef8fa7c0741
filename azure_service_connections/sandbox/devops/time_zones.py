"""Time zones under the names that Azure DevOps gives them."""

from datetime import datetime
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from azure_service_connections.sandbox.devops.errors import unsupported

NAMES: Final[dict[str, str]] = yaml.safe_load(
    resources.files("azure_service_connections.sandbox.devops").joinpath("time_zones.yaml").read_text("utf-8")
)
"""The name in the time zone database by the service's own name."""


def local(moment: datetime, time_zone: str) -> datetime:
    """A moment as the clocks of a time zone show it. Raises 501 on a machine that does not know the zone."""
    try:
        return moment.astimezone(ZoneInfo(NAMES[time_zone]))
    except ZoneInfoNotFoundError:
        raise unsupported(
            f"This machine has no data of the time zone {NAMES[time_zone]}; install the system's tzdata."
        ) from None
