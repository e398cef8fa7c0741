"""What Graph keeps of a service principal, how a body changes it and how it is shown."""

import copy
from typing import Final

from azure_service_connections.sandbox.entra.application_record import INTERNAL, show_credentials
from azure_service_connections.sandbox.entra.errors import bad_request
from azure_service_connections.sandbox.store import Document

_READ_ONLY: Final = ("id", "appId", "createdDateTime", "appDisplayName", "appOwnerOrganizationId")
_DEFAULTS: Final[Document] = {
    "deletedDateTime": None,
    "accountEnabled": True,
    "alternativeNames": [],
    "appDescription": None,
    "applicationTemplateId": None,
    "appOwnerOrganizationId": None,
    "appRoleAssignmentRequired": False,
    "description": None,
    "disabledByMicrosoftStatus": None,
    "homepage": None,
    "loginUrl": None,
    "logoutUrl": None,
    "notes": None,
    "notificationEmailAddresses": [],
    "preferredSingleSignOnMode": None,
    "preferredTokenSigningKeyThumbprint": None,
    "replyUrls": [],
    "servicePrincipalNames": [],
    "signInAudience": None,
    "tags": [],
    "tokenEncryptionKeyId": None,
    "samlMetadataUrl": None,
    "samlSingleSignOnSettings": None,
    "addIns": [],
    "appRoles": [],
    "info": None,
    "keyCredentials": [],
    "oauth2PermissionScopes": [],
    "passwordCredentials": [],
    "resourceSpecificApplicationPermissions": [],
    "verifiedPublisher": None,
}


def blank() -> Document:
    """The properties of a service principal that nobody has set."""
    return copy.deepcopy(_DEFAULTS)


def view(principal: Document) -> Document:
    """A service principal as Graph shows it."""
    shown = {**_DEFAULTS, **principal}
    return show_credentials({key: value for key, value in shown.items() if key not in INTERNAL})


def apply(principal: Document, changes: Document) -> None:
    """Change a service principal as a POST or PATCH body says. Raises Graph's refusal of what may not be."""
    for name, value in changes.items():
        if "@odata." in name:
            continue
        if name not in principal or name in INTERNAL:
            raise bad_request(f"Invalid property '{name}'.")
        if name in _READ_ONLY and value != principal[name]:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
        if name in ("passwordCredentials", "keyCredentials"):
            raise bad_request(f"Property '{name}' of a service principal is changed by its own actions.")
        principal[name] = value
