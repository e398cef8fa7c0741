"""Subscriptions, the tenants behind them and the regions that they can use."""

import re

from azure_service_connections.sandbox.arm.calls import Call, decides_itself
from azure_service_connections.sandbox.arm.errors import bad_request, subscription_not_found
from azure_service_connections.sandbox.arm.locations import LOCATIONS
from azure_service_connections.sandbox.arm.scopes import Scope
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

COLLECTION = "subscriptions"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def tenant_of(cloud: Cloud, scope: Scope) -> str | None:
    """The tenant of the subscription that a scope lies in; None where there is no such subscription."""
    if scope.subscription is None:
        return None
    subscription = cloud.store.get(COLLECTION, scope.subscription.lower())
    return str(subscription["tenantId"]) if subscription else None


def check(cloud: Cloud, scope: Scope) -> None:
    """Raise 400 `InvalidSubscriptionId` or 404 `SubscriptionNotFound` where a scope names no subscription."""
    if scope.subscription is None:
        return
    if not _GUID.fullmatch(scope.subscription):
        raise bad_request(
            "InvalidSubscriptionId",
            f"The provided subscription identifier '{scope.subscription}' is malformed or invalid.",
        )
    if cloud.store.get(COLLECTION, scope.subscription.lower()) is None:
        raise subscription_not_found(scope.subscription)


@routes.get("/subscriptions")
@decides_itself
def list_subscriptions(call: Call) -> Response:
    """The subscriptions of the caller's tenant in which it has any role, at whatever level."""
    found = call.cloud.store.find(COLLECTION, tenantId=call.caller.tenant_id)
    readable = [each for each in found if call.rights.reach_into(f"/subscriptions/{each['id']}")]
    return Response(
        200,
        {
            "value": [_presented(each) for each in readable],
            "count": {"type": "Total", "value": len(readable)},
        },
    )


@routes.get("/subscriptions/{subscription}")
def get_subscription(call: Call, subscription: str) -> Response:
    """One subscription; the role has to hold at the subscription, one at a resource group does not do."""
    document = call.cloud.store.get(COLLECTION, subscription.lower())
    assert document is not None, "checked for every address"
    return Response(200, _presented(document))


@routes.get("/subscriptions/{subscription}/locations")
def list_locations(call: Call, subscription: str) -> Response:
    """The regions that a subscription can use."""
    return Response(
        200,
        {
            "value": [
                {
                    "id": f"/subscriptions/{subscription}/locations/{name}",
                    "name": name,
                    "type": "Region",
                    "displayName": display,
                    "regionalDisplayName": display,
                    "metadata": {"regionType": "Physical"},
                }
                for name, display in LOCATIONS.items()
            ]
        },
    )


@routes.get("/tenants")
@decides_itself
def list_tenants(call: Call) -> Response:
    """The tenant that the caller belongs to."""
    tenant = call.cloud.store.get("tenants", call.caller.tenant_id) or {}
    return Response(
        200,
        {
            "value": [
                {
                    "id": f"/tenants/{call.caller.tenant_id}",
                    "tenantId": call.caller.tenant_id,
                    "tenantCategory": "Home",
                    "displayName": tenant.get("name"),
                    "defaultDomain": tenant.get("domain"),
                    "domains": [tenant["domain"]] if tenant.get("domain") else [],
                    "tenantType": "AAD",
                }
            ]
        },
    )


def _presented(document: Document) -> Document:
    return {
        "id": f"/subscriptions/{document['id']}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": document["id"],
        "tenantId": document["tenantId"],
        "displayName": document["name"],
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
        **({"tags": document["tags"]} if document.get("tags") else {}),
    }
