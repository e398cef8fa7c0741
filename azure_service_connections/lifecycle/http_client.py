"""Requests to the services: sent again where that helps, and with errors in words."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from azure_service_connections.lifecycle.errors import ServiceError

TIMEOUT_SECONDS: Final = 30.0
_ATTEMPTS: Final = 5
_RETRIED: Final = (429, 503)
_RETRIED_WHEN_READING: Final = (*_RETRIED, 500, 502, 504)
_LONGEST_WAIT_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    status: int
    document: Any
    """The body as JSON, or None where it is none."""

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
    """Sends requests; throttled and failed ones are sent again, at most five times in all.

    A wait is what the service asks for in Retry-After, else one second and then twice as long each time, and
    never longer than 30 seconds.
    """

    def __init__(
        self, client: httpx.Client | None = None, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """`pause` waits so many seconds. The client trusts what SSL_CERT_FILE names unless one is given."""
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)
        self._pause = pause

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """Send a request; ServiceError where nobody answers.

        What changes something is sent again only after an answer that says that nothing was done.
        """
        retried = _RETRIED_WHEN_READING if method in ("GET", "HEAD") else _RETRIED
        for attempt in range(1, _ATTEMPTS + 1):
            response = self._send(method, url, headers, parameters, body)
            if response.status_code not in retried or attempt == _ATTEMPTS:
                break
            self._pause(_wait(response, attempt))
        return Answer(response.status_code, _document(response))

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        parameters: Mapping[str, str] | None,
        body: Any,
    ) -> httpx.Response:
        try:
            return self._client.request(
                method,
                url,
                headers={"Accept": "application/json", **(headers or {})},
                params=parameters,
                json=body,
            )
        except httpx.HTTPError as error:
            host = httpx.URL(url).netloc.decode()
            raise ServiceError(
                f"{host} does not answer ({error}); check that it is running and can be reached."
            ) from error


def _wait(response: httpx.Response, attempt: int) -> float:
    try:
        asked = float(response.headers.get("Retry-After", ""))
    except ValueError:
        asked = 2.0 ** (attempt - 1)
    return min(asked, _LONGEST_WAIT_SECONDS)


def _document(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
