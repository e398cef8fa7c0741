"""The address of what the caller itself may do at a scope."""

from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.scopes import parse
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes

routes = Routes()


@routes.get("/{*scope}/providers/Microsoft.Authorization/permissions")
def list_permissions(call: Call, scope: str) -> Response:
    """What each of the caller's roles permits here, those of its groups included.

    Source: Azure's REST API, "Permissions - List For Resource".
    """
    return Response(200, {"value": call.rights.permissions_at(parse(scope).text)})
