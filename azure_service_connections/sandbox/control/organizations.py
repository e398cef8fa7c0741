"""What people do to an organization in its settings, and no address of Azure DevOps does."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.control.errors import ControlError, body_of
from azure_service_connections.sandbox.devops import organization_rename
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()


class NewName(BaseModel):
    """What an organization is to be called."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]


@ROUTES.post("/_sandbox/organizations/{organization}/rename")
def rename(cloud: Cloud, request: Request, organization: str) -> Response:
    """Rename an organization. 404 where there is none, 409 where another one has the name."""
    name = body_of(request, NewName).name
    held = cloud.store.get("organizations", organization.lower())
    if held is None:
        raise ControlError(404, "NotFound", f"There is no organization {organization}.")
    if name.lower() != organization.lower() and cloud.store.get("organizations", name.lower()):
        raise ControlError(409, "Conflict", f"There is an organization {name} already.")
    organization_rename.rename(cloud, held, name)
    return Response(body={"id": held["id"], "name": name})
