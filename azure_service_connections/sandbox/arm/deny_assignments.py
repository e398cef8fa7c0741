"""The addresses of deny assignments, which Azure's API only shows: deployment stacks and managed applications
make them.

Source: Azure's REST API "Deny Assignments - List For Scope".
"""

from azure_service_connections.sandbox.arm import deny_assignment
from azure_service_connections.sandbox.arm.calls import Call
from azure_service_connections.sandbox.arm.errors import bad_request
from azure_service_connections.sandbox.arm.queries import clauses
from azure_service_connections.sandbox.arm.scopes import lineage, parse
from azure_service_connections.sandbox.entra import principals
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes

routes = Routes()

_ALL = "/providers/Microsoft.Authorization/denyAssignments"


@routes.get(_ALL)
@routes.get("/{*scope}" + _ALL)
def list_deny_assignments(call: Call, scope: str = "") -> Response:
    """The deny assignments at a scope, above it and below it.

    `$filter` takes `atScope()` (nothing below), `assignedTo('…')` (also through groups, and those against
    everybody), `principalId eq '…'` and `denyAssignmentName eq '…'`, joined by `and`.
    """
    place = parse(scope)
    above = set(lineage(call.cloud, call.caller.tenant_id, place.text))
    found = [
        each
        for each in call.cloud.store.find(deny_assignment.COLLECTION, tenantId=call.caller.tenant_id)
        if parse(each["scope"]).key in above
        or place.key in lineage(call.cloud, each["tenantId"], each["scope"])
    ]
    for left, value in clauses(call.request.argument("$filter")):
        if left.lower() == "atscope()":
            found = [each for each in found if parse(each["scope"]).key in above]
        elif left.lower() in ("assignedto()", "principalid"):
            groups = principals.groups_of(call.cloud, value) if left.lower() == "assignedto()" else ()
            holders = {value.lower(), *(group.lower() for group in groups)}
            found = [each for each in found if deny_assignment.stands_against(each, holders)]
        elif left.lower() == "denyassignmentname":
            found = [each for each in found if each["denyAssignmentName"] == value]
        else:
            raise bad_request(
                "UnsupportedQuery", f"The filter '{left}' is not supported for deny assignments."
            )
    return Response(200, {"value": [deny_assignment.presented(each) for each in found]})
