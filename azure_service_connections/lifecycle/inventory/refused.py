"""What the operator may not read: said of a connection, and never taken for absent."""

from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError, SignedOutError

_THROTTLED = 429


def unseen(what: str, error: LifecycleError) -> str:
    """What could not be read and why, as a sentence for the record of a connection.

    An error that every other request would meet as well is raised again: a service that does not answer at
    all, or that throttles to the end, and a token that has ended meanwhile.
    """
    if not isinstance(error, ServiceError) or error.status in (0, _THROTTLED):
        raise error
    if isinstance(error, SignedOutError):
        raise error
    return f"{what} could not be read: {str(error).rstrip('.')}."
