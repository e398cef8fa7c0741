"""Who calls: personal access tokens, Entra access tokens and the access token of a running job."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final

import jwt

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.errors import DevOpsError
from azure_service_connections.sandbox.entra.access_tokens import DEVOPS_RESOURCES, bearer
from azure_service_connections.sandbox.entra.principals import find_principal
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.store import Document

SYSTEM_TOKEN_ISSUER: Final = "app.vstoken.visualstudio.com"
"""The issuer of the token that a job gets as SYSTEM_ACCESSTOKEN; only Azure DevOps itself accepts it."""

SYSTEM_TOKEN_SECONDS: Final = 4200
"""Life of a job's access token: the job's time-out of an hour and ten minutes."""


@dataclass(frozen=True)
class Caller:
    """The person, service principal or running job that a request comes from."""

    kind: str
    """`user`, `servicePrincipal` or `run`."""
    id: str
    name: str
    unique_name: str
    run: Document | None = None

    def identity(self, cloud: Cloud, organization: Document) -> dict[str, Any]:
        """The caller as Azure DevOps writes an identity into other objects."""
        return identity_reference(cloud, organization, self.id, self.name, self.unique_name)


class NotSignedInError(ServiceError):
    """302 to the sign-in page: what a caller without a token gets unless it asks for a plain 401."""

    def __init__(self, location: str) -> None:
        super().__init__(302, "Object moved")
        self.location = location

    def response(self) -> Response:
        """The redirect, with a page in place of JSON."""
        page = b"<html><head><title>Object moved</title></head></html>"
        return Response(302, page, {"Location": self.location, "Content-Type": "text/html; charset=utf-8"})


def identity_reference(
    cloud: Cloud, organization: Document, identifier: str, name: str, unique_name: str
) -> dict[str, Any]:
    """An identity as Azure DevOps writes it into other objects (`createdBy`, `authorizedBy`)."""
    own = identity_id(cloud, organization, identifier)
    return {
        "displayName": name,
        "url": f"{cloud.url}/{organization['name']}/_apis/Identities/{own}",
        "id": own,
        "uniqueName": unique_name,
        "imageUrl": f"{cloud.url}/{organization['name']}/_api/_common/identityImage?id={own}",
        "descriptor": f"aad.{base64.urlsafe_b64encode(identifier.encode()).decode().rstrip('=')}",
    }


def identity_id(cloud: Cloud, organization: Document, object_id: str) -> str:
    """The id that an organization gives to somebody whom Entra ID knows by another one."""
    return cloud.identifiers.derived("identity", organization["id"], object_id.lower())


def unauthorized(request: Request, organization: Document, cloud: Cloud, name: str = "") -> ServiceError:
    """The refusal of a caller that is not known: 401, or the sign-in page where a browser is assumed."""
    suppressed = request.header("X-TFS-FedAuthRedirect").lower() == "suppress"
    if not request.header("Authorization") and not suppressed:
        return NotSignedInError(f"{cloud.url}/{organization['name']}/_signin")
    return DevOpsError(
        401,
        "UnauthorizedRequestException",
        f"TF400813: The user '{name}' is not authorized to access this resource.",
        {"WWW-Authenticate": f'Bearer authorization_uri="{cloud.url}/{organization["tenantId"]}", Basic'},
    )


def forbidden(caller: Caller, permission: str) -> DevOpsError:
    """403: the caller is known and may not do this."""
    return DevOpsError(
        403,
        "AccessCheckException",
        f"Access denied. {caller.name} needs the following permissions to perform this action: {permission}",
    )


def people_only(caller: Caller, permission: str) -> Caller:
    """The caller, unless it is a running job: jobs may read but not do this. Raises 403."""
    if caller.kind == "run":
        raise forbidden(caller, permission)
    return caller


def caller_of(cloud: Cloud, request: Request, organization: Document) -> Caller:
    """Who calls. Raises 401 (or the redirect to sign in) for a missing, unknown or foreign token."""
    scheme, _, credential = request.header("Authorization").strip().partition(" ")
    if scheme.lower() == "basic":
        token = _password(credential)
        if _is_system_token(token):
            return _run_caller(cloud, request, organization, token)
        return _person(cloud, request, organization, token)
    if scheme.lower() == "bearer":
        if _is_system_token(credential.strip()):
            return _run_caller(cloud, request, organization, credential.strip())
        claims = bearer(
            cloud, request, DEVOPS_RESOURCES, lambda _reason: unauthorized(request, organization, cloud)
        )
        principal = find_principal(cloud, str(claims["oid"]))
        if principal is None or claims.get("tid") != organization["tenantId"]:
            raise unauthorized(request, organization, cloud, str(claims["oid"]))
        return Caller(
            "servicePrincipal" if principal["principalType"] == "ServicePrincipal" else "user",
            principal["id"],
            principal.get("displayName") or principal["id"],
            principal.get("userPrincipalName") or principal["id"],
        )
    raise unauthorized(request, organization, cloud)


def issue_system_token(cloud: Cloud, organization: Document, run: Document) -> str:
    """The access token of a running job, as its agent gets it."""
    now = cloud.clock.timestamp()
    return cloud.signing.sign(
        "devops",
        {
            "nameid": build_service(cloud, organization).id,
            "scp": "app_token",
            "orchid": f"{run['planId']}.job.__default",
            "BuildId": f"{run['projectId']};{run['id']}",
            "ppid": f"vstfs:///Build/Build/{run['id']}",
            "iss": SYSTEM_TOKEN_ISSUER,
            "aud": f"{SYSTEM_TOKEN_ISSUER}|vso:{organization['id']}",
            "nbf": now,
            "exp": now + SYSTEM_TOKEN_SECONDS,
        },
    )


def build_service(cloud: Cloud, organization: Document, run: Document | None = None) -> Caller:
    """The organization's build service, as which jobs call."""
    identifier = cloud.identifiers.derived("build-service", organization["id"])
    name = f"Project Collection Build Service ({organization['name']})"
    return Caller("run", identifier, name, f"Build\\{identifier}", run)


