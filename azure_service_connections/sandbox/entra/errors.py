"""The refusals of Microsoft Graph and of the sign-in service, in the words of their wire formats."""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response


class GraphError(ServiceError):
    """A refusal of Graph: `{"error": {"code", "message", "innerError"}}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        self.code = code
        self.inner: dict[str, str] = {}

    def stamp(self, cloud: Cloud, request: Request) -> None:
        """Add the date and the request's ids, which Graph repeats in every refusal."""
        request_id = cloud.identifiers.derived("graph-request", request.path, cloud.clock.text())
        self.inner = {
            "date": cloud.clock.now().strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": request.header("client-request-id") or request_id,
        }

    def response(self) -> Response:
        """The answer as Graph words it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.inner:
            error["innerError"] = self.inner
        return Response(self.status, {"error": error})


class SignInError(ServiceError):
    """A refusal of the token endpoint, with its AADSTS code.

    The statuses of federation failures are not documented and reports differ; a client tells them apart by
    `error_codes` alone. The sandbox answers 401 for a client that it does not believe and 400 for the rest.
    """

    def __init__(self, code: int, error: str, message: str, status: int | None = None) -> None:
        super().__init__(status or (401 if error == "invalid_client" else 400), message)
        self.code = code
        self.error = error
        self.trace_id = ""
        self.correlation_id = ""
        self.timestamp = ""

    def stamp(self, cloud: Cloud, request: Request) -> None:
        """Add the ids and the time which Entra repeats in every refusal."""
        now = cloud.clock.text()
        self.trace_id = cloud.identifiers.derived("sign-in-trace", str(self.code), now)
        self.correlation_id = request.header("client-request-id") or cloud.identifiers.derived(
            "sign-in-correlation", str(self.code), now
        )
        self.timestamp = cloud.clock.now().strftime("%Y-%m-%d %H:%M:%SZ")

    def response(self) -> Response:
        """The answer as Entra words it."""
        description = f"AADSTS{self.code}: {self.message}"
        body: dict[str, Any] = {"error": self.error, "error_description": description}
        if self.trace_id:
            body["error_description"] = (
                f"{description} Trace ID: {self.trace_id} Correlation ID: {self.correlation_id} "
                f"Timestamp: {self.timestamp}"
            )
        body["error_codes"] = [self.code]
        body["timestamp"] = self.timestamp
        body["trace_id"] = self.trace_id
        body["correlation_id"] = self.correlation_id
        body["error_uri"] = f"https://login.microsoftonline.com/error?code={self.code}"
        return Response(self.status, body)


def not_found(identifier: str) -> GraphError:
    """Graph's refusal of an object that is not there, or cannot be seen yet."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not "
        "present.",
    )


def bad_request(message: str) -> GraphError:
    """Graph's refusal of a request that makes no sense."""
    return GraphError(400, "Request_BadRequest", message)


def value_required(name: str, resource: str) -> GraphError:
    """Graph's refusal of a body without a property that must be there."""
    return bad_request(f"A value is required for property '{name}' of resource '{resource}'.")


def invalid_value(name: str, resource: str) -> GraphError:
    """Graph's refusal of a property's value."""
    return bad_request(f"Invalid value specified for property '{name}' of resource '{resource}'.")


def denied() -> GraphError:
    """Graph's refusal of a caller without the right."""
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def already_there(name: str) -> GraphError:
    """Graph's refusal of a reference that an object holds already."""
    return bad_request(
        f"One or more added object references already exist for the following modified properties: '{name}'."
    )


_GRAPH_FAILURES: Final = {
    429: ("TooManyRequests", "Too many requests. Wait before the next one."),
    500: ("InternalServerError", "The operation failed inside the service."),
    503: ("ServiceUnavailable", "The service cannot answer now. Try again later."),
}
_SIGN_IN_FAILURES: Final = {
    429: (90055, "temporarily_unavailable", "The server has too many requests."),
    500: (90033, "server_error", "A transient error has occurred. Please try again."),
    503: (90033, "temporarily_unavailable", "A transient error has occurred. Please try again."),
}


def graph_failure(status: int, retry_after: int | None) -> Response:
    """Graph's wording of a failure that was asked for."""
    code, message = _GRAPH_FAILURES.get(status, ("UnknownError", "The request failed."))
    return _with_retry(GraphError(status, code, message).response(), retry_after)


def sign_in_failure(status: int, retry_after: int | None) -> Response:
    """The sign-in service's wording of a failure that was asked for."""
    code, error, message = _SIGN_IN_FAILURES.get(status, _SIGN_IN_FAILURES[500])
    return _with_retry(SignInError(code, error, message, status).response(), retry_after)


def _with_retry(answer: Response, retry_after: int | None) -> Response:
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
