"""Refusals in the words and the shape of Azure DevOps."""

from time import time
from typing import Any

from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Response


def error_body(
    message: str, type_key: str, namespace: str = "Microsoft.TeamFoundation.Framework.Server"
) -> dict[str, Any]:
    """The JSON that Azure DevOps answers for a refusal; clients read `message` and `typeKey`."""
    return {
        "$id": "1",
        "innerException": None,
        "message": message,
        "typeName": f"{namespace}.{type_key}, {namespace}",
        "typeKey": type_key,
        "errorCode": 0,
        "eventId": 3000,
    }


class DevOpsError(ServiceError):
    """A refusal by Azure DevOps: an HTTP status, the type of the service's exception, a message."""

    def __init__(
        self, status: int, type_key: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, message)
        self.type_key = type_key
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer with Azure DevOps' error body."""
        return Response(self.status, error_body(self.message, self.type_key), self.headers)


class ArgumentError(DevOpsError):
    """400 of a part of the service that lets an exception of .NET through as it is."""

    def response(self) -> Response:
        """The answer with the exception's name and without an event."""
        body = error_body(self.message, self.type_key)
        return Response(self.status, {**body, "typeName": f"System.{self.type_key}, mscorlib", "eventId": 0})


def argument_error(message: str) -> ArgumentError:
    """400 ArgumentException, as the conversion of a scheme refuses."""
    return ArgumentError(400, "ArgumentException", message)


def invalid(message: str, type_key: str = "InvalidArgumentException") -> DevOpsError:
    """400: the request's body or query makes no sense."""
    return DevOpsError(400, type_key, message)


def unsupported(message: str) -> DevOpsError:
    """501: Azure DevOps can do this, the sandbox cannot."""
    return DevOpsError(501, "SandboxRouteMissing", message)


def failure(status: int, retry_after: int | None) -> Response:
    """Azure DevOps' own wording of a throttled or failed request, with Retry-After where it is given.

    The headers are those of its page "Rate and usage limits"; the reset is in the machine's time.
    """
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if status == 429:
        seconds = retry_after or 0
        headers |= {
            "X-RateLimit-Resource": "Concurrency/User",
            "X-RateLimit-Delay": str(seconds),
            "X-RateLimit-Limit": "200",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(time()) + seconds),
        }
        message = (
            "TF400733: The request has been canceled: Request was blocked due to exceeding usage of "
            "resource 'Concurrency' in namespace 'User'. For more information on why your request was "
            "blocked, see the "
            'topic "Rate limits" on the Microsoft Web site (https://go.microsoft.com/fwlink/?LinkId=823950).'
        )
        return Response(status, error_body(message, "RequestBlockedException"), headers)
    if status == 503:
        message = "TF10216: Azure DevOps services are currently unavailable. Try again later."
        return Response(status, error_body(message, "ServiceUnavailableException"), headers)
    message = "TF400898: An Internal Error Occurred. Activity Id: 00000000-0000-0000-0000-000000000000."
    return Response(status, error_body(message, "InternalServerErrorException"), headers)


def failure_of_service() -> DevOpsError:
    """500 TF400898: the service's answer to what it does not expect."""
    return DevOpsError(
        500,
        "InternalServerErrorException",
        "TF400898: An Internal Error Occurred. Activity Id: 00000000-0000-0000-0000-000000000000.",
    )
