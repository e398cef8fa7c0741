"""What a service refuses, before it is put into the words of that service's wire format."""

from azure_service_connections.sandbox.message import Response


class ServiceError(Exception):
    """A refusal that reaches the client as an HTTP answer; the transaction of its request is undone.

    Each service derives its own class, which knows the shape of that service's error body.
    """

    status: int

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def response(self) -> Response:
        """The answer as the service words it."""
        return Response(self.status, {"message": self.message})


class EstateError(Exception):
    """A mistake in an estate file: one sentence with the path, what is wrong and what to write."""
