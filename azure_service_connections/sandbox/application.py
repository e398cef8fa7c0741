"""The sandbox as an ASGI application: finds the service that a request is for, and answers for it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from azure_service_connections.sandbox.app_service import service as app_service
from azure_service_connections.sandbox.arm import service as arm
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.control import service as control
from azure_service_connections.sandbox.devops import service as devops
from azure_service_connections.sandbox.entra import service as entra
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class Service:
    """One service of the cloud: which requests are its own, and how it answers them."""

    name: str
    owns: Callable[[Cloud, Request], bool]
    handle: Callable[[Cloud, Request], Response | None]
    failure: Callable[[int, int | None], Response]


SERVICES = (
    Service("app-service", app_service.owns, app_service.handle, app_service.failure),
    Service("control", control.owns, control.handle, control.failure),
    Service("graph", entra.owns_graph, entra.handle_graph, entra.graph_failure),
    Service("arm", arm.owns, arm.handle, arm.failure),
    Service("devops", devops.owns, devops.handle, devops.failure),
    Service("entra", entra.owns_sign_in, entra.handle_sign_in, entra.sign_in_failure),
)
"""In the order in which they are asked; the sign-in service owns what is left under a tenant's name."""


def create_application(cloud: Cloud) -> Starlette:
    """The ASGI application that serves one cloud."""

    async def answer(http: HttpRequest) -> HttpResponse:
        request = Request(
            http.method,
            http.scope["raw_path"].decode("ascii", "replace").split("?")[0],
            dict(http.query_params),
            {name.lower(): value for name, value in http.headers.items()},
            await http.body(),
        )
        try:
            response = await _answer(cloud, request)
        except Exception:
            logging.exception("%s %s failed", request.method, request.path)
            response = own_fault(request)
        headers = {"Content-Type": "application/json; charset=utf-8", **response.headers}
        content = b"" if request.method == "HEAD" else response.content()
        if not content:
            headers.pop("Content-Type")
        return HttpResponse(content, status_code=response.status, headers=headers)

    return Starlette(routes=[Route("/{path:path}", answer, methods=_METHODS)])


async def _answer(cloud: Cloud, request: Request) -> Response:
    service = next((service for service in SERVICES if service.owns(cloud, request)), None)
    if service is None:
        return unknown_route(request)
    if service.name == "control":
        return answer_once(cloud, service, request)
    if cloud.faults.latency:
        await asyncio.sleep(cloud.faults.latency)
    retry_after = cloud.faults.throttled(service.name)
    if retry_after is None:
        response = await _unless_under_way(cloud, service, request)
    else:
        response = service.failure(429, retry_after)
    cloud.traffic.record(cloud.clock.text(), service.name, request, response.status)
    return response


async def _unless_under_way(cloud: Cloud, service: Service, request: Request) -> Response:
    guarded = arm.guarded_write(request)
    if guarded is None:
        return answer_once(cloud, service, request)
    # Azure refuses a write of a federated credential while another one of the same identity is under way.
    with arm.write_under_way(cloud, guarded) as alone:
        if not alone:
            return arm.concurrent_write_refusal(guarded)
        await asyncio.sleep(arm.WRITE_SECONDS)
        return answer_once(cloud, service, request)


def answer_once(cloud: Cloud, service: Service, request: Request) -> Response:
    """Carry one request out as one transaction, with the faults that are set for it."""
    failure = cloud.faults.take(service.name, request, after=False)
    if failure is not None:
        return service.failure(failure.status, failure.retry_after)
    try:
        with cloud.store.transaction():
            response = service.handle(cloud, request)
    except ServiceError as error:
        return error.response()
    if response is None:
        return unknown_route(request)
    failure = cloud.faults.take(service.name, request, after=True)
    return response if failure is None else service.failure(failure.status, failure.retry_after)


def own_fault(request: Request) -> Response:
    """What the sandbox says where it failed itself; its log tells more."""
    return Response(
        500,
        {
            "error": {
                "code": "SandboxFault",
                "message": f"The sandbox failed at {request.method} {request.path}; see its sandbox.log.",
            }
        },
    )


def unknown_route(request: Request) -> Response:
    """What the sandbox says of an address that it does not serve."""
    return Response(
        501,
        {
            "error": {
                "code": "SandboxRouteMissing",
                "message": f"The sandbox does not serve {request.method} {request.path}.",
            }
        },
    )
