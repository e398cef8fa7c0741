"""The file that tells the engine which objects to take into a stack's state."""

from collections.abc import Mapping, Sequence
from typing import Any

from azure_service_connections.lifecycle.pending_operations import PendingOperation


def import_file(objects: Sequence[tuple[PendingOperation, str]]) -> dict[str, Any]:
    """The content of the file for `pulumi import --file`: each object under the name that the program uses.

    Each comes with the id that its plugin wants. Parents and providers are those that the state has; the file
    refers to them by handles, for URNs are not allowed there.
    """
    handles: dict[str, str] = {}
    return {
        "resources": [
            _entry(operation, identifier, number, handles)
            for number, (operation, identifier) in enumerate(objects)
        ],
        "nameTable": {handle: urn for urn, handle in handles.items()},
    }


def _entry(
    operation: PendingOperation, identifier: str, number: int, handles: dict[str, str]
) -> Mapping[str, Any]:
    entry = {
        "type": operation.type,
        # Names of different types may be equal; handles have to differ.
        "name": f"object{number}",
        "logicalName": operation.name,
        "id": identifier,
    }
    if operation.parent is not None:
        entry["parent"] = handles.setdefault(operation.parent, f"known{len(handles)}")
    if operation.provider is not None:
        entry["provider"] = handles.setdefault(operation.provider, f"known{len(handles)}")
    return entry
