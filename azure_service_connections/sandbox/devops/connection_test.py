"""`TestConnection`: signs in with a connection's identity and reads the scope that it is for."""

import base64
import json
from typing import Any, Final
from urllib.parse import urlencode

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from azure_service_connections.sandbox.arm import service as arm
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.oidc import assertion
from azure_service_connections.sandbox.entra import service as entra
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.store import Document

_SCOPE: Final = "https://management.azure.com/.default"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_STATUS: Final = {
    200: "ok",
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "notFound",
    429: "tooManyRequests",
}


def test_connection(cloud: Cloud, organization: Document, endpoint: Document) -> dict[str, Any]:
    """What the proxy answers: `statusCode` `ok`, or the reason with Entra's or Resource Manager's message.

    The outcome that is noted for the agent's own identity is a fair choice: the service cannot try it.
    """
    scheme = endpoint["authorization"]["scheme"]
    if scheme == "ManagedServiceIdentity":
        return _answer(
            "badRequest", "A connection that uses the agent's managed identity can only be tried there."
        )
    if scheme not in ("WorkloadIdentityFederation", "ServicePrincipal"):
        return _answer("badRequest", f"A connection of the scheme {scheme} cannot be tried.")
    signed_in = sign_in(cloud, organization, endpoint)
    if signed_in.status != 200:
        reason = str(signed_in.body.get("error_description", signed_in.body))
        return _answer(
            "unauthorized",
            "Failed to obtain the Json Web Token(JWT) using service principal client ID. Exception message: "
            f"{reason}",
        )
    path, version = _target(endpoint)
    read = _send(
        arm.handle,
        cloud,
        Request(
            "GET",
            path,
            {"api-version": version},
            {"authorization": f"Bearer {signed_in.body['access_token']}", "accept": "application/json"},
        ),
    )
    if read.status == 200:
        return _answer("ok", "", [json.dumps(read.body)])
    address = f"{endpoint['url'].rstrip('/')}{path}?api-version={version}"
    status = _STATUS.get(read.status, "internalServerError")
    return _answer(
        status,
        f"Failed to query service connection API: '{address}'. Status Code: "
        f"'{status[0].upper()}{status[1:]}', Response from server: '{json.dumps(read.body)}'",
    )


def sign_in(cloud: Cloud, organization: Document, endpoint: Document) -> Response:
    """Entra's answer to a connection that signs in, with what its scheme has for it."""
    parameters = endpoint["authorization"]["parameters"]
    form = {
        "grant_type": "client_credentials",
        "client_id": str(parameters.get("serviceprincipalid") or ""),
        "scope": _SCOPE,
    }
    certificate = parameters.get("servicePrincipalCertificate")
    if endpoint["authorization"]["scheme"] == "ServicePrincipal" and certificate:
        form["client_assertion_type"] = _ASSERTION_TYPE
        try:
            form["client_assertion"] = _signed_with(cloud, str(certificate), parameters)
        except ValueError:
            return Response(400, {"error_description": "The certificate of the connection cannot be read."})
    elif endpoint["authorization"]["scheme"] == "ServicePrincipal":
        form["client_secret"] = str(parameters.get("serviceprincipalkey") or "")
    else:
        form["client_assertion_type"] = _ASSERTION_TYPE
        form["client_assertion"] = assertion(cloud, organization, endpoint)
    return _send(
        entra.handle_sign_in,
        cloud,
        Request(
            "POST",
            f"/{parameters.get('tenantid')}/oauth2/v2.0/token",
            {},
            {"content-type": "application/x-www-form-urlencoded"},
            urlencode(form).encode(),
        ),
    )


def _signed_with(cloud: Cloud, pem: str, parameters: Document) -> str:
    """An application's own assertion, signed with the certificate and key of a PEM text."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    certificate = x509.load_pem_x509_certificate(pem[pem.find("-----BEGIN CERTIFICATE-----") :].encode())
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    now = cloud.clock.timestamp()
    client_id = str(parameters.get("serviceprincipalid"))
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA1())).rstrip(b"=").decode()
    claims = {
        "aud": f"https://login.microsoftonline.com/{parameters.get('tenantid')}/oauth2/v2.0/token",
        "iss": client_id,
        "sub": client_id,
        "jti": cloud.identifiers.guid("certificate-assertion", client_id),
        "nbf": now,
        "exp": now + 600,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"x5t": thumbprint})


def _target(endpoint: Document) -> tuple[str, str]:
    data = endpoint["data"]
    if data.get("scopeLevel") == "ManagementGroup":
        group = data["managementGroupId"]
        return f"/providers/Microsoft.Management/managementGroups/{group}", "2018-01-01-preview"
    if data.get("scopeLevel") == "AzureMLWorkspace":
        return (
            f"/subscriptions/{data['subscriptionId']}/resourceGroups/{data['resourceGroupName']}/providers/"
            f"Microsoft.MachineLearningServices/workspaces/{data['mlWorkspaceName']}",
            "2023-10-01",
        )
    return f"/subscriptions/{data.get('subscriptionId')}", "2016-06-01"


def _send(handle: Any, cloud: Cloud, request: Request) -> Response:
    try:
        answer = handle(cloud, request)
    except ServiceError as error:
        return error.response()
    return (
        answer
        if isinstance(answer, Response)
        else Response(501, {"message": f"No answer to {request.path}."})
    )


def _answer(status: str, message: str, result: list[str] | None = None) -> dict[str, Any]:
    return {
        "result": result or [],
        "statusCode": status,
        "errorMessage": message,
        "activityId": None,
        "callbackContextParameters": {},
        "callbackRequired": False,
    }
