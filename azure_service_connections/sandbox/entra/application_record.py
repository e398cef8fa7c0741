"""What Graph keeps of an application, how a body changes it and how it is shown."""

import copy
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import certificates
from azure_service_connections.sandbox.entra.errors import (
    GraphError,
    bad_request,
    invalid_value,
    value_required,
)
from azure_service_connections.sandbox.store import Document

AUDIENCES: Final = (
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
)
"""The values of `signInAudience`, single-tenant first."""

INTERNAL: Final = ("tenantId", "owners", "directoryRoles", "resourceId")
"""What the sandbox keeps with a directory object and Graph does not show."""

_READ_ONLY: Final = ("id", "appId", "createdDateTime", "publisherDomain", "deletedDateTime")
_BETA_ONLY: Final = ("oauth2RequirePostResponse",)
_DEFAULTS: Final[Document] = {
    "deletedDateTime": None,
    "applicationTemplateId": None,
    "disabledByMicrosoftStatus": None,
    "description": None,
    "groupMembershipClaims": None,
    "identifierUris": [],
    "isDeviceOnlyAuthSupported": None,
    "isFallbackPublicClient": None,
    "nativeAuthenticationApisEnabled": None,
    "notes": None,
    "serviceManagementReference": None,
    "signInAudience": "AzureADMyOrg",
    "tags": [],
    "tokenEncryptionKeyId": None,
    "uniqueName": None,
    "samlMetadataUrl": None,
    "defaultRedirectUri": None,
    "certification": None,
    "optionalClaims": None,
    "requestSignatureVerification": None,
    "servicePrincipalLockConfiguration": None,
    "authenticationBehaviors": None,
    "oauth2RequirePostResponse": False,
    "addIns": [],
    "appRoles": [],
    "requiredResourceAccess": [],
    "keyCredentials": [],
    "passwordCredentials": [],
    "api": {
        "acceptMappedClaims": None,
        "knownClientApplications": [],
        "requestedAccessTokenVersion": None,
        "oauth2PermissionScopes": [],
        "preAuthorizedApplications": [],
    },
    "info": {
        "logoUrl": None,
        "marketingUrl": None,
        "privacyStatementUrl": None,
        "supportUrl": None,
        "termsOfServiceUrl": None,
    },
    "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
    "publicClient": {"redirectUris": []},
    "spa": {"redirectUris": []},
    "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
    "web": {
        "homePageUrl": None,
        "logoutUrl": None,
        "redirectUris": [],
        "redirectUriSettings": [],
        "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
    },
}
_MERGED: Final = (
    "api",
    "info",
    "publicClient",
    "spa",
    "web",
    "parentalControlSettings",
    "implicitGrantSettings",
)
"""Complex properties of which a PATCH changes only the parts that it names."""


def blank(cloud: Cloud, tenant: Document, name: str) -> Document:
    """A new application without anything that a caller may choose but its display name."""
    unique = f"{tenant['id']}/{name}"
    return {
        **copy.deepcopy(_DEFAULTS),
        "id": cloud.identifiers.guid("application", unique),
        "appId": cloud.identifiers.guid("client", unique),
        "tenantId": tenant["id"],
        "displayName": name,
        "publisherDomain": tenant["domain"],
        "createdDateTime": cloud.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "owners": [],
    }


def apply(cloud: Cloud, application: Document, changes: Document) -> None:
    """Change an application as a POST or PATCH body says. Raises Graph's refusal of what may not be."""
    changes = {key: value for key, value in changes.items() if "@odata." not in key}
    for name, value in changes.items():
        if name not in application or name in INTERNAL:
            raise bad_request(f"Invalid property '{name}'.")
        if name in _READ_ONLY and value != application[name]:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    _check_values(cloud, application, changes)
    if "passwordCredentials" in changes:
        changes["passwordCredentials"] = _kept_passwords(application, changes["passwordCredentials"])
    if "keyCredentials" in changes:
        changes["keyCredentials"] = certificates.merge(cloud, application, changes["keyCredentials"])
    _merge(application, changes)


def view(application: Document, version: str) -> Document:
    """An application as Graph shows it in a version of its interface."""
    hidden = INTERNAL if version == "beta" else INTERNAL + _BETA_ONLY
    return show_credentials({key: value for key, value in application.items() if key not in hidden})


def show_credentials(document: Document) -> Document:
    """The document without what Graph never shows again: secrets and keys."""
    for name, secret in (("passwordCredentials", "secretText"), ("keyCredentials", "key")):
        document[name] = [{**credential, secret: None} for credential in document.get(name, [])]
    return document


def require_service_management_reference(tenant: Document, application: Document, operation: str) -> None:
    """Refuse an application without its service management reference where the tenant asks for one.

    `operation` is Create or Update, as Graph names it.
    """
    if tenant.get("serviceManagementReferenceRequired") and not application["serviceManagementReference"]:
        raise GraphError(
            400,
            "ServiceTreeValueMissing",
            f"ServiceManagementReference field is required for {operation}, but is missing in the request.",
        )


def _check_values(cloud: Cloud, application: Document, changes: Document) -> None:
    if "displayName" in changes:
        name = changes["displayName"]
        if name is None or name == "":
            raise value_required("displayName", "Application")
        if not isinstance(name, str) or len(name) > 256:
            raise invalid_value("displayName", "Application")
    if changes.get("signInAudience", "AzureADMyOrg") not in AUDIENCES:
        raise invalid_value("signInAudience", "Application")
    for name in ("tags", "identifierUris"):
        value = changes.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise invalid_value(name, "Application")
    for uri in changes.get("identifierUris", []):
        for other in cloud.store.find("applications", tenantId=application["tenantId"]):
            if uri in other["identifierUris"] and other["id"] != application["id"]:
                raise GraphError(
                    400,
                    "Request_MultipleObjectsWithSameKeyValue",
                    "Another object with the same value for property identifierUris already exists.",
                )


def _kept_passwords(application: Document, wanted: Any) -> list[Document]:
    known = {credential["keyId"]: credential for credential in application["passwordCredentials"]}
    kept = []
    for credential in wanted or []:
        key_id = credential.get("keyId") if isinstance(credential, dict) else None
        if key_id not in known:
            raise bad_request("New password credentials must be generated with service actions.")
        kept.append(known[key_id])
    return kept


def _merge(target: Document, changes: Document) -> None:
    for name, value in changes.items():
        if name in _MERGED and isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = value
