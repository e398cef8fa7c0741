"""Microsoft Graph as the published azuread plugin speaks to it: headers, paging, retries, refusals.

A plain 500 is sent ten times over 246 s (times the pause factor); a 404 right after a creation is only waited
out where the published plugin does.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import urlencode

import httpx

from azure_service_connections.providers.cloud_endpoints import metadata_host, read_endpoints
from azure_service_connections.providers.errors import PluginError, ServiceError
from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.rest_client import Answer, RestClient
from azure_service_connections.providers.settings import Settings
from azure_service_connections.providers.sign_in import AccessTokens, read_identity, token_claims

ATTEMPTS: Final = 10
LONGEST_WAIT: Final = 61.0
_RETRIED: Final = (408, 424, 429)
_HEADERS: Final = {
    "Accept": "application/json; charset=utf-8; IEEE754Compatible=false",
    "Odata-Version": "4.0",
    "Odata-Maxversion": "4.0",
}
_RENEW_BEFORE: Final = 20 * 60


@dataclass(frozen=True)
class GraphRetries:
    """408, 424, 429 and server errors, and whatever `also` names: 1 s, 2 s, 4 s … 61 s, ten attempts."""

    also: Callable[[Answer], bool] = lambda answer: False

    def wait_before(self, attempt: int, answer: Answer) -> float | None:
        """The wait, or None to take the answer."""
        retried = answer.status in _RETRIED or answer.status >= 500 or self.also(answer)
        if not retried or attempt >= ATTEMPTS:
            return None
        return (
            answer.retry_after if answer.retry_after is not None else min(2.0 ** (attempt - 1), LONGEST_WAIT)
        )


def not_yet_replicated(answer: Answer) -> bool:
    """What the published plugin waits out when it changes an application."""
    message = answer.error[1]
    still_enabled = "cannot be deleted" in message and "disabled" in message
    return answer.status in (404, 409) or (answer.status == 400 and still_enabled)


class GraphClient:
    """One signed-in caller; made when the engine configures the plugin."""

    def __init__(
        self, settings: Settings, pauses: Pauses, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Read the cloud's endpoints and sign in; PluginError when either fails."""
        host = metadata_host(settings)
        if "://" in host:
            raise PluginError(f"metadataHost is {host!r}; write host:port without a scheme.")
        self.pauses = pauses
        self._rest = RestClient(pauses, transport)
        identity = read_identity(settings, self._rest)
        endpoints = read_endpoints(self._rest, host)
        self.address = endpoints.graph
        self.tenant_id, self.client_id = identity.tenant_id, identity.client_id
        self._tokens = AccessTokens(self._rest, endpoints.login, identity, _is_stale)
        self._locks: dict[str, threading.Lock] = {}
        self._locks_guard = threading.Lock()
        object_id = token_claims(self._token()).get("oid")
        if not isinstance(object_id, str) or not object_id:
            raise PluginError("the access token has no oid claim, so the caller's object id is not known.")
        self.object_id = object_id

    def _token(self) -> str:
        return self._tokens.token(f"{self.address}/.default")

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: str = "v1.0",
        query: dict[str, str] | None = None,
        retry: GraphRetries | None = None,
    ) -> Answer:
        """One call below `/v1.0` (or `/beta`); the answer whatever its status."""
        address = f"{self.address}/{version}{path}"
        if query:
            address += f"?{urlencode(query)}"
        return self._rest.send(
            method, address, token=self._token, headers=_HEADERS, json=body, retry=retry or GraphRetries()
        )

    def get(self, path: str, doing: str, **options: Any) -> dict[str, Any] | None:
        """The object at a path, None when there is none (404); ServiceError for other refusals."""
        answer = self.send("GET", path, **options)
        if answer.status == 404:
            return None
        if answer.status != 200:
            refuse(doing, answer)
        return answer.document

    def only_in_beta(self, path: str, doing: str, name: str) -> Any:
        """A property that v1.0 does not tell; None where it is not set. ServiceError when refused."""
        return (self.get(path, doing, version="beta", query={"$select": name}) or {}).get(name)

    def list(self, path: str, doing: str, filter: str = "") -> list[dict[str, Any]]:
        """All objects of a collection, page after page; ServiceError when refused."""
        answer = self.send("GET", path, query={"$filter": filter} if filter else None)
        found: list[dict[str, Any]] = []
        while True:
            if answer.status != 200:
                refuse(doing, answer)
            found += answer.document.get("value") or []
            following = answer.document.get("@odata.nextLink")
            if not following:
                return found
            answer = self._rest.send(
                "GET", str(following), token=self._token, headers=_HEADERS, retry=GraphRetries()
            )

    def change(
        self,
        method: str,
        path: str,
        doing: str,
        body: Any = None,
        *,
        version: str = "v1.0",
        retry: GraphRetries | None = None,
    ) -> dict[str, Any]:
        """A POST, PATCH or DELETE that has to succeed; what it answers. ServiceError when refused."""
        answer = self.send(method, path, body, version=version, retry=retry)
        if not answer.successful:
            refuse(doing, answer)
        return answer.document

    def until_stable(self, look: Callable[[], bool], pause: float, limit: float, what: str) -> None:
        """Look until five looks in a row are true, `pause` seconds apart, at most `limit` seconds."""
        in_a_row = 0
        for _ in range(max(5, int(limit / pause))):
            in_a_row = in_a_row + 1 if look() else 0
            if in_a_row == 5:
                return
            self.pauses.wait(pause)
        raise PluginError(
            f"{what} was not seen five times in a row within {limit:.0f} s; run the update again."
        )

    def remove(self, path: str, what: str, *, version: str = "v1.0") -> None:
        """DELETE, then wait until Graph has forgotten it: five 404s in a row, five seconds apart."""
        self.change("DELETE", path, f"deleting {what}", version=version)
        self.until_stable(
            lambda: self.get(path, f"waiting for deletion of {what}", version=version) is None,
            5.0,
            300.0,
            f"deletion of {what}",
        )

    def lock(self, application_id: str) -> threading.Lock:
        """Held while an application's credentials are written: one writer at a time in this process."""
        with self._locks_guard:
            return self._locks.setdefault(application_id, threading.Lock())

    def object_address(self, object_id: str) -> str:
        """How an owner is named in a body."""
        return f"{self.address}/v1.0/directoryObjects/{object_id}"


def refuse(doing: str, answer: Answer) -> NoReturn:
    """Raise what Graph answered as one sentence."""
    code, message = answer.error
    words = ": ".join(" ".join(part.split()) for part in (code, message) if part)
    sentence = f"{doing}: unexpected status {answer.reason}"
    if words:
        sentence += f" with error: {words}"
    raise ServiceError(sentence.rstrip(".") + ".", answer.status, code, message)


def _is_stale(now: float, obtained: float, expires: float) -> bool:
    return expires - now < _RENEW_BEFORE or now - obtained > (expires - obtained) / 2
