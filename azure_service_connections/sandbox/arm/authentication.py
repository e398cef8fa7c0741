"""Who calls: the bearer token of a request, and what Azure Resource Manager says of one that it refuses."""

from dataclasses import dataclass
from datetime import UTC, datetime

import jwt

from azure_service_connections.sandbox.arm.errors import ArmError
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.access_tokens import (
    RESOURCE_MANAGER_RESOURCES,
    Refusal,
    bearer,
)
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request


@dataclass(frozen=True)
class Caller:
    """The principal that a token stands for."""

    object_id: str
    tenant_id: str
    name: str
    """How refusals name the principal: the client id of an application, the sign-in name of a person."""


def authenticate(cloud: Cloud, request: Request, tenant_id: str | None) -> Caller:
    """The caller, out of the request's bearer token.

    `tenant_id` is the tenant that the subscription in the address belongs to; None where there is none.
    Raises 401 `AuthenticationFailed`, `InvalidAuthenticationToken`, `ExpiredAuthenticationToken`,
    `InvalidAuthenticationTokenAudience` or `InvalidAuthenticationTokenTenant`, each with the challenge.
    """

    def refuse(reason: str) -> ServiceError:
        return _refusal(cloud, request, tenant_id, reason)

    claims = bearer(cloud, request, (cloud.url, *RESOURCE_MANAGER_RESOURCES), refuse)
    caller = Caller(
        object_id=str(claims["oid"]),
        tenant_id=str(claims["tid"]),
        name=str(claims.get("upn") or claims["appid"]),
    )
    if tenant_id is not None and caller.tenant_id.lower() != tenant_id.lower():
        raise _unauthorized(
            cloud,
            tenant_id,
            "InvalidAuthenticationTokenTenant",
            f"The access token is from the wrong issuer 'https://sts.windows.net/{caller.tenant_id}/'. It "
            f"must match the tenant 'https://sts.windows.net/{tenant_id}/' associated with this "
            f"subscription. Please use the authority (URL) 'https://login.windows.net/{tenant_id}' to get "
            "the token. Note, if the subscription is transferred to another tenant there is no impact to the "
            "services, but information about new tenant could take time to propagate (up to an hour). If you "
            "just transferred your subscription and see this error message, please try back later.",
        )
    return caller


def _refusal(cloud: Cloud, request: Request, tenant_id: str | None, reason: str) -> ArmError:
    if reason == Refusal.MISSING:
        missing = not request.header("Authorization")
        what = "header is missing" if missing else "header is provided in an invalid format"
        return _unauthorized(
            cloud, tenant_id, "AuthenticationFailed", f"Authentication failed. The 'Authorization' {what}."
        )
    if reason == Refusal.EXPIRED:
        expiry = datetime.fromtimestamp(int(_claim(request, "exp")), UTC)
        return _unauthorized(
            cloud,
            tenant_id,
            "ExpiredAuthenticationToken",
            f"The access token expiry UTC time '{_time(expiry)}' is earlier than current UTC time "
            f"'{_time(cloud.clock.now())}'.",
        )
    if reason == Refusal.AUDIENCE:
        allowed = ",".join(f"'{each}/','{each}'" for each in (*RESOURCE_MANAGER_RESOURCES[:2], cloud.url))
        return _unauthorized(
            cloud,
            tenant_id,
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained for wrong audience or resource "
            f"'{_claim(request, 'aud')}'. It should exactly match with one of the allowed audiences "
            f"{allowed}.",
        )
    return _unauthorized(cloud, tenant_id, "InvalidAuthenticationToken", "The access token is invalid.")


def _unauthorized(cloud: Cloud, tenant_id: str | None, code: str, message: str) -> ArmError:
    challenge = (
        f'Bearer authorization_uri="{cloud.url}/{tenant_id or "common"}", error="invalid_token", '
        f'error_description="{message}"'
    )
    return ArmError(401, code, message, {"WWW-Authenticate": challenge})


def _claim(request: Request, name: str) -> str:
    """A claim of a token whose signature has been found good."""
    token = request.header("Authorization").split()[-1]
    return str(jwt.decode(token, options={"verify_signature": False}).get(name, ""))


def _time(moment: datetime) -> str:
    """A time as Azure Resource Manager writes it in this sentence: `11/24/2026 9:05:00 AM`."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {half}"
