"""What a plugin refuses or reports, as one sentence that the engine shows as it is."""

from azure_service_connections.providers.property_values import Properties


class PluginError(Exception):
    """An operation that cannot be done; the text is the sentence that a person reads."""


class ServiceError(PluginError):
    """A service answered with an error.

    `status` is the HTTP status (0 when no answer came), `code` and `message` are the service's own words.
    """

    def __init__(self, sentence: str, status: int = 0, code: str = "", message: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.message = message


class InitializationError(PluginError):
    """An object was created or changed but not finished: the engine keeps it in state, to repair it later."""

    def __init__(self, sentence: str, identifier: str, outputs: Properties) -> None:
        super().__init__(sentence)
        self.identifier = identifier
        self.outputs = outputs