def page_of_sign_in() -> Response:
    """The sign-in page, which Azure DevOps serves with status 203."""
    page = b"<html><head><title>Azure DevOps Services | Sign In</title></head></html>"
    return Response(203, page, {"Content-Type": "text/html; charset=utf-8"})


def _password(credential: str) -> str:
    try:
        return base64.b64decode(credential.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _person(cloud: Cloud, request: Request, organization: Document, token: str) -> Caller:
    held = cloud.store.get("personal-access-tokens", token) if token else None
    # A token may be for several organizations, where its owner may be known by another id.
    places = [] if held is None else [held, *held.get("elsewhere", [])]
    here = (each for each in places if each["organization"].lower() == organization["name"].lower())
    known = next(here, None)
    if known is None:
        raise unauthorized(request, organization, cloud)
    user = cloud.store.get("users", known["userId"]) if known.get("userId") else None
    identifier = known.get("userId") or cloud.identifiers.derived("user", known["owner"])
    name = user["displayName"] if user else known["owner"]
    return Caller("user", identifier, name, known["owner"])


def _is_system_token(token: str) -> bool:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return False
    return bool(claims.get("iss") == SYSTEM_TOKEN_ISSUER)


def _run_caller(cloud: Cloud, request: Request, organization: Document, token: str) -> Caller:
    try:
        claims = jwt.decode(
            token,
            cloud.signing.public_key("devops"),
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_nbf": False, "verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise unauthorized(request, organization, cloud) from error
    run = cloud.store.get("runs", f"{organization['name'].lower()}/{claims['BuildId'].partition(';')[2]}")
    now = cloud.clock.timestamp()
    foreign = claims["aud"] != f"{SYSTEM_TOKEN_ISSUER}|vso:{organization['id']}"
    if foreign or run is None or now >= claims["exp"] or run["state"] != "inProgress":
        raise unauthorized(request, organization, cloud, claims["nameid"])
    return build_service(cloud, organization, run)
