"""Azure Resource Manager as the published azure-native plugin speaks to it: retries, polling, registration.

Retried are 408, 429, 500, 502, 503, 504 and two conflicts, three times, after 20 s, 60 s and 120 s (times the
pause factor) or after the service's `Retry-After`. A write is polled every 10 s, a removal every 30 s.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import urlencode, urlsplit

import httpx

from azure_service_connections.providers.cloud_endpoints import CloudEndpoints, metadata_host, read_endpoints
from azure_service_connections.providers.errors import PluginError, ServiceError
from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.rest_client import Answer, RestClient
from azure_service_connections.providers.settings import Settings
from azure_service_connections.providers.sign_in import AccessTokens, read_identity

_ATTEMPTS: Final = 4
_WAITS: Final = (20.0, 60.0, 120.0)
_RETRIED: Final = (408, 429, 500, 502, 503, 504)
_RETRIED_CONFLICTS: Final = (
    "AnotherOperationInProgress",
    "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
)
_REGISTRATION_VERSION: Final = "2016-02-01"
_POLL_WRITE: Final = 10.0
_POLL_REMOVAL: Final = 30.0
_LONGEST: Final = 2 * 3600.0
_RENEW_BEFORE: Final = 5 * 60


@dataclass(frozen=True)
class ArmRetries:
    """The published plugin's rule for every call."""

    def wait_before(self, attempt: int, answer: Answer) -> float | None:
        """The wait, or None to take the answer."""
        conflict = answer.status == 409 and answer.error[0] in _RETRIED_CONFLICTS
        if attempt >= _ATTEMPTS or not (conflict or answer.status in _RETRIED):
            return None
        return answer.retry_after if answer.retry_after is not None else _WAITS[attempt - 1]


