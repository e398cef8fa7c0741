"""State and time of the sandbox: health, reset, seed, dump, clock."""

import os
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.control.errors import ControlError, body_of
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.version import VERSION

ROUTES = Routes()

HIDDEN = ("signing-keys",)
"""Collections that no dump shows: with them anybody could sign as an issuer."""


@ROUTES.get("/_sandbox/health")
def health(cloud: Cloud, request: Request) -> Response:
    """That the sandbox answers, and which one it is."""
    return Response(body={"version": VERSION, "pid": os.getpid(), "url": cloud.url, **_holdings(cloud)})


@ROUTES.get("/_sandbox/operator")
def show_operator(cloud: Cloud, request: Request) -> Response:
    """What programs sign in as: tenantId, clientId, secret, organization, token; null for what is missing."""
    return Response(body=estate.operator(cloud))


@ROUTES.post("/_sandbox/seed")
def seed(cloud: Cloud, request: Request) -> Response:
    """Replace everything by the estate in the body (YAML). Refused with every mistake in it."""
    return _planted(cloud, request.body.decode("utf-8", "replace"))


@ROUTES.post("/_sandbox/reset")
def reset(cloud: Cloud, request: Request) -> Response:
    """Forget everything that happened since the estate was planted, faults and time included."""
    held = cloud.store.get("settings", "estate")
    return _planted(cloud, held["text"] if held else estate.sample())


@ROUTES.get("/_sandbox/dump")
def dump(cloud: Cloud, request: Request) -> Response:
    """Everything that the services hold, or one `collection` of it."""
    everything = {name: held for name, held in cloud.store.dump().items() if name not in HIDDEN}
    wanted = request.argument("collection")
    return Response(body=everything if wanted is None else everything.get(wanted, {}))


class ClockChange(BaseModel):
    """How to move the sandbox's time; exactly one key."""

    model_config = ConfigDict(extra="forbid")

    advance: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """Seconds to go on (or, negative, back)."""
    offset: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """Seconds to be ahead of the machine; 0 is the machine's own time."""
    now: AwareDatetime | None = None
    """The time that it is to be, such as `2027-01-31T12:00:00Z`."""

    @model_validator(mode="after")
    def _one_key(self) -> "ClockChange":
        if sum(each is not None for each in (self.advance, self.offset, self.now)) != 1:
            raise ValueError("write exactly one of advance, offset and now")
        return self


@ROUTES.get("/_sandbox/clock")
def show_clock(cloud: Cloud, request: Request) -> Response:
    """The sandbox's time and by how many seconds it is ahead of the machine's."""
    return Response(body={"now": cloud.clock.text(), "offset": cloud.clock.offset})


@ROUTES.post("/_sandbox/clock")
def change_clock(cloud: Cloud, request: Request) -> Response:
    """Move the sandbox's time."""
    change = body_of(request, ClockChange)
    before = cloud.clock.offset
    if change.advance is not None:
        offset = before + change.advance
    elif change.offset is not None:
        offset = change.offset
    else:
        assert change.now is not None
        offset = (change.now - datetime.now(UTC)).total_seconds()
    cloud.clock.advance(offset - before)
    try:
        cloud.clock.now()
    except OverflowError:
        raise ControlError(400, "InvalidBody", "the sandbox's time: lies beyond the calendar") from None
    return show_clock(cloud, request)


def _planted(cloud: Cloud, text: str) -> Response:
    try:
        estate.replant(cloud, text)
    except EstateError as error:
        raise ControlError(400, "InvalidEstate", str(error)) from None
    return Response(body=_holdings(cloud))


def _holdings(cloud: Cloud) -> dict[str, Any]:
    collections = ("tenants", "subscriptions", "applications", "organizations", "projects", "pipelines")
    return {name: len(cloud.store.keys(name)) for name in collections}
