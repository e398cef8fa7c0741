"""Resources of any other type: a plain store behind Azure's rules of access.

A `PUT` keeps what it is given and a `GET` gives it back, with `provisioningState` `Succeeded`. No resource
provider looks at the properties and nothing runs. What is real is everything around it: the role that is
needed, the resource group that has to exist, the parent of a nested resource, the region that cannot change.
"""

from azure_service_connections.sandbox.arm import locations, resource_providers, resources
from azure_service_connections.sandbox.arm.calls import Call, decides_itself
from azure_service_connections.sandbox.arm.errors import not_found
from azure_service_connections.sandbox.arm.scopes import join, parse, segments
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

_ONE = "/subscriptions/{subscription}/resourceGroups/{group}/providers/{namespace}/{*rest}"
_ALL = "/subscriptions/{subscription}/providers/{namespace}/{kind}"
_OWN_MODELS = ("microsoft.authorization", "microsoft.management", "microsoft.resources")
_KEPT = ("tags", "sku", "kind", "identity", "plan", "zones", "managedBy", "extendedLocation")


def stores(request: Request) -> bool:
    """Whether the plain store answers for an address: not where the sandbox has real rules for the namespace.

    Of managed identities it gives the lists.
    """
    parts = [part.lower() for part in segments(request.path)]
    at = max((index for index, part in enumerate(parts) if part == "providers"), default=len(parts))
    namespace = parts[at + 1] if at + 1 < len(parts) else ""
    if namespace == "microsoft.managedidentity":
        return request.method == "GET" and parts[-1] == "userassignedidentities"
    return namespace not in _OWN_MODELS


@routes.put(_ONE)
def put_resource(call: Call, subscription: str, group: str, namespace: str, rest: str) -> Response:
    """Create a resource (201) or replace it (200)."""
    resources.group_of(call.cloud, subscription, group)
    identifier = _identifier(call, rest)
    resource_providers.registered(call.cloud, subscription, namespace)
    resources.parent_exists(call.cloud, identifier)
    body = call.body()
    existing = resources.find(call.cloud, identifier)
    document = existing or resources.new(call.cloud, identifier, call.address.kind)
    if isinstance(body.get("location"), str):
        location = locations.normal(body["location"])
        if existing is not None and existing.get("location"):
            resources.same_location(existing, location, group)
        document["location"] = location
    for key in _KEPT:
        document.pop(key, None)
        if body.get(key) is not None:
            document[key] = body[key]
    document["properties"] = {**call.properties(), "provisioningState": "Succeeded"}
    resources.keep(call.cloud, document)
    return Response(200 if existing is not None else 201, resources.presented(document))


@routes.patch(_ONE)
def patch_resource(call: Call, subscription: str, group: str, namespace: str, rest: str) -> Response:
    """Replace the given parts of a resource; given properties are merged into those that it has."""
    document = _required(call, rest)
    body = call.body()
    document.update({key: body[key] for key in _KEPT if key in body})
    document["properties"] = {**document["properties"], **call.properties()}
    resources.keep(call.cloud, document)
    return Response(200, resources.presented(document))


@routes.get(_ONE)
@decides_itself
def get_resource(call: Call, subscription: str, group: str, namespace: str, rest: str) -> Response:
    """One resource, or all of one type in the group, or of one type below a resource, that are readable."""
    if len(segments(rest)) % 2 == 1:
        scope = resources.group_id(subscription, group)
        if not call.rights.reach_into(scope):
            call.require(call.address.action, call.address.scope)
        resources.group_of(call.cloud, subscription, group)
        return _listed(call, join(*segments(call.request.path)[:-1]))
    call.require(call.address.action, call.address.scope)
    return Response(200, resources.presented(_required(call, rest)))


@routes.add("HEAD", _ONE)
def check_resource(call: Call, subscription: str, group: str, namespace: str, rest: str) -> Response:
    """204 where the resource exists, 404 where not."""
    _required(call, rest)
    return Response(204)


@routes.delete(_ONE)
def delete_resource(call: Call, subscription: str, group: str, namespace: str, rest: str) -> Response:
    """Delete a resource with what lies in it (200; 204 where there is none)."""
    resources.group_of(call.cloud, subscription, group)
    gone = resources.removed(call.cloud, _identifier(call, rest))
    return Response(200 if gone else 204)


@routes.get(_ALL)
@decides_itself
def list_in_subscription(call: Call, subscription: str, namespace: str, kind: str) -> Response:
    """The resources of one type in a subscription that the caller may read."""
    scope = f"/subscriptions/{subscription}"
    if not call.rights.reach_into(scope):
        call.require(call.address.action, call.address.scope)
    return _listed(call, scope)


def _listed(call: Call, scope: str) -> Response:
    found = [
        resources.presented(each)
        for each in resources.below(call.cloud, scope)
        if each["type"].lower() == call.address.kind.lower()
        and call.rights.allows(call.address.action, each["id"])
    ]
    return Response(200, {"value": found})


def _required(call: Call, rest: str) -> Document:
    return resources.required(call.cloud, _identifier(call, rest), call.address.kind, call.address.name)


def _identifier(call: Call, rest: str) -> str:
    """The id that an address names. Raises 404 where the address is that of a list."""
    if len(segments(rest)) % 2 == 1:
        raise not_found(
            "InvalidResourceType",
            f"The resource type '{rest}' could not be found for a {call.request.method}: a name is missing.",
        )
    return parse(call.request.path).text
