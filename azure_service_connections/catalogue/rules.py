"""What the services accept as names, ids and texts.

Every rule takes a text (one a number) and returns None, or what is wrong with it and what to write: the
part of a sentence that follows a path. Stack files and the components' inputs are checked by the same rules.
"""

import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from azure_service_connections.catalogue import clouds, identifiers, roles
from azure_service_connections.catalogue.wording import listed, nearest, quoted

Rule = Callable[[str], str | None]

_FEDERATED_CREDENTIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}")
_MANAGED_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}")
_RESOURCE_GROUP = re.compile(r"[-\w().]{0,89}[-\w()]")
_MANAGEMENT_GROUP_NAME = re.compile(r"[\w().-]{0,89}[\w()-]")
_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}")
_MANAGEMENT_GROUP = re.compile(r"/providers/Microsoft\.Management/managementGroups/[^/]+", re.IGNORECASE)
_WEB_APP = re.compile(
    r"/subscriptions/([^/]+)/resourceGroups/[^/]+/providers/Microsoft\.Web/sites/[^/]+", re.IGNORECASE
)
_APPLICATION = re.compile(r"/applications/([^/]+)")
_MIDNIGHT = re.compile(r"\d{4}-\d{2}-\d{2}T00:00:00Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def length(limit: int) -> Rule:
    """A text of at most so many characters."""

    def at_most(text: str) -> str | None:
        return None if len(text) <= limit else f"has {len(text)} characters; shorten it to {limit}"

    return at_most


def not_blank(text: str) -> str | None:
    """A text that says something."""
    return None if text.strip() else "is blank; write a text or leave the key out"


def guid(text: str) -> str | None:
    """An id in the form that Entra ID, Azure and Azure DevOps share."""
    if identifiers.is_guid(text):
        return None
    return f"{quoted(text)} is not a GUID; write it in the form 00000000-0000-0000-0000-000000000000"


def connection_name(text: str) -> str | None:
    """The name of a service connection: pipelines name it, so it is held to what they can write plainly.

    Azure DevOps refuses a blank one. The limit is that of the display name of an application, which is
    named after its connection.
    """
    if not text.strip():
        return "is blank; write the name that pipelines are to use"
    if text != text.strip() or _CONTROL.search(text):
        return f"{quoted(text)} starts or ends with a blank or holds a line break; write it without"
    return length(256)(text)


def federated_credential_name(text: str) -> str | None:
    """3 to 120 characters; source: "Important considerations for federated identity credentials"."""
    if _FEDERATED_CREDENTIAL.fullmatch(text):
        return None
    return (
        f"{quoted(text)} cannot name a federated credential; write 3 to 120 letters, digits, dashes and "
        "underscores, a letter or a digit first"
    )


def managed_identity_name(text: str) -> str | None:
    """3 to 128 characters; source: "Naming rules and restrictions for Azure resources"."""
    if _MANAGED_IDENTITY.fullmatch(text):
        return None
    return (
        f"{quoted(text)} cannot name a managed identity; write 3 to 128 letters, digits, dashes and "
        "underscores, a letter or a digit first"
    )


def resource_group_name(text: str) -> str | None:
    """1 to 90 characters; source: "Naming rules and restrictions for Azure resources"."""
    if _RESOURCE_GROUP.fullmatch(text):
        return None
    return (
        f"{quoted(text)} cannot name a resource group; write 1 to 90 letters, digits, dots, dashes, "
        "underscores and parentheses, no dot at the end"
    )


def management_group_name(text: str) -> str | None:
    """1 to 90 characters; source: "Naming rules and restrictions for Azure resources"."""
    if _MANAGEMENT_GROUP_NAME.fullmatch(text):
        return None
    return (
        f"{quoted(text)} is not the id of a management group; write the last part of its full id: 1 to 90 "
        "letters, digits, dots, dashes, underscores and parentheses, no dot at the end"
    )


def workspace_name(text: str) -> str | None:
    """3 to 33 characters; source: "Naming rules and restrictions for Azure resources"."""
    if _WORKSPACE.fullmatch(text):
        return None
    return (
        f"{quoted(text)} cannot name a workspace; write 3 to 33 letters, digits, dashes and underscores, a "
        "letter or a digit first"
    )


def managed_identity_id(text: str) -> str | None:
    """The id of a user-assigned managed identity."""
    if identifiers.managed_identity_id(text):
        return None
    return (
        f"{quoted(text)} is not the id of a managed identity; write /subscriptions/GUID/resourceGroups/NAME"
        "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME"
    )


def application_id(text: str) -> str | None:
    """The object id of an application, alone or as Graph's path."""
    found = _APPLICATION.fullmatch(text)
    if identifiers.is_guid(found[1] if found else text):
        return None
    return f"{quoted(text)} is not the object id of an application; write its GUID or /applications/GUID"


def role(text: str) -> str | None:
    """A role by name, GUID or full id."""
    if roles.role_guid(text):
        return None
    meant = nearest(text, roles.BUILT_IN_ROLES)
    if meant:
        return f"{quoted(text)} is not a known role; write '{meant}' or the role's GUID"
    return f"{quoted(text)} is not a known role; write the name of a built-in role or the role's GUID"


def scope(text: str) -> str | None:
    """Where a role holds: the root, a management group, or anything at or below a subscription."""
    path = text.rstrip("/") or text[:1]
    subscription = identifiers.subscription_of(path)
    if (
        path == "/"
        or _MANAGEMENT_GROUP.fullmatch(path)
        or (subscription and identifiers.is_guid(subscription))
    ):
        return None
    return (
        f"{quoted(text)} is not a scope; write /subscriptions/GUID, "
        "/subscriptions/GUID/resourceGroups/NAME or the id of a resource"
    )


def organization_url(text: str) -> str | None:
    """The address of an Azure DevOps organization."""
    if _is_https(text):
        return None
    return f"{quoted(text)} is not the address of an organization; write https://dev.azure.com/NAME"


def _is_https(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        return False


def secret(text: str) -> str | None:
    """Something that no message shows."""
    return None if text.strip() else "is blank; write the secret, encrypted"


def certificate(text: str) -> str | None:
    """A certificate in PEM form, without its private key: this part is made public."""
    if "PRIVATE KEY-----" in text:
        return "holds a private key too; move that to `privateKey`"
    if "-----BEGIN CERTIFICATE-----" in text and "-----END CERTIFICATE-----" in text:
        return None
    return "holds no certificate in PEM form; write the text from -----BEGIN CERTIFICATE----- to its end"


def private_key(text: str) -> str | None:
    """A private key in PEM form, which no message shows."""
    if re.search(r"-----BEGIN (?:\w+ )?PRIVATE KEY-----", text):
        return None
    return "holds no private key in PEM form; write the text from -----BEGIN PRIVATE KEY----- to its end"


def end_date(text: str) -> str | None:
    """When something ends: midnight in UTC, which is how Entra ID gives it back."""
    if _MIDNIGHT.fullmatch(text):
        try:
            date.fromisoformat(text[:10])
        except ValueError:
            return f"{quoted(text)} is no day of the calendar; write one, as 2027-01-31T00:00:00Z"
        return None
    return f"{quoted(text)} is not the midnight at which it ends; write it as 2027-01-31T00:00:00Z"


def generation(number: float) -> str | None:
    """How often something was made anew, the first time included."""
    whole = isinstance(number, int) or number.is_integer()
    if whole and 1 <= number < 2**31:
        return None
    return f"{quoted(number)} is not a generation; write 1, and one more each time"


def replacement(text: str) -> str | None:
    """Whether a connection may be replaced by a new one."""
    if text == "allowed":
        return None
    return f"{quoted(text)} says nothing; write allowed, or remove the key to keep the connection"


def environment(text: str) -> str | None:
    """A cloud by the name that Azure DevOps has for it."""
    if text in clouds.ENVIRONMENTS:
        return None
    return f"{quoted(text)} is no cloud; write {listed(clouds.ENVIRONMENTS)}"


def server_url(text: str) -> str | None:
    """The address of a Resource Manager."""
    if _is_https(text):
        return None
    return f"{quoted(text)} is not an address; write it as https://management.local.azurestack.external"


def web_app_id(text: str) -> str | None:
    """The id of an App Service."""
    found = _WEB_APP.fullmatch(text)
    if found and identifiers.is_guid(found[1]):
        return None
    return (
        f"{quoted(text)} is not the id of an App Service; write /subscriptions/GUID/resourceGroups/NAME"
        "/providers/Microsoft.Web/sites/NAME"
    )


def pipeline_id(number: float) -> str | None:
    """The id of a pipeline: a whole number from 1 up that Azure DevOps can count to."""
    whole = isinstance(number, int) or number.is_integer()
    if whole and 1 <= number < 2**31:
        return None
    written = int(number) if whole else number
    return (
        f"{quoted(written)} is not the id of a pipeline; write the number in the pipeline's address "
        "(definitionId=…)"
    )


def owner(text: str) -> str | None:
    """Somebody who may administer an application."""
    if identifiers.is_guid(text) or re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        return None
    return (
        f"{quoted(text)} is nobody who can be looked up; write a user principal name such as "
        "ada@contoso.example or an object id"
    )


def project(text: str) -> str | None:
    """The name or the id of an Azure DevOps project; source: "Naming restrictions and conventions"."""
    if not text.strip():
        return "is blank; write the name or the id of the project"
    return length(64)(text)
