"""REST calls of a plugin: trust in the local authority, bearer tokens, and the published plugins' retries.

Trust comes from `SSL_CERT_FILE` or `SSL_CERT_DIR`, as in the Go programs that the plugins stand in for.
Proxies are not used: the services are local.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

import httpx

from azure_service_connections.providers.errors import ServiceError
from azure_service_connections.providers.pauses import Pauses


@dataclass(frozen=True)
class Answer:
    """What a service answered: the status, the headers (lower-case names) and the JSON body, if it is one."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    text: str = ""

    @property
    def successful(self) -> bool:
        """Whether the status is one from 200 to 299."""
        return 200 <= self.status < 300

    @property
    def document(self) -> dict[str, Any]:
        """The body where it is a JSON object, else an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def error(self) -> tuple[str, str]:
        """The service's code and message: `{"error": {"code", "message"}}`, or empty words."""
        error = self.document.get("error")
        described = error if isinstance(error, dict) else self.document
        return str(described.get("code") or ""), str(described.get("message") or "")

    @property
    def reason(self) -> str:
        """The status as text: `404 (404 Not Found)`."""
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = ""
        return f"{self.status} ({self.status} {phrase})".replace(" )", ")")

    @property
    def retry_after(self) -> float | None:
        """The seconds that the service asks to wait, or None."""
        try:
            return max(0.0, float(self.headers.get("retry-after", "")))
        except ValueError:
            return None


class RetryRule(Protocol):
    """When a request is sent again."""

    def wait_before(self, attempt: int, answer: Answer) -> float | None:
        """The seconds before the next attempt (`attempt` counts from 1), or None to take the answer."""


@dataclass(frozen=True)
class NoRetry:
    """Take every answer."""

    def wait_before(self, attempt: int, answer: Answer) -> float | None:
        """None."""
        return None


class RestClient:
    """Sends requests to one service; shared by all threads of a plugin."""

    def __init__(self, pauses: Pauses, transport: httpx.BaseTransport | None = None) -> None:
        self._pauses = pauses
        self._http = httpx.Client(
            transport=transport,
            verify=ssl.create_default_context(),
            trust_env=False,
            timeout=httpx.Timeout(300.0, connect=15.0),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=3.0),
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        token: Callable[[], str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        retry: RetryRule | None = None,
    ) -> Answer:
        """One request, again as long as the rule says so; the last answer, whatever its status.

        ServiceError when the service cannot be reached.
        """
        rule = retry or NoRetry()
        attempt = 0
        while True:
            attempt += 1
            sent = dict(headers or {})
            if token is not None:
                sent["Authorization"] = f"Bearer {token()}"
            answer = self._once(method, url, sent, json, form)
            wait = rule.wait_before(attempt, answer)
            if wait is None:
                return answer
            if answer.retry_after is not None:
                self._pauses.wait_fully(wait)
            else:
                self._pauses.wait(wait)

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], json: Any, form: Mapping[str, str] | None
    ) -> Answer:
        try:
            response = self._http.request(method, url, headers=headers, json=json, data=form)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise ServiceError(
                f"{method} {url} was not answered: {reason}; start the local cloud and set the variables "
                "that `connections sandbox env` prints."
            ) from error
        try:
            body = response.json() if response.content else None
        except ValueError:
            body = None
        return Answer(response.status_code, dict(response.headers), body, response.text)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
