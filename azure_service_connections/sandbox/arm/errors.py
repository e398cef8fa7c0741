"""What Azure Resource Manager refuses, in its own words: `{"error": {"code", "message"}}`."""

import uuid
from typing import Any

from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Response


class ArmError(ServiceError):
    """A refusal of Azure Resource Manager."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.code = code
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer as Azure Resource Manager words it."""
        return Response(self.status, error_body(self.code, self.message), dict(self.headers))


def error_body(code: str, message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"code": code, "message": message}}


def bad_request(code: str, message: str) -> ArmError:
    """A refusal with status 400."""
    return ArmError(400, code, message)


def conflict(code: str, message: str) -> ArmError:
    """A refusal with status 409."""
    return ArmError(409, code, message)


def not_found(code: str, message: str) -> ArmError:
    """A refusal with status 404."""
    return ArmError(404, code, message)


def subscription_not_found(subscription: str) -> ArmError:
    """No such subscription."""
    return not_found("SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def resource_group_not_found(group: str) -> ArmError:
    """No such resource group in the subscription."""
    return not_found("ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    """No such resource in the group; `kind` is the resource type, `name` the names joined by slashes."""
    return not_found(
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please "
        "go to https://aka.ms/ARMResourceNotFoundFix",
    )


def failure(status: int, retry_after: int | None) -> Response:
    """The answer to a request that the service fails to serve: throttled (429) or broken (5xx).

    `retry_after` is in seconds and becomes the `Retry-After` header.
    """
    headers = {"x-ms-request-id": str(uuid.uuid4())}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    code, message = _FAILURES.get(status, _FAILURES[500])
    return Response(status, error_body(code, message.format(seconds=retry_after or 1)), headers)


_FAILURES = {
    429: (
        "SubscriptionRequestsThrottled",
        "Number of requests for this subscription exceeded the limit. Please try again after '{seconds}' "
        "seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for more.",
    ),
    500: ("InternalServerError", "Encountered internal server error. Please try again."),
    502: ("BadGateway", "The resource provider did not answer. Please try again."),
    503: ("ServerTimeout", "The request timed out. Please try again after '{seconds}' seconds."),
    504: (
        "GatewayTimeout",
        "The gateway did not receive a response from the resource provider within the specified time period.",
    ),
}
