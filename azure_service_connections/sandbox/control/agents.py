"""The agents that take the jobs of the sandbox's pipelines: what one is given, and how it ends its job."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.control import agent_identity
from azure_service_connections.sandbox.control.errors import body_of
from azure_service_connections.sandbox.devops import runs
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes

ROUTES = Routes()


class Completion(BaseModel):
    """How a job ended."""

    model_config = ConfigDict(extra="forbid")

    result: Literal["succeeded", "failed", "canceled"]


@ROUTES.get("/_sandbox/organizations/{organization}/runs/{run}/agent")
def show_variables(cloud: Cloud, request: Request, organization: str, run: str) -> Response:
    """The variables that the agent which takes the run's job is given, those of its machine included."""
    variables = runs.agent_variables(cloud, organization, run)
    return Response(body={"variables": {**variables, **agent_identity.variables(cloud, organization, run)}})


@ROUTES.post("/_sandbox/organizations/{organization}/runs/{run}/complete")
def complete(cloud: Cloud, request: Request, organization: str, run: str) -> Response:
    """End a run; its tokens stop working."""
    result = body_of(request, Completion).result
    ended = runs.complete(cloud, organization, run, result)
    return Response(body={"id": ended["id"], "state": ended["state"], "result": ended["result"]})
