"""Resource providers and their registration in a subscription.

All are registered from the start; one that is unregistered refuses to make resources until it is registered
again, which is how a client's own registration can be seen at work.
"""

from azure_service_connections.sandbox.arm.addresses import spelled
from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.errors import conflict
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

COLLECTION = "provider-registrations"
_KNOWN = {
    "Microsoft.Authorization": ("roleAssignments", "roleDefinitions"),
    "Microsoft.MachineLearningServices": ("workspaces",),
    "Microsoft.ManagedIdentity": (
        "userAssignedIdentities",
        "userAssignedIdentities/federatedIdentityCredentials",
    ),
    "Microsoft.Management": ("managementGroups",),
    "Microsoft.Resources": ("resourceGroups", "subscriptions", "tags"),
    "Microsoft.Storage": ("storageAccounts",),
}
"""Resource types that the list shows; any other namespace exists as well, without listed types."""


def registered(cloud: Cloud, subscription: str, namespace: str) -> None:
    """Raise 409 `MissingSubscriptionRegistration` where a namespace is not registered in a subscription."""
    if _state(cloud, subscription, namespace) != "Registered":
        raise conflict(
            "MissingSubscriptionRegistration",
            f"The subscription is not registered to use namespace '{namespace}'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions.",
        )


@routes.get("/subscriptions/{subscription}/providers")
def list_providers(call: Call, subscription: str) -> Response:
    """The resource providers that the sandbox knows by name."""
    return Response(200, {"value": [_presented(call.cloud, subscription, each) for each in _KNOWN]})


@routes.get("/subscriptions/{subscription}/providers/{namespace}")
def get_provider(call: Call, subscription: str, namespace: str) -> Response:
    """One resource provider and whether it is registered."""
    return Response(200, _presented(call.cloud, subscription, namespace))


@routes.post("/subscriptions/{subscription}/providers/{namespace}/register")
def register(call: Call, subscription: str, namespace: str) -> Response:
    """Register a resource provider; done at once."""
    call.cloud.store.remove(COLLECTION, _key(subscription, namespace))
    return Response(200, _presented(call.cloud, subscription, namespace))


@routes.post("/subscriptions/{subscription}/providers/{namespace}/unregister")
def unregister(call: Call, subscription: str, namespace: str) -> Response:
    """Unregister a resource provider; resources that exist stay."""
    call.cloud.store.put(COLLECTION, _key(subscription, namespace), {"state": "Unregistered"})
    return Response(200, _presented(call.cloud, subscription, namespace))


def _presented(cloud: Cloud, subscription: str, namespace: str) -> Document:
    name = spelled(namespace)
    return {
        "id": f"/subscriptions/{subscription}/providers/{name}",
        "namespace": name,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": _state(cloud, subscription, namespace),
        "resourceTypes": [
            {"resourceType": kind, "locations": [], "apiVersions": []} for kind in _KNOWN.get(name, ())
        ],
    }


def _state(cloud: Cloud, subscription: str, namespace: str) -> str:
    document = cloud.store.get(COLLECTION, _key(subscription, namespace))
    return str(document["state"]) if document is not None else "Registered"


def _key(subscription: str, namespace: str) -> str:
    return f"{subscription}/{namespace}".lower()
