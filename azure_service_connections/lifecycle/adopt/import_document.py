"""From what a preview would make to the file by which the engine takes it over instead.

The preview is that of the stack with the new connections in its file. Everything that it would create is an
entry: parents, providers and inputs are the program's own, ids those of the objects that exist.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.part_names import key_of

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that is known only once something was made."""
BLINDED: Final = "[secret]"
"""How the engine writes a secret."""
STACK: Final = "pulumi:pulumi:Stack"
_PROVIDER: Final = "pulumi:providers:"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_CREATE: Final = "create"
_SAME: Final = "same"


class Preview:
    """The steps of a preview of the stack with the connections that are to be taken over."""

    def __init__(self, steps: Sequence[Mapping[str, Any]], candidates: Mapping[str, Candidate]) -> None:
        """`candidates` are the connections by their keys."""
        self._candidates = candidates
        self._keys = tuple(candidates)
        self.steps = [each for each in steps if _state(each).get("type") != STACK]

    @property
    def created(self) -> list[Mapping[str, Any]]:
        """The states of what the preview would make, default providers left out: the engine makes them."""
        return [
            _state(each)
            for each in self.steps
            if each["op"] == _CREATE and not _is_default_provider(str(each["urn"]))
        ]

    def others(self) -> list[str]:
        """What the preview would do besides: the stack's own changes that are still to be made."""
        return [
            f"{each['op']} {described(str(each['urn']))}"
            for each in self.steps
            if each["op"] not in (_CREATE, _SAME)
            or (
                each["op"] == _CREATE
                and not _state(each)["type"].startswith(_PROVIDER)
                and self._candidate(str(each["urn"])) is None
            )
        ]

    def unfound(self) -> list[str]:
        """What the stack would make anew, for nothing that exists is known to stand for it."""
        return [
            described(str(state["urn"]))
            for state in self.created
            if state["custom"] and not state["type"].startswith(_PROVIDER) and not self._id_of(state)
        ]

    def holds_secrets(self) -> bool:
        """Whether a provider's inputs are blinded, so that the preview is made again with them shown."""
        return any(
            BLINDED in json.dumps(state.get("inputs") or {})
            for state in self.created
            if state["type"].startswith(_PROVIDER)
        )

    def document(self, shown: "Preview | None" = None) -> dict[str, Any]:
        """The file for `pulumi import --file`.

        `shown` is the same preview with secrets in clear; its providers' secrets go into the file marked, so
        that the engine encrypts them.
        """
        clear = {state["urn"]: state for state in shown.created} if shown is not None else {}
        handles: dict[str, str] = {}
        made = {str(state["urn"]) for state in self.created}
        entries = [self._entry(state, clear.get(state["urn"], state), handles) for state in self.created]
        return {
            "resources": entries,
            "nameTable": {handle: urn for urn, handle in handles.items() if urn not in made},
        }

    def _entry(
        self, state: Mapping[str, Any], clear: Mapping[str, Any], handles: dict[str, str]
    ) -> dict[str, Any]:
        urn, kind = str(state["urn"]), str(state["type"])
        entry: dict[str, Any] = {"type": kind, "name": _handle(urn, handles), "logicalName": name_of(urn)}
        if kind.startswith(_PROVIDER):
            entry["inputs"] = _marked(state.get("inputs") or {}, clear.get("inputs") or {})
            return entry
        parent = str(state.get("parent") or "")
        if parent and f"::{STACK}::" not in parent:
            entry["parent"] = _handle(parent, handles)
        if not state["custom"]:
            return {**entry, "component": True, "inputs": self.known_inputs(state)}
        provider = str(state.get("provider") or "").rpartition("::")[0]
        if _is_default_provider(provider):
            if version := provider.rpartition("::default_")[2]:
                entry["version"] = version.replace("_", ".")
        elif provider:
            entry["provider"] = _handle(provider, handles)
        return {**entry, "id": self._id_of(state)}

    def known_inputs(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of a component, those filled in that the preview could not know."""
        candidate = self._candidate(str(state["urn"]))
        values = candidate.values if candidate is not None else {}
        return {
            key: values.get(key, value) if value == UNKNOWN else value
            for key, value in (state.get("inputs") or {}).items()
        }

    def candidate_of(self, urn: str) -> Candidate | None:
        """The connection that a resource belongs to."""
        return self._candidate(urn)

    def _candidate(self, urn: str) -> Candidate | None:
        key = key_of(name_of(urn), self._keys)
        return None if key is None else self._candidates[key]

    def _id_of(self, state: Mapping[str, Any]) -> str:
        candidate = self._candidate(str(state["urn"]))
        if candidate is None:
            return ""
        return candidate.ids.get((str(state["type"]), name_of(str(state["urn"]))), "")


def changes_in(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a preview would change, a sentence each without its full stop; nothing where it is empty."""
    return [
        f"{described(str(each['urn']))} would be {_done(str(each['op']))}{_properties(each)}"
        for each in steps
        if each["op"] != _SAME and _state(each).get("type") != STACK
    ]


def described(urn: str) -> str:
    """A resource as people read it: its kind and its name."""
    kind = urn.rpartition("$")[2].split("::")[0] if "$" in urn else urn.split("::")[2]
    return f"{kind.rpartition(':')[2]} '{name_of(urn)}'"


def name_of(urn: str) -> str:
    """The name of a resource."""
    return urn.split("::", 3)[3]


def _state(step: Mapping[str, Any]) -> Mapping[str, Any]:
    state: Mapping[str, Any] = step.get("newState") or step.get("oldState") or {}
    return state


def _is_default_provider(urn: str) -> bool:
    return f"::{_PROVIDER}" in urn and name_of(urn).startswith("default")


def _handle(urn: str, handles: dict[str, str]) -> str:
    # Names of different types may be equal; handles have to differ.
    return handles.setdefault(urn, f"object{len(handles)}")


def _marked(blinded: Any, clear: Any) -> Any:
    """Inputs with the secrets that a preview blinds, marked as such."""
    if blinded == BLINDED and clear != BLINDED:
        return secret(clear)
    if isinstance(blinded, Mapping) and isinstance(clear, Mapping):
        return {key: _marked(value, clear.get(key)) for key, value in blinded.items()}
    return clear


def secret(value: Any) -> dict[str, str]:
    """A value as the engine writes a secret that is shown."""
    return {_SIGNATURE: _SECRET, "plaintext": json.dumps(value)}


def _done(operation: str) -> str:
    return {
        "create": "made",
        "delete": "deleted",
        "update": "changed",
        "replace": "replaced",
        "create-replacement": "replaced",
        "delete-replaced": "replaced",
    }.get(operation, operation)


def _properties(step: Mapping[str, Any]) -> str:
    named = sorted(step.get("detailedDiff") or {}) or sorted(step.get("diffReasons") or ())
    return f" ({', '.join(named)})" if named and step["op"] != _CREATE else ""
