"""Faults on request: latency, throttling, failing answers, slow replication."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.control.errors import body_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()

ServiceName = Literal["entra", "graph", "arm", "devops"]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class Body(BaseModel):
    """A body whose unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class Latency(Body):
    """How long every answer waits."""

    seconds: Seconds


class Throttle(Body):
    """How many requests a second a service takes before it answers 429."""

    service: ServiceName
    requests_per_second: Annotated[int, Field(ge=0)]
    """0 lifts the limit."""
    retry_after: Annotated[int, Field(ge=0)] = 1
    """Seconds that the answer tells the client to wait."""


class Failure(Body):
    """Which of the next requests fail, and how."""

    service: ServiceName | Literal["*"]
    status: Annotated[int, Field(ge=400, le=599)]
    count: Annotated[int, Field(ge=1)] = 1
    retry_after: Annotated[int, Field(ge=0)] | None = None
    method: str = ""
    """Only requests with this method."""
    path: str = ""
    """Only requests in whose path this regular expression is found, without regard to case."""
    after: bool = False
    """Carry the request out and lose its answer."""

    @field_validator("path")
    @classmethod
    def _pattern(cls, path: str) -> str:
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"is not a regular expression ({error})") from None
        return path


class Visibility(Body):
    """How slowly new things of a kind can be found."""

    kind: Literal[
        "applications",
        "service-principals",
        "federated-credentials",
        "role-assignments",
        "operations",
        "endpoints",
        "conversions",
        "migrations",
    ]
    """`operations` are Azure's long-running ones. An endpoint is a service connection that is not ready, a
    conversion one that is not ready again after its scheme changed, a migration one that still has its
    old issuer.
    """
    reads: Annotated[int, Field(ge=0)]
    """So many reads in vain come first."""


@ROUTES.get("/_sandbox/latency")
def show_latency(cloud: Cloud, request: Request) -> Response:
    """Seconds that every answer waits."""
    return Response(body={"seconds": cloud.faults.latency})


@ROUTES.post("/_sandbox/latency")
def set_latency(cloud: Cloud, request: Request) -> Response:
    """Let every answer of the services wait."""
    cloud.faults.set_latency(body_of(request, Latency).seconds)
    return show_latency(cloud, request)


@ROUTES.post("/_sandbox/throttle")
def set_throttle(cloud: Cloud, request: Request) -> Response:
    """Limit the requests a second of a service."""
    throttle = body_of(request, Throttle)
    cloud.faults.set_throttle(throttle.service, throttle.requests_per_second, throttle.retry_after)
    return Response(body=throttle.model_dump(by_alias=True))


@ROUTES.post("/_sandbox/fail-next")
def fail_next(cloud: Cloud, request: Request) -> Response:
    """Let the next requests of a service fail."""
    failure = body_of(request, Failure)
    cloud.faults.fail_next(**failure.model_dump())
    return Response(body=failure.model_dump(by_alias=True))


@ROUTES.post("/_sandbox/visible-after")
def set_visibility(cloud: Cloud, request: Request) -> Response:
    """Let new things of a kind be found only after so many reads."""
    visibility = body_of(request, Visibility)
    cloud.faults.set_visibility(visibility.kind, visibility.reads)
    return Response(body=visibility.model_dump(by_alias=True))


@ROUTES.get("/_sandbox/faults")
def show(cloud: Cloud, request: Request) -> Response:
    """The failures that have not happened yet, in order."""
    return Response(body={"value": cloud.store.find("faults")})


@ROUTES.delete("/_sandbox/faults")
def lift(cloud: Cloud, request: Request) -> Response:
    """Lift every fault."""
    cloud.faults.clear()
    return Response(204)