class ArmClient:
    """One signed-in caller; made when the engine configures the plugin, signed in at the first call."""

    def __init__(
        self, settings: Settings, pauses: Pauses, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Read the cloud's endpoints; PluginError when that fails or an argument is missing."""
        host = metadata_host(settings)
        self.subscription_id = settings.text("subscriptionId", "ARM_SUBSCRIPTION_ID")
        if not self.subscription_id:
            raise PluginError(
                "A Subscription ID must be configured when authenticating as a Service Principal; set "
                "azure-native:subscriptionId, or subscription_id of the provider."
            )
        self._pauses = pauses
        self._rest = RestClient(pauses, transport)
        identity = read_identity(settings, self._rest)
        self.client_id, self.tenant_id = identity.client_id, identity.tenant_id
        self.endpoints: CloudEndpoints = read_endpoints(self._rest, host.removeprefix("https://"))
        self._tokens = AccessTokens(self._rest, self.endpoints.login, identity, _is_stale)

    def token(self, resource: str) -> str:
        """A token for a resource, its address without `/.default`."""
        return self._tokens.token(f"{resource}/.default")

    def send(self, method: str, path: str, version: str, body: Any = None) -> Answer:
        """One call, registered for and retried as usual; the answer whatever its status."""
        answer = self._call(method, self._address(path, version), body)
        if answer.status == 409 and answer.error[0] == "MissingSubscriptionRegistration":
            self._register(path)
            answer = self._call(method, self._address(path, version), body)
        return answer

    def get(self, path: str, version: str, query: dict[str, str] | None = None) -> dict[str, Any] | None:
        """What is at a path, None when there is nothing (404); ServiceError for other refusals."""
        answer = self._call("GET", self._address(path, version, query), None)
        if answer.status == 404:
            return None
        if answer.status != 200:
            refuse(answer)
        return answer.document

    def list(self, path: str, version: str) -> list[Any]:
        """All items of a collection, page after page."""
        answer = self.send("GET", path, version)
        found: list[Any] = []
        while True:
            if answer.status != 200:
                refuse(answer)
            found += answer.document.get("value") or []
            following = answer.document.get("nextLink")
            if not following:
                return found
            answer = self._call("GET", str(following), None)

    def refuse_existing(self, path: str, version: str) -> None:
        """PluginError where there is something at a path already."""
        answer = self.send("GET", path, version)
        if answer.status == 200 and answer.document:
            raise PluginError(f"cannot create already existing resource '{path}'; import it or rename yours.")
        if answer.status not in (200, 204, 404):
            words = " ".join(answer.text.split())
            raise ServiceError(
                f"cannot check existence of resource '{path}': status code {answer.status}, {words}",
                answer.status,
                *answer.error,
            )

    def begin_put(self, path: str, version: str, body: Any) -> Answer:
        """Write; ServiceError when refused."""
        answer = self.send("PUT", path, version, body)
        if answer.status not in (200, 201, 202):
            refuse(answer)
        return answer

    @staticmethod
    def runs_on(answer: Answer, expected: bool) -> bool:
        """Whether a write goes on after its answer: a kind that does, or a 202."""
        return expected or answer.status == 202

    def finish_put(self, answer: Answer, path: str, version: str) -> dict[str, Any]:
        """Poll until a write has ended; what is answered in the end."""
        return self._finish(answer, path, version, _POLL_WRITE, reads_at_end=True)

    def delete(self, path: str, version: str, runs_on: bool) -> None:
        """Remove; what is gone already is no failure."""
        answer = self.send("DELETE", path, version)
        if answer.status == 404:
            return
        if answer.status not in (200, 202, 204):
            refuse(answer)
        if runs_on:
            self._finish(answer, path, version, _POLL_REMOVAL, reads_at_end=False)

    def _finish(
        self, answer: Answer, path: str, version: str, pause: float, reads_at_end: bool
    ) -> dict[str, Any]:
        """Poll as the answer says: its status document, its location, or the resource itself."""
        headers = answer.headers
        status_document = headers.get("azure-asyncoperation") or headers.get("operation-location")
        location = self._absolute(headers.get("location", ""), version)
        if status_document:
            address, done = status_document, _status_is_terminal
        elif location:
            address, done = location, _location_is_terminal
        elif _state(answer) and not _state_is_terminal(answer):
            address, done = self._address(path, version), _state_is_terminal
        else:
            return answer.document
        last = self._poll(address, answer, pause, done)
        if reads_at_end and status_document:
            return self.get(path, version) or {}
        return last.document

    def _poll(self, address: str, answer: Answer, pause: float, done: Callable[[Answer], bool]) -> Answer:
        waited = 0.0
        if answer.retry_after:
            self._pauses.wait(answer.retry_after)
        while waited <= _LONGEST:
            last = self._call("GET", address, None)
            if last.status >= 400 and not (last.status == 404 and done is _location_is_terminal):
                refuse(last)
            if done(last):
                return last
            wait = last.retry_after or pause
            self._pauses.wait(wait)
            waited += wait
        raise PluginError(
            f"{address} did not end within {_LONGEST:.0f} s; look at the resource and run again."
        )

    def _register(self, path: str) -> None:
        parts = path.split("/")
        lower = [part.lower() for part in parts]
        namespace = parts[lower.index("providers") + 1] if "providers" in lower else ""
        base = f"/subscriptions/{self.subscription_id}/providers/{namespace}"
        answer = self.send("POST", f"{base}/register", _REGISTRATION_VERSION)
        started = time.monotonic()
        while answer.successful and answer.document.get("registrationState") != "Registered":
            if time.monotonic() - started > _LONGEST:
                break
            self._pauses.wait(10.0)
            answer = self._call("GET", self._address(base, _REGISTRATION_VERSION), None)
        if not answer.successful:
            refuse(answer)

    def _call(self, method: str, address: str, body: Any) -> Answer:
        return self._rest.send(
            method,
            address,
            token=lambda: self.token(self.endpoints.audience),
            headers={"Accept": "application/json"},
            json=body,
            retry=ArmRetries(),
        )

    def graph(self, path: str) -> Answer:
        """One GET of Graph."""
        graph = self.endpoints.graph
        return self._rest.send("GET", f"{graph}{path}", token=lambda: self.token(graph), retry=ArmRetries())

    def _address(self, path: str, version: str, query: dict[str, str] | None = None) -> str:
        parameters = urlencode({"api-version": version, **(query or {})})
        return f"{self.endpoints.resource_manager}{path}?{parameters}"

    def _absolute(self, location: str, version: str) -> str:
        if not location:
            return ""
        address = location if urlsplit(location).scheme else f"{self.endpoints.resource_manager}{location}"
        if "api-version=" in address:
            return address
        return f"{address}{'&' if '?' in address else '?'}{urlencode({'api-version': version})}"


def refuse(answer: Answer) -> NoReturn:
    """Raise what Azure answered as one sentence, in the published plugin's form."""
    code, message = answer.error
    message = " ".join(message.split())
    raise ServiceError(
        f'Status={answer.status} Code="{code}" Message="{message}"', answer.status, code, message
    )


def _state(answer: Answer) -> str:
    properties = answer.document.get("properties")
    return str(properties.get("provisioningState") or "") if isinstance(properties, dict) else ""


def _state_is_terminal(answer: Answer) -> bool:
    return _ended(_state(answer) or "Succeeded", answer)


def _status_is_terminal(answer: Answer) -> bool:
    return _ended(str(answer.document.get("status") or ""), answer)


def _location_is_terminal(answer: Answer) -> bool:
    return answer.status != 202


def _ended(state: str, answer: Answer) -> bool:
    if state.lower() in ("failed", "canceled", "cancelled"):
        code, message = answer.error
        raise ServiceError(
            f'Status={answer.status} Code="{code or state}" Message="{" ".join(message.split())}"',
            answer.status,
            code,
            message,
        )
    return state.lower() == "succeeded"


def _is_stale(now: float, obtained: float, expires: float) -> bool:
    return expires - now < min(_RENEW_BEFORE, (expires - obtained) / 2)
