"""Tags of subscriptions, resource groups and resources, at the address that they have by themselves."""

from azure_service_connections.sandbox.arm import resources
from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.errors import bad_request, not_found
from azure_service_connections.sandbox.arm.scopes import parse, segments
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

LIMIT = 50
"""How many tags one thing can have."""
_ONE = "/{*scope}/providers/Microsoft.Resources/tags/default"


@routes.get(_ONE)
def get_tags(call: Call, scope: str) -> Response:
    """The tags of a thing."""
    _, document = _tagged(call, scope)
    return _presented(document, document.get("tags") or {})


@routes.put(_ONE)
def put_tags(call: Call, scope: str) -> Response:
    """Replace all tags of a thing."""
    collection, document = _tagged(call, scope)
    return _keep(call, collection, document, _given(call))


@routes.patch(_ONE)
def patch_tags(call: Call, scope: str) -> Response:
    """Merge into the tags of a thing, replace them or delete some: `operation` says which."""
    collection, document = _tagged(call, scope)
    held, given = dict(document.get("tags") or {}), _given(call)
    operation = str(call.body().get("operation", "")).lower()
    if operation == "merge":
        held.update(given)
    elif operation == "replace":
        held = given
    elif operation == "delete":
        held = {key: value for key, value in held.items() if given.get(key) != value}
    else:
        raise bad_request("InvalidTagPatchOperation", "The operation must be 'Merge', 'Replace' or 'Delete'.")
    return _keep(call, collection, document, held)


@routes.delete(_ONE)
def delete_tags(call: Call, scope: str) -> Response:
    """Remove all tags of a thing."""
    collection, document = _tagged(call, scope)
    _keep(call, collection, document, {})
    return Response(200)


def _given(call: Call) -> dict[str, str]:
    tags = call.properties().get("tags")
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise bad_request("InvalidTags", "The tags must be an object whose values are strings.")
    return tags


def _tagged(call: Call, scope: str) -> tuple[str, Document]:
    place = parse(scope)
    if len(segments(scope)) == 2 and place.subscription is not None:
        document = call.cloud.store.get("subscriptions", place.subscription.lower())
        collection = "subscriptions"
    else:
        document, collection = resources.find(call.cloud, scope), resources.COLLECTION
    if document is None:
        raise not_found("ResourceNotFound", f"The resource '{place.text}' was not found.")
    return collection, document


def _keep(call: Call, collection: str, document: Document, tags: dict[str, str]) -> Response:
    if len(tags) > LIMIT:
        raise bad_request("TagsCountExceeded", f"A resource can have at most {LIMIT} tags.")
    document["tags"] = tags
    call.cloud.store.put(collection, document["id"].lower(), document)
    return _presented(document, tags)


def _presented(document: Document, tags: dict[str, str]) -> Response:
    scope = document["id"] if document["id"].startswith("/") else f"/subscriptions/{document['id']}"
    return Response(
        200,
        {
            "id": f"{scope}/providers/Microsoft.Resources/tags/default",
            "name": "default",
            "type": "Microsoft.Resources/tags",
            "properties": {"tags": tags},
        },
    )
