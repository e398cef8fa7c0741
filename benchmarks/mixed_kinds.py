"""The kinds of service connections in a mixed estate, and how many of a hundred each is.

The shares are an assumption about organizations that have had Azure DevOps for years: most connections still
have a secret, made by the service or by hand, and every rule of conversion and migration meets a few of them.
"""

from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Kind:
    """One kind: its name, its share in percent, and the keys of its section in the estate file."""

    name: str
    share: float
    keys: dict[str, Any] = field(default_factory=dict)
    identity: str = "automatic"
    """`automatic`, `application`, `managedIdentity` or `none`."""
    application: dict[str, Any] = field(default_factory=dict)
    """Further keys of its application's section."""
    scope: str = "subscription"
    """`subscription`, `resourceGroup`, `workspace`, `managementGroup`, `gone` or `partner`."""
    shared: bool = False


_SECRET: Final = {"scheme": "ServicePrincipal"}
_OLD_ISSUER: Final = {"issuer": "devops"}
_NEW_ISSUER: Final = {"issuer": "entra"}

KINDS: Final = (
    Kind("automatic, secret", 20, _SECRET, scope="resourceGroup"),
    Kind("automatic, secret ends soon", 4, {**_SECRET, "secretExpiresInDays": 9}, scope="resourceGroup"),
    Kind("automatic, secret has ended", 5, {**_SECRET, "secretExpiresInDays": -40}),
    Kind("automatic, secret, shared", 3, _SECRET, shared=True),
    Kind("automatic, secret, for a workspace", 1, _SECRET, scope="workspace"),
    Kind("automatic, secret, disabled", 1, {**_SECRET, "disabled": True}),
    Kind("automatic, secret, application deleted", 1, {**_SECRET, "applicationGone": True}),
    Kind(
        "automatic, secret, application lost",
        0.7,
        {**_SECRET, "applicationGone": True, "applicationGoneDaysAgo": 45},
    ),
    Kind("automatic, secret, subscription gone", 1, _SECRET, scope="gone"),
    Kind("automatic, secret, of another tenant", 1, _SECRET, scope="partner"),
    Kind(
        "automatic, failed",
        1,
        {"failed": "Failed to create an app in Microsoft Entra. Error: Insufficient privileges."},
    ),
    Kind("automatic, converted, can be reverted", 3, {"convertedDaysAgo": 3, **_NEW_ISSUER}),
    Kind("automatic, converted long ago", 2, {"convertedDaysAgo": 60, **_OLD_ISSUER}),
    Kind("automatic, federated, Entra's issuer", 7, _NEW_ISSUER, scope="resourceGroup"),
    Kind("automatic, federated, older issuer", 6, _OLD_ISSUER),
    Kind("by hand, secret", 16, _SECRET, "application", {"secret": True}),
    Kind(
        "by hand, secret has ended",
        4,
        _SECRET,
        "application",
        {"secret": True, "secretExpiresInDays": -15},
    ),
    Kind("by hand, secret, shared", 1, _SECRET, "application", {"secret": True}, shared=True),
    Kind("by hand, certificate", 2, {**_SECRET, "certificate": True}, "application"),
    Kind("by hand, federated, Entra's issuer", 5, _NEW_ISSUER, "application"),
    Kind("by hand, federated, older issuer", 6, _OLD_ISSUER, "application"),
    Kind("by hand, federated, older issuer, shared", 1, _OLD_ISSUER, "application", shared=True),
    Kind(
        "by hand, federated, older issuer, several tenants",
        0.7,
        _OLD_ISSUER,
        "application",
        {"multiTenant": True},
    ),
    Kind(
        "by hand, federated, for a management group", 0.7, _NEW_ISSUER, "application", scope="managementGroup"
    ),
    Kind("by hand, principal disabled", 0.7, _NEW_ISSUER, "application", {"disabled": True}),
    Kind("managed identity, Entra's issuer", 2.5, _NEW_ISSUER, "managedIdentity"),
    Kind("managed identity, older issuer", 1.5, _OLD_ISSUER, "managedIdentity"),
    Kind("of the agent's own identity", 1, {"scheme": "ManagedServiceIdentity"}, "none"),
    Kind(
        "Azure Government, secret",
        0.7,
        {**_SECRET, "cloud": "AzureUSGovernment"},
        "application",
        {"secret": True},
    ),
    Kind("21Vianet, federated", 0.7, {"cloud": "AzureChinaCloud"}, "application"),
    Kind(
        "Azure Stack, secret",
        0.5,
        {**_SECRET, "cloud": "AzureStack", "serverUrl": "https://management.stack.contoso.example/"},
        "application",
        {"secret": True},
    ),
)
"""In the order in which they are shared out."""


def counts(connections: int) -> dict[str, int]:
    """How many of so many connections are of each kind: at least one where there are enough of them."""
    least = 1 if connections >= len(KINDS) else 0
    left = connections - least * len(KINDS)
    total = sum(kind.share for kind in KINDS)
    exact = {kind.name: left * kind.share / total for kind in KINDS}
    found = {name: int(share) for name, share in exact.items()}
    rest = left - sum(found.values())
    for name in sorted(exact, key=lambda name: found[name] - exact[name])[:rest]:
        found[name] += 1
    return {name: count + least for name, count in found.items()}
