"""The refusals of Microsoft Graph and of the sign-in service, in the words of their wire formats."""

from typing import Any

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response


class GraphError(ServiceError):
    """A refusal of Graph: `{"error": {"code", "message", "innerError"}}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        self.code = code
        self.inner: dict[str, str] = {}
        self.headers: dict[str, str] = {}

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
        return Response(self.status, {"error": error}, headers=self.headers)


class SignInError(ServiceError):
    """A refusal of the token endpoint, with its AADSTS code.

    The statuses of federation failures are not documented and reports differ; a client tells them apart by
    `error_codes`. The sandbox answers 401 for a client that it does not believe and 400 for the rest.
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
        self.trace_id = cloud.identifiers.derived("sign-in-trace", str(self.code), cloud.clock.text())
        self.correlation_id = request.header("client-request-id") or cloud.identifiers.derived(
            "sign-in-correlation", str(self.code), cloud.clock.text()
        )
        self.timestamp = cloud.clock.now().strftime("%Y-%m-%d %H:%M:%SZ")

    def response(self) -> Response:
        """The answer as Entra words it."""
        return Response(
            self.status,
            {
                "error": self.error,
                "error_description": (
                    f"AADSTS{self.code}: {self.message} Trace ID: {self.trace_id} "
                    f"Correlation ID: {self.correlation_id} Timestamp: {self.timestamp}"
                ),
                "error_codes": [self.code],
                "timestamp": self.timestamp,
                "trace_id": self.trace_id,
                "correlation_id": self.correlation_id,
                "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
            },
        )


def not_found(kind: str, identifier: str) -> GraphError:
    """Graph's refusal of an object that does not exist, or not for this reader."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not "
        f"present."
        if not kind
        else f"{kind} with id '{identifier}' does not exist.",
    )


def bad_request(message: str) -> GraphError:
    """Graph's refusal of a request that makes no sense."""
    return GraphError(400, "Request_BadRequest", message)


def graph_failure(status: int, retry_after: int | None) -> Response:
    """Graph's wording of a failure that is set on request."""
    code, message = {
        429: ("TooManyRequests", "Too many requests. Please try again later."),
        500: ("InternalServerError", "An internal server error occurred. The operation failed."),
        503: ("ServiceUnavailable", "The service is temporarily unavailable. Please retry later."),
    }.get(status, ("UnknownError", "The request failed."))
    error = GraphError(status, code, message)
    if retry_after is not None:
        error.headers["Retry-After"] = str(retry_after)
    return error.response()


def sign_in_failure(status: int, retry_after: int | None) -> Response:
    """The sign-in service's wording of a failure that is set on request."""
    error = {
        429: SignInError(
            90055,
            "temporarily_unavailable",
            "The server has terminated an operation because it encountered too many requests.",
            429,
        ),
        503: SignInError(
            90033, "temporarily_unavailable", "A transient error has occurred. Please try again.", 503
        ),
    }.get(
        status,
        SignInError(90033, "server_error", "A transient error has occurred. Please try again.", status),
    )
    answer = error.response()
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
