"""Owners of applications and service principals: bound at creation, then added and removed one by one."""

from typing import Any, Final

from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.property_values import Properties

AT_CREATION: Final = 20
"""Owners that Graph takes in one POST; the caller is one of them."""


class Owners:
    """Who owns an object, as asked for; the calling principal owns it until it is complete."""

    def __init__(self, graph: GraphClient, asked: list[str]) -> None:
        self._graph = graph
        caller = graph.object_id.lower()
        self._keeps_caller = any(owner.lower() == caller for owner in asked)
        others = [owner for owner in asked if owner.lower() != caller]
        self._bound = [graph.object_id, *others[: AT_CREATION - 1]]
        self._later = others[AT_CREATION - 1 :]

    def binding(self) -> list[str]:
        """`owners@odata.bind` of the POST: the caller and at most 19 others."""
        return [self._graph.object_address(owner) for owner in self._bound]

    def complete(self, path: str, what: str) -> None:
        """Add the owners beyond 20, then remove the caller unless it is asked for."""
        for owner in self._later:
            add_owner(self._graph, path, owner, what)
        if not self._keeps_caller:
            remove_owner(self._graph, path, self._graph.object_id, what)


def owner_ids(graph: GraphClient, path: str, what: str) -> list[str]:
    """The object ids of the owners."""
    return [str(owner.get("id")) for owner in graph.list(f"{path}/owners", f"reading the owners of {what}")]


def change_owners(graph: GraphClient, path: str, asked: list[str], what: str) -> None:
    """Add and remove owners until they are those asked for."""
    present = owner_ids(graph, path, what)
    for owner in asked:
        if owner.lower() not in map(str.lower, present):
            add_owner(graph, path, owner, what)
    for owner in present:
        if owner.lower() not in map(str.lower, asked):
            remove_owner(graph, path, owner, what)


def add_owner(graph: GraphClient, path: str, owner: str, what: str) -> None:
    """POST one reference."""
    body: Properties = {"@odata.id": graph.object_address(owner)}
    graph.change("POST", f"{path}/owners/$ref", f"adding owner {owner} to {what}", body)


def remove_owner(graph: GraphClient, path: str, owner: str, what: str) -> Any:
    """DELETE one reference."""
    return graph.change("DELETE", f"{path}/owners/{owner}/$ref", f"removing owner {owner} from {what}")
