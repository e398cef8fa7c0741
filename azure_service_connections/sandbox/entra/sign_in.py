"""The token endpoint: an application or a managed identity proves who it is and gets an access token.

`POST /{tenant}/oauth2/v2.0/token` with the client-credentials grant; the proof is a client secret, a JSON Web
Token signed by a certificate of the application, or one of an issuer that a federated credential trusts.
"""

import base64
import binascii
from typing import Final
from urllib.parse import unquote

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import assertions
from azure_service_connections.sandbox.entra.access_tokens import (
    DEVOPS_RESOURCES,
    GRAPH_RESOURCES,
    LIFETIME_SECONDS,
    RESOURCE_MANAGER_RESOURCES,
    issue,
    same_resource,
)
from azure_service_connections.sandbox.entra.certificates import moment
from azure_service_connections.sandbox.entra.errors import SignInError
from azure_service_connections.sandbox.entra.tenants import SHARED, find_tenant
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EVERY_SCOPE: Final = "/.default"
_IGNORED_SCOPES: Final = ("openid", "profile", "offline_access", "email")


@ROUTES.post("/{tenant}/oauth2/v2.0/token")
def token(cloud: Cloud, request: Request, tenant: str) -> Response:
    """Answer with an access token, or with the AADSTS code of what is wrong."""
    form = request.form()
    grant = _required(form, "grant_type")
    if tenant.lower() in SHARED:
        raise SignInError(
            50059,
            "invalid_request",
            "No tenant-identifying information found in either the request or implied by any provided "
            "credentials.",
        )
    directory = find_tenant(cloud, tenant)
    if grant != "client_credentials":
        raise SignInError(
            70003, "unsupported_grant_type", f"The app requested an unsupported grant type '{grant}'."
        )
    client_id, secret = _client(request, form)
    resource = _resource(_required(form, "scope"))
    principal = _find_client(cloud, directory, client_id)
    application = cloud.store.one("applications", appId=principal["appId"])
    if "client_assertion" in form:
        _check_assertion_type(form)
        assertions.check(cloud, directory, principal, application, form["client_assertion"])
    elif secret is not None:
        _check_secret(cloud, principal, application, secret)
    else:
        raise SignInError(
            7000218,
            "invalid_client",
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    if not knows_resource(cloud, directory, resource):
        raise SignInError(
            500011,
            "invalid_resource",
            f"The resource principal named {resource} was not found in the tenant named "
            f"{directory['name']}. This "
            "can happen if the application has not been installed by the administrator of the tenant "
            "or consented "
            "to by any user in the tenant. You might have sent your authentication request to the "
            "wrong tenant.",
        )
    return Response(
        200,
        {
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "ext_expires_in": LIFETIME_SECONDS,
            "access_token": issue(cloud, directory["id"], principal, resource),
        },
        headers={"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"},
    )


def _required(form: dict[str, str], name: str) -> str:
    value = form.get(name, "").strip()
    if not value:
        raise SignInError(
            900144, "invalid_request", f"The request body must contain the following parameter: '{name}'."
        )
    return value


def _client(request: Request, form: dict[str, str]) -> tuple[str, str | None]:
    scheme, _, encoded = request.header("Authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise SignInError(
                9002313, "invalid_request", "Invalid request. Request is malformed or invalid."
            ) from error
        return unquote(name).lower(), unquote(secret)
    return _required(form, "client_id").lower(), form.get("client_secret") or None


def _resource(scope: str) -> str:
    scopes = [each for each in scope.split() if each not in _IGNORED_SCOPES]
    if len(scopes) > 1:
        raise SignInError(
            28000,
            "invalid_request",
            "Provided value for the input parameter scope is not valid because it contains more than one "
            f"resource. Scope {scope} is not valid.",
        )
    if not scopes or not scopes[0].endswith(_EVERY_SCOPE) or scopes[0] == _EVERY_SCOPE:
        raise SignInError(
            1002012,
            "invalid_scope",
            f"The provided value for scope {scope} is not valid. Client credential flows must have a "
            "scope value "
            "with /.default suffixed to the resource identifier (application ID URI).",
        )
    return scopes[0].removesuffix(_EVERY_SCOPE)


def _find_client(cloud: Cloud, directory: Document, client_id: str) -> Document:
    principal = cloud.store.one("service-principals", appId=client_id, tenantId=directory["id"])
    if principal is not None and not cloud.faults.visible("service-principals", principal["id"]):
        principal = None
    elif principal is None and cloud.store.one("applications", appId=client_id, tenantId=directory["id"]):
        raise SignInError(
            7000229,
            "invalid_client",
            f"The client application {client_id} is missing service principal in the tenant "
            f"{directory['id']}. "
            "See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
        )
    if principal is None:
        raise SignInError(
            700016,
            "unauthorized_client",
            f"Application with identifier '{client_id}' was not found in the directory "
            f"'{directory['name']}'. This "
            "can happen if the application has not been installed by the administrator of the tenant "
            "or consented "
            "to by any user in the tenant. You may have sent your authentication request to the "
            "wrong tenant.",
        )
    if not principal["accountEnabled"]:
        raise SignInError(
            7000112,
            "unauthorized_client",
            f"Application '{client_id}'({principal['displayName']}) is disabled.",
        )
    return principal


def _check_assertion_type(form: dict[str, str]) -> None:
    if _required(form, "client_assertion_type") != ASSERTION_TYPE:
        raise SignInError(
            50027, "invalid_request", f"Invalid client_assertion_type; it must be '{ASSERTION_TYPE}'."
        )


def _check_secret(cloud: Cloud, principal: Document, application: Document | None, secret: str) -> None:
    held = [
        *(application or {}).get("passwordCredentials", []),
        *principal.get("passwordCredentials", []),
    ]
    now = cloud.clock.now()
    known = [credential for credential in held if credential["secretText"] == secret]
    if any(moment(each["startDateTime"]) <= now < moment(each["endDateTime"]) for each in known):
        return
    app_id = principal["appId"]
    if known and all(now >= moment(each["endDateTime"]) for each in known):
        raise SignInError(
            7000222,
            "invalid_client",
            f"The provided client secret keys for app '{app_id}' are expired. Visit the Azure portal "
            "to create new "
            "keys for your app: https://aka.ms/NewClientSecret, or consider using certificate "
            "credentials for "
            "added security: https://aka.ms/certCreds.",
        )
    raise SignInError(
        7000215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client "
        "secret value, "
        f"not the client secret ID, for a secret added to app '{app_id}'.",
    )


def knows_resource(cloud: Cloud, directory: Document, resource: str) -> bool:
    """Whether a tenant knows the resource that a token is asked for."""
    known = (cloud.url, *GRAPH_RESOURCES, *RESOURCE_MANAGER_RESOURCES, *DEVOPS_RESOURCES)
    if same_resource(resource, known):
        return True
    name = resource.rstrip("/")
    for principal in cloud.store.find("service-principals", tenantId=directory["id"]):
        if name.lower() in (principal["appId"], f"api://{principal['appId']}"):
            return True
        if name in principal["servicePrincipalNames"] and "://" in name:
            return True
    return False
