"""The location of a resource that names none: its old one, the provider's, its resource group's."""

import threading
from collections.abc import Callable
from typing import Any, Final

from azure_service_connections.providers.azure_native.arm_client import ArmClient
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import UNKNOWN, Properties, holds_unknown

API_VERSION: Final = "2020-10-01"


class ResourceGroupLocations:
    """Locations of resource groups, each asked for once."""

    def __init__(self, arm: Callable[[], ArmClient]) -> None:
        self._arm = arm
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()
        self.configured = ""

    def default(self, olds: Properties, inputs: Properties) -> Any:
        """The location, unknown when the group is, or None when there is no telling."""
        if "location" in olds:
            return olds["location"]
        if self.configured:
            return self.configured
        group = inputs.get("resourceGroupName")
        if group is None:
            return None
        if holds_unknown(group):
            return UNKNOWN
        return self._of(str(group))

    def _of(self, group: str) -> str | None:
        with self._lock:
            if group in self._known:
                return self._known[group]
        arm = self._arm()
        path = f"/subscriptions/{arm.subscription_id}/resourceGroups/{group}"
        try:
            found = arm.get(path, API_VERSION)
        except PluginError:
            return None
        location = (found or {}).get("location")
        if not isinstance(location, str):
            return None
        with self._lock:
            self._known[group] = location
        return location
