"""What the services were asked, for tests and measurements."""

from dataclasses import asdict

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()


@ROUTES.get("/_sandbox/requests")
def show(cloud: Cloud, request: Request) -> Response:
    """Every request with its answer's status, and their number by service; `service` narrows the list."""
    service = request.argument("service")
    entries = [asdict(entry) for entry in cloud.traffic.entries if service in (None, entry.service)]
    return Response(body={"counts": dict(cloud.traffic.counts), "value": entries})


@ROUTES.delete("/_sandbox/requests")
def forget(cloud: Cloud, request: Request) -> Response:
    """Start counting anew."""
    cloud.traffic.clear()
    return Response(204)
