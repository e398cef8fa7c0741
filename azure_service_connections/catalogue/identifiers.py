"""GUIDs and the ids of Azure resources: what they look like and what can be read from them."""

import re
from typing import NamedTuple

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)(?:/.*)?", re.IGNORECASE)
_MANAGED_IDENTITY = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/(?P<name>[^/]+)",
    re.IGNORECASE,
)


class ManagedIdentityId(NamedTuple):
    """The parts of the id of a user-assigned managed identity."""

    subscription_id: str
    resource_group: str
    name: str

    def __str__(self) -> str:
        """The id as Azure Resource Manager spells it."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{self.name}"
        )


def is_guid(text: str) -> bool:
    """Whether the text is a GUID in its usual form: five groups of hexadecimal digits with dashes."""
    return _GUID.fullmatch(text) is not None


def managed_identity_id(text: str) -> ManagedIdentityId | None:
    """The parts of a managed identity's id, or None where the text is something else."""
    found = _MANAGED_IDENTITY.fullmatch(text)
    if found is None or not is_guid(found["subscription"]):
        return None
    return ManagedIdentityId(found["subscription"].lower(), found["group"], found["name"])


def as_azure_spells(scope: str) -> str:
    """A scope as Azure Resource Manager answers it: the subscription in lower case, no slash at the end."""
    scope = scope.rstrip("/") or "/"
    subscription = subscription_of(scope)
    if subscription is None:
        return scope
    return f"/subscriptions/{subscription}{scope[len('/subscriptions/') + len(subscription) :]}"


def subscription_of(scope: str) -> str | None:
    """The subscription that a scope is in, lower-cased, or None for one above every subscription."""
    found = _SUBSCRIPTION.fullmatch(scope)
    return found[1].lower() if found else None
