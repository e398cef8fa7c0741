"""Requests to the services: sent again where that helps, and with errors in words."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from azure_service_connections.lifecycle.errors import ServiceError
from azure_service_connections.lifecycle.throttling import Throttle

TIMEOUT_SECONDS: Final = 30.0
_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=100)
"""All connections are kept open: a new one costs more than most requests."""
_ATTEMPTS: Final = 5
_REFUSALS: Final = 60
_THROTTLED: Final = 429
_RETRIED: Final = (503,)
_RETRIED_WHEN_READING: Final = (*_RETRIED, 500, 502, 504)
_LONGEST_WAIT_SECONDS: Final = 30.0
_LONGEST_ASKED_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    status: int
    document: Any
    """The body as JSON, or None where it is none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case."""

    @property
    def successful(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The service's own code of a refusal, or an empty string."""
        return self._refusal[0]

    @property
    def message(self) -> str:
        """The service's words about a refusal, on one line."""
        return " ".join(self._refusal[1].split())

    @property
    def _refusal(self) -> tuple[str, str]:
        document = self.document if isinstance(self.document, dict) else {}
        error = document.get("error")
        if isinstance(error, dict):
            return str(error.get("code") or ""), str(error.get("message") or "")
        if isinstance(error, str):
            return error, str(document.get("error_description") or "")
        return str(document.get("typeKey") or ""), str(document.get("message") or "")


class HttpClient:
    """Sends requests, from as many threads as there are; throttled and failed ones are sent again.

    A failed one is sent at most five times in all, after one second and then twice as long each time, at most
    30 seconds. A throttled one is sent again when the service asks for it in Retry-After (five minutes at
    most), up to sixty times: a service that throttles answers in the end.
    """

    def __init__(
        self, client: httpx.Client | None = None, pause: Callable[[float], object] | None = None
    ) -> None:
        """`pause` waits so many seconds. The client trusts what SSL_CERT_FILE names unless one is given."""
        self._closed = threading.Event()
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS, limits=_LIMITS)
        self._pause = pause or self._closed.wait
        self._lock = threading.Lock()
        self._throttles: dict[str, Throttle] = {}

    def close(self) -> None:
        """Close the connections that are kept open; a request that still waits for its turn is given up."""
        self._closed.set()
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        body: Any = None,
        service: str = "",
    ) -> Answer:
        """Send a request; ServiceError where nobody answers.

        What changes something is sent again only after an answer that says that nothing was done. `service`
        names who throttles; default: the host.
        """
        reading = method in ("GET", "HEAD")
        retried = _RETRIED_WHEN_READING if reading else _RETRIED
        throttle = self._throttle(service or httpx.URL(url).netloc.decode())
        failures = refusals = 0
        with throttle.turn():
            while True:
                sent_at = throttle.wait()
                if self._closed.is_set():
                    raise ServiceError("The command was ended while a service kept it waiting.")
                try:
                    response = self._send(method, url, headers, parameters, body)
                except httpx.HTTPError as error:
                    failures += 1
                    if not reading or isinstance(error, httpx.ConnectError) or failures == _ATTEMPTS:
                        host = httpx.URL(url).netloc.decode()
                        raise ServiceError(_unanswered(host, error)) from error
                    self._pause(_own_wait(failures))
                    continue
                if response.status_code == _THROTTLED:
                    refusals += 1
                    throttle.objected(sent_at, _asked_wait(response) or _own_wait(refusals))
                    if refusals < _REFUSALS:
                        continue
                elif response.status_code in retried:
                    failures += 1
                    if failures < _ATTEMPTS:
                        self._pause(_asked_wait(response) or _own_wait(failures))
                        continue
                elif _delayed(response):
                    throttle.objected(sent_at, _asked_wait(response))
                else:
                    throttle.answered()
                return Answer(response.status_code, _document(response), _headers(response))

    def _throttle(self, service: str) -> Throttle:
        with self._lock:
            return self._throttles.setdefault(service, Throttle(self._pause))

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        parameters: Mapping[str, str] | None,
        body: Any,
    ) -> httpx.Response:
        return self._client.request(
            method,
            url,
            headers={"Accept": "application/json", **(headers or {})},
            params=parameters,
            json=body,
        )


def _own_wait(attempt: int) -> float:
    return min(2.0 ** (attempt - 1), _LONGEST_WAIT_SECONDS)


def _asked_wait(response: httpx.Response) -> float:
    """The seconds of Retry-After, or 0."""
    return min(_number(response, "Retry-After"), _LONGEST_ASKED_SECONDS)


def _unanswered(host: str, error: httpx.HTTPError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            f"{host} shows a certificate that is not trusted here ({error}); name a file of the certificates "
            "to trust in SSL_CERT_FILE."
        )
    return f"{host} does not answer ({error}); check that it is running and can be reached."


def _delayed(response: httpx.Response) -> bool:
    """Whether the service says that it is asked too much, although it answers."""
    return _number(response, "X-RateLimit-Delay") > 0 or _number(response, "Retry-After") > 0


def _number(response: httpx.Response, header: str) -> float:
    try:
        return max(0.0, float(response.headers.get(header, "")))
    except ValueError:
        return 0.0


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _document(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
