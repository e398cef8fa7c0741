"""What an interrupted run was in the middle of, as the exported state of its stack tells."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SERVICE_CONNECTIONS: Final = ("ServiceEndpointAzureRM", "ServiceendpointGenericV2")
_PROVIDER_TYPE: Final = "pulumi:providers:"
_STACK_TYPE: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class PendingOperation:
    """One operation that the engine began and never saw the end of."""

    kind: str
    """creating, updating, deleting, reading or importing."""
    resource: Mapping[str, Any]
    """The resource as the state holds it."""

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return str(self.resource["urn"])

    @property
    def type(self) -> str:
        """The resource's type token."""
        return str(self.resource["type"])

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.split("::", 3)[3]

    @property
    def id(self) -> str:
        """The object's id; empty for one that was being made."""
        return str(self.resource.get("id") or "")

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the resource was to be made from; secrets as the state holds them."""
        inputs: Mapping[str, Any] = self.resource.get("inputs") or {}
        return inputs

    @property
    def has_object(self) -> bool:
        """Whether a service holds something for it: components and providers live in the state alone."""
        return bool(self.resource.get("custom")) and not self.type.startswith(_PROVIDER_TYPE)

    @property
    def provider(self) -> str | None:
        """The URN of the resource's provider."""
        reference = str(self.resource.get("provider") or "")
        return reference.rpartition("::")[0] or None

    @property
    def parent(self) -> str | None:
        """The URN of the resource's parent, unless that is the stack itself."""
        parent = str(self.resource.get("parent") or "")
        return parent if parent and f"::{_STACK_TYPE}::" not in parent else None

    def __str__(self) -> str:
        """The resource as people read it: the kind of thing and its name."""
        kind = self.type.rpartition(":")[2]
        if kind in _SERVICE_CONNECTIONS:
            return f"service connection '{self.name}'"
        words = (word if word.isupper() else word.lower() for word in _WORDS.split(kind))
        return f"{' '.join(words)} '{self.name}'"


class State:
    """An exported state."""

    def __init__(self, exported: Mapping[str, Any]) -> None:
        """`exported` is what `pulumi stack export` writes; it is not changed."""
        self.exported = exported
        self._deployment: Mapping[str, Any] = exported.get("deployment") or {}

    @property
    def pending(self) -> list[PendingOperation]:
        """The operations that were under way, in the order in which they began."""
        held = self._deployment.get("pending_operations") or ()
        return [PendingOperation(str(each["type"]), each["resource"]) for each in held]

    @property
    def resources(self) -> list[Mapping[str, Any]]:
        """Everything that the state knows."""
        return list(self._deployment.get("resources") or ())

    def resource(self, urn: str | None) -> Mapping[str, Any] | None:
        """The live resource of a URN; one that is only to be deleted yet does not count."""
        return next((each for each in self.resources if each["urn"] == urn and not each.get("delete")), None)

    def ids(self, type_token: str) -> set[str]:
        """The ids of all resources of a type, those that are to be deleted too."""
        return {str(each["id"]) for each in self.resources if each["type"] == type_token and "id" in each}

    def edited(
        self,
        changes: Mapping[str, Mapping[str, Any]],
        gone: Collection[tuple[str, str]] = (),
        more: Iterable[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        """The export without pending operations, and with the resources put right.

        `changes` are new entries for live resources by URN; `gone` are resources to leave out, by URN and id;
        `more` comes after all others.
        """
        deployment = dict(self._deployment)
        deployment.pop("pending_operations", None)
        if changes or gone or more:
            kept = [each for each in self.resources if (each["urn"], str(each.get("id", ""))) not in gone]
            urns = {each["urn"] for each in kept}
            deployment["resources"] = [
                _depending_only_on(urns, each if each.get("delete") else changes.get(each["urn"], each))
                for each in kept
            ] + [_depending_only_on(urns, each) for each in more]
        return {**self.exported, "deployment": deployment}


def _depending_only_on(urns: Collection[str], resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """A resource without references to what is not in the state, which the engine would refuse."""
    changed = dict(resource)
    for key in ("dependencies", "replaceWith"):
        if key in changed:
            changed[key] = [urn for urn in changed[key] if urn in urns]
    if "propertyDependencies" in changed:
        changed["propertyDependencies"] = {
            name: [urn for urn in of or () if urn in urns]
            for name, of in changed["propertyDependencies"].items()
        }
    if changed.get("deletedWith") not in (None, *urns):
        del changed["deletedWith"]
    return changed


def plain(value: Any) -> Any:
    """A value of a state that was exported with its secrets shown, the marks of secrets taken away.

    A secret that is still encrypted becomes None.
    """
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return json.loads(value["plaintext"]) if "plaintext" in value else None
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
