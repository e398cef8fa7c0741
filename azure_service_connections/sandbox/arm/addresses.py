"""What a request asks for, read from its method and address: the operation and the scope it is checked at."""

from dataclasses import dataclass

from azure_service_connections.sandbox.arm.scopes import ROOT, join, segments

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_RESOURCES = "Microsoft.Resources"
_SPELLINGS = {
    spelling.lower(): spelling
    for spelling in (
        "Microsoft.Authorization",
        "Microsoft.MachineLearningServices",
        "Microsoft.ManagedIdentity",
        "Microsoft.Management",
        "Microsoft.Resources",
        "Microsoft.Storage",
        "federatedIdentityCredentials",
        "managementGroups",
        "resourceGroups",
        "roleAssignments",
        "roleDefinitions",
        "storageAccounts",
        "userAssignedIdentities",
    )
}


@dataclass(frozen=True)
class Address:
    """An address of Azure Resource Manager taken apart."""

    kind: str
    """The resource type, such as `Microsoft.Storage/storageAccounts`; for a list, that of its members."""
    name: str
    """The names joined by slashes; for a list, those of the parents."""
    scope: str
    """Where the right is asked for: the thing itself, or what a list is taken of."""
    action: str
    """The operation, such as `Microsoft.Storage/storageAccounts/write`."""


def spelled(part: str) -> str:
    """A namespace or type in the spelling of its resource provider where that is known."""
    return _SPELLINGS.get(part.lower(), part)


def read(method: str, path: str) -> Address:
    """Take the address of a request apart.

    GET and HEAD are `read`, PUT and PATCH `write`, DELETE `delete`, and POST to `…/x` is `x/action`.
    """
    parts = segments(path)
    at = max((index for index, part in enumerate(parts) if part.lower() == "providers"), default=None)
    if at is None:
        prefix, namespace, rest = [], _RESOURCES, parts
    elif len(parts) <= at + 2:
        # `…/providers` and `…/providers/{namespace}`: the resource providers of a subscription.
        verb = _VERBS.get(method, "read")
        return Address(
            "Microsoft.Resources/subscriptions/providers",
            "/".join(parts[at + 1 :]),
            join(*parts[:at]) if at else ROOT,
            f"Microsoft.Resources/subscriptions/providers/{verb}",
        )
    else:
        prefix, namespace, rest = parts[: at + 2], spelled(parts[at + 1]), parts[at + 2 :]
    called = ""
    if method == "POST":
        called, rest, parts = rest[-1], rest[:-1], parts[:-1]
        if len(rest) == 0 and at is not None:
            parts = parts[:at]
    kind = "/".join((namespace, *(spelled(part) for part in rest[0::2])))
    action = f"{kind}/{called}/action" if called else f"{kind}/{_VERBS.get(method, 'read')}"
    if len(rest) % 2 == 0:
        return Address(kind, "/".join(rest[1::2]), join(*parts), action)
    parents = prefix if len(rest) == 1 else parts[:-1]
    return Address(kind, "/".join(rest[1::2]), join(*parents) if parents else ROOT, action)
