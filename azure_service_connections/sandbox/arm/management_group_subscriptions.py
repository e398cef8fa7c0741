"""Which subscriptions lie in which management group."""

from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.errors import not_found, subscription_not_found
from azure_service_connections.sandbox.arm.management_group import members, membership, required
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

_ALL = "/providers/Microsoft.Management/managementGroups/{group}/subscriptions"
_ONE = _ALL + "/{subscription}"


@routes.get(_ALL)
def list_subscriptions(call: Call, group: str) -> Response:
    """The subscriptions that lie directly in a group."""
    document = required(call.cloud, call.caller.tenant_id, group)
    found = [membership(document, each) for each in members(call.cloud, document)]
    return Response(200, {"value": found})


@routes.get(_ONE)
def get_subscription(call: Call, group: str, subscription: str) -> Response:
    """A subscription as a member of a group."""
    document = required(call.cloud, call.caller.tenant_id, group)
    for each in members(call.cloud, document):
        if each["id"] == subscription.lower():
            return Response(200, membership(document, each))
    raise not_found(
        "NotFound", f"The subscription '{subscription}' is not in the group '{document['name']}'."
    )


@routes.put(_ONE)
def put_subscription(call: Call, group: str, subscription: str) -> Response:
    """Move a subscription into a group; what is granted at the group holds for it from then on."""
    document = required(call.cloud, call.caller.tenant_id, group)
    return Response(200, membership(document, _move(call, subscription, document["name"])))


@routes.delete(_ONE)
def delete_subscription(call: Call, group: str, subscription: str) -> Response:
    """Take a subscription out of a group: it falls back to the root group."""
    document = required(call.cloud, call.caller.tenant_id, group)
    if all(each["id"] != subscription.lower() for each in members(call.cloud, document)):
        return Response(204)
    _move(call, subscription, call.caller.tenant_id)
    return Response(200)


def _move(call: Call, subscription: str, group: str) -> Document:
    document = call.cloud.store.get("subscriptions", subscription.lower())
    if document is None or document["tenantId"] != call.caller.tenant_id:
        raise subscription_not_found(subscription)
    call.require("Microsoft.Authorization/roleAssignments/write", f"/subscriptions/{document['id']}")
    document["managementGroup"] = group
    call.cloud.store.put("subscriptions", document["id"], document)
    return document
