"""What is particular to one package, and what the plugins of all packages do alike."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final, Generic, TypeVar

import httpx

from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.package_schema import package_schema
from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.resource_type import Function, ResourceType
from azure_service_connections.providers.settings import Settings

_SECRET_CONFIGURATION: Final = frozenset(("clientId", "clientSecret", "clientCertificatePassword"))

_Client = TypeVar("_Client")


class Plugin(ABC, Generic[_Client]):
    """A package's kinds of resources and functions, and the client that they ask the cloud with."""

    name: ClassVar[str]
    version: ClassVar[str]
    configuration: ClassVar[dict[str, str]]
    """Kinds of the provider's arguments by their names."""
    resources: Mapping[str, ResourceType]
    """Kinds of resources by token."""
    functions: Mapping[str, Function]
    """Functions by token."""

    def __init__(self, pauses: Pauses | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """`pauses` are those of the environment, `transport` is the network, unless given."""
        self._transport = transport
        self._pauses = pauses or Pauses.from_environment()
        self._client: _Client | None = None

    @abstractmethod
    def connect(self, settings: Settings, pauses: Pauses, transport: httpx.BaseTransport | None) -> _Client:
        """A client for the provider's arguments; PluginError when they do not do."""

    def schema(self) -> str:
        """The package schema as JSON."""
        return package_schema(
            self.name,
            self.version,
            self.configuration,
            _SECRET_CONFIGURATION,
            self.resources.values(),
            self.functions.values(),
        )

    def configure(self, variables: Mapping[str, str]) -> None:
        """Take the provider's arguments (`{package}:config:{key}`); PluginError when they do not do."""
        self._client = self.connect(Settings(self.name, variables), self._pauses, self._transport)

    def client(self) -> _Client:
        """The client of the arguments that the engine gave; PluginError before it has."""
        if self._client is None:
            raise PluginError(
                f"the {self.name} plugin is not configured; the engine has to configure it first."
            )
        return self._client

    def cancel(self) -> None:
        """End the waits of running operations."""
        self._pauses.cancel()
