"""Access tokens of the local cloud: how they are issued and how a service checks one."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final

import jwt

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request
from azure_service_connections.sandbox.store import Document

LIFETIME_SECONDS: Final = 3599
"""What Entra answers under `expires_in` for an app-only token, in seconds."""

GRAPH_RESOURCES: Final = ("https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000")
RESOURCE_MANAGER_RESOURCES: Final = (
    "https://management.azure.com",
    "https://management.core.windows.net",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
)
DEVOPS_RESOURCES: Final = ("499b84ac-1321-427f-aa17-267ca6975798",)
"""What a token for each service may be asked for, beside the sandbox's own address."""

DIRECTORY_ROLE_TEMPLATES: Final = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Application Administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "Application Developer": "cf1c38e5-3621-4004-a7cb-879624dced7c",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Directory Writers": "9360feb5-f418-4baa-8175-e2a00bac4301",
}
"""Directory roles by name: the template ids that a token carries under `wids` (Entra's built-in roles)."""


class Refusal(StrEnum):
    """Why a token is refused, in Graph's words; other services translate by the member."""

    MISSING = "Access token is empty."
    MALFORMED = "IDX14100: JWT is not well formed, there are no dots (.)."
    SIGNATURE = "Access token validation failure. Invalid signature."
    EXPIRED = "Lifetime validation failed, the token is expired."
    NOT_YET_VALID = "Lifetime validation failed, the token is not yet valid."
    AUDIENCE = "Access token validation failure. Invalid audience."


def issuer_of_access_tokens(tenant_id: str) -> str:
    """The issuer of access tokens, in the form of version 1.0 that Graph and Resource Manager ask for.

    The tokens that Azure DevOps hands to a pipeline carry the other form (`…/v2.0`), so that neither kind can
    be taken for the other. The form for Resource Manager is not documented; this one is a fair choice.
    """
    return f"https://sts.windows.net/{tenant_id}/"


def issue(cloud: Cloud, tenant_id: str, service_principal: Document, resource: str) -> str:
    """A signed app-only access token of this service principal for a resource (the token's audience)."""
    now = cloud.clock.timestamp()
    claims: dict[str, Any] = {
        "aud": resource,
        "iss": issuer_of_access_tokens(tenant_id),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME_SECONDS,
        "appid": service_principal["appId"],
        "idtyp": "app",
        "oid": service_principal["id"],
        "sub": service_principal["id"],
        "tid": tenant_id,
        "ver": "1.0",
    }
    if same_resource(resource, (cloud.url, *GRAPH_RESOURCES)):
        held = service_principal.get("directoryRoles", [])
        claims["roles"] = [right for right in held if right not in DIRECTORY_ROLE_TEMPLATES]
        claims["wids"] = [
            DIRECTORY_ROLE_TEMPLATES[right] for right in held if right in DIRECTORY_ROLE_TEMPLATES
        ]
    return cloud.signing.sign("entra", claims)


def same_resource(resource: str, known: Iterable[str]) -> bool:
    """Whether a resource is one of the known ones; a closing slash and case make no difference."""
    return resource.rstrip("/").lower() in {each.rstrip("/").lower() for each in known}


def bearer(
    cloud: Cloud,
    request: Request,
    audiences: Iterable[str],
    refuse: Callable[[str], ServiceError],
) -> dict[str, Any]:
    """The claims of the request's bearer token: signed by Entra, within its time, for one of the audiences.

    Raises what `refuse` makes of the reason (a `Refusal`) where the token is missing or not acceptable.
    """
    scheme, _, token = request.header("Authorization").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise refuse(Refusal.MISSING)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            cloud.signing.public_key("entra"),
            algorithms=["RS256"],
            # The sandbox has a clock of its own, so times are checked below.
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
        )
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError) as error:
        raise refuse(Refusal.SIGNATURE) from error
    except jwt.InvalidTokenError as error:
        raise refuse(Refusal.MALFORMED) from error
    if "appid" not in claims or "oid" not in claims:
        raise refuse(Refusal.AUDIENCE)
    now = cloud.clock.timestamp()
    if now >= int(claims["exp"]):
        raise refuse(Refusal.EXPIRED)
    if now < int(claims["nbf"]):
        raise refuse(Refusal.NOT_YET_VALID)
    if not same_resource(str(claims["aud"]), audiences):
        raise refuse(Refusal.AUDIENCE)
    return claims
