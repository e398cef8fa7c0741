"""Operations that go on after their request is answered, and the addresses at which clients ask how they go.

The work itself is done at once; only its end is told later. `cloud.faults.set_visibility("operations", n)`
lets the first n questions find it still running.
"""

from collections.abc import Mapping
from urllib.parse import quote

from azure_service_connections.sandbox.arm.calls import Call, decides_itself
from azure_service_connections.sandbox.arm.errors import not_found
from azure_service_connections.sandbox.arm.scopes import parse
from azure_service_connections.sandbox.message import Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

routes = Routes()

COLLECTION = "operations"
RETRY_SECONDS = 1
"""What `Retry-After` asks for while an operation runs."""


def accepted(call: Call, outcome: Mapping[str, object] | None, *, status_document: bool = True) -> Response:
    """The answer 202 to a long-running request: `Location` and, if asked, `Azure-AsyncOperation`.

    `outcome` is what the `Location` answers in the end; None stands for an empty answer.
    """
    scope = parse(call.address.scope)
    base = f"/subscriptions/{scope.subscription}" if scope.subscription else "/providers/Microsoft.Management"
    identifier = call.cloud.identifiers.guid("operation", f"{call.request.method} {scope.key}")
    call.cloud.store.put(
        COLLECTION,
        identifier,
        {
            "id": identifier,
            "tenantId": call.caller.tenant_id,
            "startTime": call.cloud.clock.text(),
            "outcome": dict(outcome) if outcome is not None else None,
        },
    )
    call.cloud.faults.created(COLLECTION, identifier)
    version = quote(call.request.argument("api-version") or "", safe="")
    headers = {
        "Location": f"{call.cloud.url}{base}/operationresults/{identifier}?api-version={version}",
        "Retry-After": str(RETRY_SECONDS),
    }
    if status_document:
        headers["Azure-AsyncOperation"] = (
            f"{call.cloud.url}{base}/operationstatuses/{identifier}?api-version={version}"
        )
    return Response(202, None, headers)


@routes.get("/subscriptions/{subscription}/operationresults/{operation}")
@routes.get("/providers/Microsoft.Management/operationresults/{operation}")
@decides_itself
def result(call: Call, operation: str, subscription: str = "") -> Response:
    """202 while an operation runs, then 200 with what it made. Any caller of the tenant may ask."""
    document = _find(call, operation)
    if not call.cloud.faults.visible(COLLECTION, document["id"]):
        address = f"{call.cloud.url}{call.request.path}?api-version={call.request.argument('api-version')}"
        return Response(202, None, {"Location": address, "Retry-After": str(RETRY_SECONDS)})
    return Response(200, document["outcome"])


@routes.get("/subscriptions/{subscription}/operationstatuses/{operation}")
@routes.get("/providers/Microsoft.Management/operationstatuses/{operation}")
@decides_itself
def status(call: Call, operation: str, subscription: str = "") -> Response:
    """The state of an operation: `InProgress`, then `Succeeded`. Any caller of the tenant may ask."""
    document = _find(call, operation)
    done = call.cloud.faults.visible(COLLECTION, document["id"])
    body = {
        "id": call.request.path,
        "name": document["id"],
        "status": "Succeeded" if done else "InProgress",
        "startTime": document["startTime"],
        **({"endTime": call.cloud.clock.text()} if done else {}),
    }
    return Response(200, body, {} if done else {"Retry-After": str(RETRY_SECONDS)})


def _find(call: Call, operation: str) -> Document:
    document = call.cloud.store.get(COLLECTION, operation.lower())
    if document is None or document["tenantId"] != call.caller.tenant_id:
        raise not_found("OperationNotFound", f"The operation '{operation}' could not be found.")
    return document
