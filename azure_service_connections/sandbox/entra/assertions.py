"""Signed statements (JSON Web Tokens) with which an application proves who it is.

An application signs its own with a certificate (issuer and subject are its client id); any other one must
come from an issuer that a federated credential of the application or managed identity trusts.
"""

import base64
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import certificates, issuers
from azure_service_connections.sandbox.entra.claims_matching import parse_expression
from azure_service_connections.sandbox.entra.errors import SignInError
from azure_service_connections.sandbox.store import Document

_EXPLANATION: Final = (
    "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. "
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)
_CERTIFICATE_ALGORITHMS: Final = ("RS256", "PS256")


@dataclass(frozen=True)
class _Assertion:
    """What a client presents, taken apart and not yet believed."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]


def check(
    cloud: Cloud, directory: Document, principal: Document, application: Document | None, assertion: str
) -> None:
    """Accept an assertion for a client, or raise the AADSTS code of what is wrong with it."""
    presented = _read(assertion)
    if str(presented.claims.get("iss", "")).lower() == principal["appId"]:
        _check_own(cloud, directory, principal, application, presented)
    else:
        _check_federated(cloud, principal, application, presented)


def _read(assertion: str) -> _Assertion:
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise SignInError(50027, "invalid_request", "JWT token is invalid or malformed.") from error
    return _Assertion(assertion, header, claims)


def _check_federated(
    cloud: Cloud, principal: Document, application: Document | None, assertion: _Assertion
) -> None:
    claims = assertion.claims
    parent = principal.get("resourceId") or (application or {}).get("id")
    trusted = [
        credential
        for credential in cloud.store.find("federated-credentials", parent=parent)
        if cloud.faults.visible("federated-credentials", credential["id"])
    ]
    if not trusted:
        raise SignInError(
            70025,
            "invalid_client",
            f"The client '{principal['appId']}'({principal['displayName']}) has no configured federated "
            "identity credentials.",
        )
    algorithm = assertion.header.get("alg")
    if algorithm != "RS256":
        raise SignInError(
            5002738,
            "invalid_client",
            f"Invalid JWT token. '{algorithm}' is not a supported signature algorithm. "
            "Supported signing algorithms are: 'RS256'",
        )
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if issuers.is_of_access_tokens(issuer):
        raise SignInError(
            700222, "invalid_client", "AAD-issued tokens may not be used for federated identity flows."
        )
    trusted = _narrow(trusted, "issuer", issuer, 700211)
    directory = cloud.store.get("tenants", principal["tenantId"]) or {}
    if directory.get("federationBlocked"):
        raise SignInError(
            700238,
            "invalid_client",
            # The words of this refusal are not documented and are the sandbox's own.
            f"Workload identity federation is constrained in the tenant '{directory['name']}': its policy "
            f"does not allow the issuer '{issuer}'.",
        )
    _check_signature(cloud, issuer, assertion.text)
    _check_time(cloud, claims)
    audience = claims.get("aud", "")
    if isinstance(audience, list):
        audience = audience[0] if len(audience) == 1 else ""
    trusted = _narrow(trusted, "audience", str(audience), 700212)
    single_tenant = application is None or not _is_multi_tenant(application)
    if single_tenant and issuers.is_retired(cloud, issuer, str(audience)):
        raise SignInError(
            700211,
            "invalid_client",
            f"No matching federated identity record found for presented assertion issuer '{issuer}'. "
            f"The issuer has been retired. {_EXPLANATION}",
        )
    if application is not None and issuers.is_of_entra(issuer) and _is_multi_tenant(application):
        raise SignInError(
            70052,
            "invalid_client",
            "The identity must be a managed identity, single tenant app, or service account.",
        )
    plain = [credential for credential in trusted if not credential.get("claimsMatchingExpression")]
    if len(plain) < len(trusted):
        _check_expressions(trusted, claims, subject)
    else:
        _narrow(plain, "subject", subject, 700213)


def _value(credential: Document, field: str) -> str:
    return str(credential["audiences"][0] if field == "audience" else credential[field])


def _narrow(trusted: list[Document], field: str, presented: str, code: int) -> list[Document]:
    matching = [credential for credential in trusted if _value(credential, field) == presented]
    if matching:
        return matching
    message = f"No matching federated identity record found for presented assertion {field} '{presented}'."
    if any(_value(credential, field).casefold() == presented.casefold() for credential in trusted):
        code = 7002138
        message += (
            f" The {field} matches with case-insensitive comparison, but not with case-sensitive comparison."
        )
    raise SignInError(code, "invalid_client", f"{message} {_EXPLANATION}")


def _check_expressions(trusted: list[Document], claims: dict[str, Any], subject: str) -> None:
    def unreadable(message: str) -> SignInError:
        return SignInError(7002131, "invalid_client", message)

    for credential in trusted:
        expression = credential.get("claimsMatchingExpression")
        if credential["subject"] == subject or (
            expression and parse_expression(expression, unreadable)(claims)
        ):
            return
    raise SignInError(
        7002131,
        "invalid_client",
        f"No matching federated identity record found for presented assertion subject '{subject}': no "
        "subject is "
        f"equal and no claims matching expression fits. {_EXPLANATION}",
    )


def _is_multi_tenant(application: Document) -> bool:
    return application["signInAudience"] in ("AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount")


def _check_signature(cloud: Cloud, issuer: str, assertion: str) -> None:
    signer = issuers.signer(cloud, issuer)
    if signer is None:
        raise SignInError(50166, "invalid_request", f"Request to External OIDC endpoint failed: {issuer}.")
    _verify(assertion, cloud.signing.public_key(signer), ("RS256",))


def _verify(assertion: str, key: RSAPublicKey, algorithms: tuple[str, ...]) -> None:
    try:
        jwt.PyJWS().decode(assertion, key, algorithms=list(algorithms))
    except jwt.InvalidTokenError as error:
        raise _bad_signature("The key was used to sign, but the signature does not fit.") from error


def _bad_signature(reason: str) -> SignInError:
    return SignInError(
        700027, "invalid_client", f"Client assertion failed signature validation. [Reason - {reason}]"
    )


def _check_time(cloud: Cloud, claims: dict[str, Any]) -> None:
    now = cloud.clock.now().timestamp()
    first, last = claims.get("nbf", claims.get("iat", 0)), claims.get("exp", 0)
    # Some clients write fractions of a second.
    if not (isinstance(first, int | float) and isinstance(last, int | float) and first <= now < last):
        raise SignInError(
            700024,
            "invalid_client",
            f"Client assertion is not within its valid time range. Current time: {int(now)}, "
            f"assertion valid from {first}, expiry time of assertion {last} (seconds since 1970).",
        )


def _check_own(
    cloud: Cloud,
    directory: Document,
    principal: Document,
    application: Document | None,
    assertion: _Assertion,
) -> None:
    claims = assertion.claims
    if str(claims.get("sub", "")).lower() != principal["appId"]:
        raise SignInError(
            700021,
            "invalid_client",
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        )
    credential, certificate = _certificate(application or principal, assertion.header)
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise _bad_signature("The key is not an RSA key.")
    _verify(assertion.text, key, _CERTIFICATE_ALGORITHMS)
    now = cloud.clock.now()
    if (
        not certificates.moment(credential["startDateTime"])
        <= now
        < certificates.moment(credential["endDateTime"])
    ):
        raise _bad_signature("The key used is expired.")
    _check_time(cloud, claims)
    audiences = claims.get("aud", "")
    own = {
        f"{base}/{tenant}{path}"
        for base in (cloud.url, "https://login.microsoftonline.com")
        for tenant in (directory["id"], str(directory["domain"]))
        for path in ("/oauth2/v2.0/token", "/oauth2/token", "/v2.0")
    }
    if not own & set(audiences if isinstance(audiences, list) else [audiences]):
        raise SignInError(
            700023, "invalid_client", "Client assertion audience claim does not match Realm issuer."
        )


def _certificate(owner: Document, header: dict[str, Any]) -> tuple[Document, x509.Certificate]:
    for credential in owner.get("keyCredentials", []):
        certificate = certificates.load(credential["key"])
        for name, algorithm in (("x5t#S256", "sha256"), ("x5t", "sha1")):
            if str(header.get(name, "")).rstrip("=") == _base64url(
                certificates.thumbprint(certificate, algorithm)
            ):
                return credential, certificate
    raise _bad_signature("The key was not found.")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
