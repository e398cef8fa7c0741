"""Access tokens for a plugin, from a client secret or from an OpenID Connect token.

The order is the published plugins': secret, given token, Azure Pipelines' request, another request.
Certificates, managed identities and the command line tool are not offered: the local cloud knows none.
"""

import base64
import binascii
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.rest_client import Answer, RestClient
from azure_service_connections.providers.settings import Settings

EXCHANGE_AUDIENCE: Final = "api://AzureADTokenExchange"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ATTEMPTS: Final = 8
_RETRIED: Final = (429, 500, 502, 503, 504)


@dataclass(frozen=True)
class TokenRetries:
    """429 and server errors up to eight times, one second, two, four and so on, at most 30."""

    def wait_before(self, attempt: int, answer: Answer) -> float | None:
        """The wait, or None to take the answer."""
        if answer.status not in _RETRIED or attempt >= _ATTEMPTS:
            return None
        return answer.retry_after if answer.retry_after is not None else min(2.0 ** (attempt - 1), 30.0)


@dataclass(frozen=True)
class Identity:
    """Who signs in, and how the proof is got: form fields of the token request."""

    tenant_id: str
    client_id: str
    proof: Callable[[], dict[str, str]]


@dataclass
class _Token:
    text: str
    obtained: float
    expires: float


class AccessTokens:
    """Tokens by scope, kept until they are stale."""

    def __init__(
        self,
        client: RestClient,
        login: str,
        identity: Identity,
        stale: Callable[[float, float, float], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`stale(now, obtained, expires)` says when a token is renewed, in seconds since the epoch."""
        self._client = client
        self._login = login
        self._identity = identity
        self._stale = stale
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}

    def token(self, scope: str) -> str:
        """A token for a scope such as `https://graph.microsoft.com/.default`; PluginError when refused."""
        with self._lock:
            now = self._clock()
            kept = self._tokens.get(scope)
            if kept is None or self._stale(now, kept.obtained, kept.expires):
                kept = self._obtain(scope, now)
                self._tokens[scope] = kept
            return kept.text

    def _obtain(self, scope: str, now: float) -> _Token:
        form = {
            "client_id": self._identity.client_id,
            "grant_type": "client_credentials",
            "scope": scope,
            **self._identity.proof(),
        }
        address = f"{self._login}/{self._identity.tenant_id}/oauth2/v2.0/token"
        answer = self._client.send("POST", address, form=form, retry=TokenRetries())
        text = answer.document.get("access_token")
        if not answer.successful or not isinstance(text, str):
            raise PluginError(f"signing in as {self._identity.client_id} failed: {_refusal(answer)}")
        try:
            lifetime = float(answer.document.get("expires_in") or 0)
        except (TypeError, ValueError):
            lifetime = 0.0
        return _Token(text, now, now + lifetime)


def token_claims(token: str) -> dict[str, Any]:
    """The claims of a JWT, its signature not verified; empty for another kind of token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


def read_identity(settings: Settings, client: RestClient) -> Identity:
    """Who signs in, from provider arguments and `ARM_*`; PluginError when something is missing."""
    tenant_id = settings.text("tenantId", "ARM_TENANT_ID")
    client_id = settings.text_or_file("clientId", "ARM_CLIENT_ID")
    if not tenant_id:
        raise PluginError("tenantId is missing; set it in the provider's arguments or ARM_TENANT_ID.")
    if not client_id:
        raise PluginError("clientId is missing; set it in the provider's arguments or ARM_CLIENT_ID.")
    return Identity(tenant_id, client_id, _proof(settings, client))


def _proof(settings: Settings, client: RestClient) -> Callable[[], dict[str, str]]:
    secret = settings.text_or_file("clientSecret", "ARM_CLIENT_SECRET")
    if secret:
        return lambda: {"client_secret": secret}
    if settings.flag("useOidc", "ARM_USE_OIDC"):
        return _assertion(settings, client)
    raise PluginError(
        "no way to sign in is configured; set clientSecret (ARM_CLIENT_SECRET), or useOidc (ARM_USE_OIDC) "
        "with an OpenID Connect token."
    )


def _assertion(settings: Settings, client: RestClient) -> Callable[[], dict[str, str]]:
    given = settings.text_or_file("oidcToken", "ARM_OIDC_TOKEN")
    url = settings.text("oidcRequestUrl", "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL")
    bearer = settings.text("oidcRequestToken", "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    connection = settings.text(
        "adoPipelineServiceConnectionId",
        "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
    )
    if not given and not (url and bearer):
        raise PluginError(
            "useOidc is set without a token; set oidcToken (ARM_OIDC_TOKEN), or oidcRequestUrl and "
            "oidcRequestToken (ARM_OIDC_REQUEST_URL, ARM_OIDC_REQUEST_TOKEN)."
        )

    def proof() -> dict[str, str]:
        token = given or _request_assertion(client, url, bearer, connection)
        return {"client_assertion": token, "client_assertion_type": _ASSERTION_TYPE}

    return proof


def _request_assertion(client: RestClient, url: str, bearer: str, connection: str) -> str:
    extra = {"audience": EXCHANGE_AUDIENCE}
    if connection:
        extra |= {"api-version": "7.1", "serviceConnectionId": connection}
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    address = urlunsplit(parts._replace(query=urlencode(extra | query)))
    answer = client.send(
        "POST" if connection else "GET",
        address,
        token=lambda: bearer,
        headers={"Accept": "application/json", "Content-Type": "application/json"},
        retry=TokenRetries(),
    )
    token = answer.document.get("oidcToken" if connection else "value")
    if not answer.successful or not isinstance(token, str):
        raise PluginError(f"asking for an OpenID Connect token failed: {_refusal(answer)}")
    return token


def _refusal(answer: Answer) -> str:
    described = answer.document.get("error_description") or answer.document.get("message") or answer.error[1]
    words = " ".join(str(described).split())
    return f"{answer.reason} {words}".rstrip(" .") + "."
