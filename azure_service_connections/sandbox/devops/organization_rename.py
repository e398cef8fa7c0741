"""Renaming an organization: people do it in the settings of the service, which has no address for it.

Its id stays, and with it the subjects of Entra's issuer; the subjects of Azure DevOps' own hold the new name
from then on, while the credentials in Entra ID hold the old one. The old address leads nowhere.
"""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

_KEYED: Final = ("runs", "checks", "agent-pools", "counters")
"""Collections whose keys hold the name."""

_OWNED: Final = (
    *("projects", "endpoints", "deleted-endpoints", "runs", "checks", "approvals", "agent-pools"),
    "personal-access-tokens",
)
"""Collections whose documents hold it."""


def rename(cloud: Cloud, organization: Document, name: str) -> None:
    """Give an organization a name that no other one has."""
    old, new = organization["name"].lower(), name.lower()
    cloud.store.remove("organizations", old)
    cloud.store.put("organizations", new, {**organization, "name": name})
    for collection in _OWNED:
        for key in cloud.store.keys(collection):
            document = cloud.store.get(collection, key)
            if document is not None and _follow(document, old, name):
                cloud.store.put(collection, key, document)
    for collection in _KEYED:
        for key in cloud.store.keys(collection):
            renamed = _renamed(key, old, new)
            if renamed != key:
                document = cloud.store.get(collection, key)
                assert document is not None
                cloud.store.remove(collection, key)
                cloud.store.put(collection, renamed, document)
    for key in cloud.store.keys("executions"):
        held = cloud.store.get("executions", key) or {"runs": []}
        runs = [_renamed(run, old, new) for run in held["runs"]]
        if runs != held["runs"]:
            cloud.store.put("executions", key, {"runs": runs})
    operator = cloud.store.get("settings", "operator")
    if operator is not None and _follow(operator, old, name):
        cloud.store.put("settings", "operator", operator)


def _follow(document: Any, old: str, name: str) -> bool:
    """Write the new name into a document that holds the old one, in the case in which it holds it."""
    changed = False
    held = document.get("organization")
    if isinstance(held, str) and held.lower() == old:
        document["organization"] = name.lower() if held == old else name
        changed = True
    for other in document.get("elsewhere", []):
        changed = _follow(other, old, name) or changed
    return changed


def _renamed(key: str, old: str, new: str) -> str:
    """A key that begins with the name, or (that of a counter) ends with it."""
    kind, _, rest = key.partition("/")
    if kind == old:
        return f"{new}/{rest}"
    return f"{kind}/{new}" if rest == old and kind in ("run", "check", "pipeline") else key
