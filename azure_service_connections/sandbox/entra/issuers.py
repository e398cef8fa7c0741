"""The issuers that the sandbox answers for, and the documents by which a client gets to know one.

Issuers keep the names of the real services; their documents are served at the sandbox's own address.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.tenants import SHARED, find_tenant
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()

_ENTRA = re.compile(r"https://login\.microsoftonline\.com/([0-9a-f-]{36})/v2\.0")
_DEVOPS = re.compile(r"https://vstoken\.dev\.azure\.com/([0-9a-f-]{36})")


DEVOPS_ISSUER_ENDS: Final = datetime(2027, 7, 1, tzinfo=UTC)
"""From then on Azure DevOps' own issuer is there no more for single-tenant applications and managed
identities of the public cloud (Azure DevOps' page "Convert service connections").
"""

_PUBLIC_AUDIENCE: Final = "api://AzureADTokenExchange"


def signer(cloud: Cloud, issuer: str) -> str | None:
    """Whose key signs for an issuer, "entra" or "devops"; None where the sandbox knows no such issuer."""
    entra = _ENTRA.fullmatch(issuer)
    if entra and cloud.store.get("tenants", entra[1]):
        return "entra"
    devops = _DEVOPS.fullmatch(issuer)
    if devops and cloud.store.one("organizations", id=devops[1]):
        return "devops"
    return None


def is_of_entra(issuer: str) -> bool:
    """Whether an issuer is a tenant of Entra."""
    return _ENTRA.fullmatch(issuer) is not None


def is_retired(cloud: Cloud, issuer: str, audience: str) -> bool:
    """Whether an issuer is Azure DevOps' own and its time is over.

    It is over for the tokens of the public cloud, which the audience tells from those of national clouds. How
    Entra or Azure DevOps will refuse them is not documented; that Entra no longer trusts the issuer is a fair
    choice.
    """
    of_public_cloud = audience == _PUBLIC_AUDIENCE
    over = cloud.clock.now() >= DEVOPS_ISSUER_ENDS
    return over and of_public_cloud and _DEVOPS.fullmatch(issuer) is not None


def is_of_access_tokens(issuer: str) -> bool:
    """Whether an issuer is the one of access tokens, which no federated credential may trust."""
    return issuer.startswith("https://sts.windows.net/")


@ROUTES.get("/common/discovery/instance")
def instances(cloud: Cloud, request: Request) -> Response:
    """The hosts that stand for one cloud: this address only."""
    host = cloud.url.removeprefix("https://")
    return Response(
        200,
        {
            "tenant_discovery_endpoint": f"{cloud.url}/common/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        },
    )


@ROUTES.get("/vstoken/{organization}/.well-known/openid-configuration")
def devops_configuration(cloud: Cloud, request: Request, organization: str) -> Response:
    """The document of the Azure DevOps issuer of an organization."""
    if not cloud.store.one("organizations", id=organization.lower()):
        return Response(404, {"message": f"The organization {organization} does not exist."})
    base = f"{cloud.url}/vstoken/{organization.lower()}"
    return Response(
        200,
        {
            "issuer": f"https://vstoken.dev.azure.com/{organization.lower()}",
            "jwks_uri": f"{base}/.well-known/jwks",
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "claims_supported": ["sub", "aud", "exp", "iat", "iss", "nbf"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        },
    )


@ROUTES.get("/vstoken/{organization}/.well-known/jwks")
def devops_keys(cloud: Cloud, request: Request, organization: str) -> Response:
    """The keys of the Azure DevOps issuer."""
    if not cloud.store.one("organizations", id=organization.lower()):
        return Response(404, {"message": f"The organization {organization} does not exist."})
    return Response(200, cloud.signing.document("devops"))


@ROUTES.get("/{tenant}/v2.0/.well-known/openid-configuration")
def entra_configuration(cloud: Cloud, request: Request, tenant: str) -> Response:
    """The document of a tenant's issuer; the shared names get the one for any tenant."""
    shared = tenant.lower() in SHARED
    tenant_id = "{tenantid}" if shared else find_tenant(cloud, tenant, "invalid_tenant")["id"]
    base = f"{cloud.url}/{tenant.lower() if shared else tenant_id}"
    document: dict[str, Any] = {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"https://login.microsoftonline.com/{tenant_id}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "tenant_region_scope": None,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": cloud.url.removeprefix("https://"),
    }
    return Response(200, document)


@ROUTES.get("/{tenant}/discovery/v2.0/keys")
def entra_keys(cloud: Cloud, request: Request, tenant: str) -> Response:
    """The keys of Entra's issuers, the same for every tenant."""
    if tenant.lower() not in SHARED:
        find_tenant(cloud, tenant, "invalid_tenant")
    return Response(200, cloud.signing.document("entra"))
